import * as z from 'zod/mini';
import type {Operation} from '../http/route.ts';
import type {ErrorCode} from '../rows/problem.ts';
import {describe} from '../rows/schemas.ts';
import type {JsonSchema, SchemaNames} from './openapi-schemas.ts';

/** The error responses of an OpenAPI document, shared by the operations that have the same. */
export type Problems = {
  /** Gives the error responses of an operation, by status; `group` names those of a shape of their own, `more` are statuses besides its own. */
  refer(operation: Operation, group: string, more: readonly number[]): JsonSchema;
  /** Gives those that were referred to, by name. */
  list(): Record<string, JsonSchema>;
};

/** The headers of every response. */
export const commonHeaders = {
  'x-request-id': {$ref: '#/components/headers/RequestId'},
  'x-model-version': {$ref: '#/components/headers/ModelVersion'},
  traceresponse: {$ref: '#/components/headers/TraceResponse'},
};

/** Starts with no responses. */
export function createProblems(names: SchemaNames): Problems {
  const common = createProblemSchema();
  const responses: Record<string, JsonSchema> = {};

  return {
    list: () => responses,
    refer({problems, problemSchema}, group, more) {
      const family = problemSchema === undefined ? '' : group.replace(/[^A-Za-z0-9]/g, '');
      const {$ref} = names.refer(problemSchema ?? common, `${family}Error`);
      const content = {'application/json': {schema: {$ref}}};
      const statusesOf = [...problems, ...more, 500].map(status => {
        const codes = problemSchema === undefined ? `; \`code\` is ${listCodes(status).join(' or ')}` : '';
        const description = `${reasons[status] ?? 'The request is refused'}${codes}`;
        return [status, add(`${family}Error${status}`, description, content, headersOf[status])];
      });
      const others = add(
        'OtherError',
        'A refusal before this operation is reached, such as 400, 408, 429, 431 or 503 when there is too much to do',
        {'application/json': {schema: names.refer(common, 'Error')}},
        headersOf[503],
      );
      return {...Object.fromEntries(statusesOf), '4XX': others, default: others};
    },
  };

  function add(name: string, description: string, content: JsonSchema, headers: JsonSchema = {}) {
    responses[name] ??= {description, headers: {...commonHeaders, ...headers}, content};
    return {$ref: `#/components/responses/${name}`};
  }
}

/** The body of an error on every route that has no other. */
function createProblemSchema(): z.ZodMiniType {
  return z.strictObject({
    error: z.strictObject({
      code: describe(z.enum(Object.keys(statuses)), {description: 'For programs'}),
      message: describe(z.string(), {description: 'For people'}),
      fields: describe(z.array(z.strictObject({path: z.string(), message: z.string()})), {
        description: 'The first 20 values at fault: where each is in the request, and what was expected',
      }),
    }),
  });
}

function listCodes(status: number): string[] {
  return Object.entries(statuses)
    .filter(([, of]) => of === status)
    .map(([code]) => code);
}

const statuses = {
  malformed_json: 400,
  malformed_csv: 400,
  malformed_encoding: 400,
  malformed_request: 400,
  incomplete_body: 400,
  invalid_input: 400,
  unauthorized: 401,
  certificate_required: 403,
  not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  body_too_large: 413,
  line_too_long: 413,
  too_many_rows: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  headers_too_large: 431,
  internal_error: 500,
  starting: 503,
  draining: 503,
  overloaded: 503,
  too_many_connections: 503,
} satisfies Record<ErrorCode, number>;

const reasons: Record<number, string> = {
  400: 'The request cannot be read, or is not what this model expects',
  401: 'The request has no key, or one that is not known',
  403: 'The connection has shown no certificate that is trusted here',
  404: 'Nothing is here',
  413: 'The body is too large, or has too many rows',
  415: 'The body has a media type that is not read here, or is packed otherwise than with gzip or deflate',
  429: 'Too many requests at a time',
  500: 'The server failed; its log has the reason, under the id of the request',
  503: 'The server is starting, shutting down or has too much to do',
};

const headersOf: Record<number, JsonSchema> = {
  401: {'www-authenticate': {$ref: '#/components/headers/Challenge'}},
  415: {'accept-encoding': {$ref: '#/components/headers/AcceptEncoding'}},
  429: {'retry-after': {$ref: '#/components/headers/RetryAfter'}},
  503: {'retry-after': {$ref: '#/components/headers/RetryAfter'}},
};
