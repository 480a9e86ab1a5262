import {Ajv2020, type ValidateFunction} from 'ajv/dist/2020.js';
import type {Hono} from 'hono';

/** The parts of an OpenAPI document that tests look at. */
type OpenApiDocument = {
  openapi: string;
  info: {title: string; version: string; description: string};
  servers: {url: string}[];
  tags: {name: string}[];
  paths: Record<string, PathItem>;
  security: object[];
  components: {
    securitySchemes: Record<string, object>;
    responses: Record<string, DocumentedResponse>;
    schemas: Record<string, unknown>;
  };
};

type PathItem = Partial<Record<'get' | 'post', DocumentedOperation>>;

type DocumentedOperation = {
  operationId: string;
  security?: object[];
  tags: string[];
  parameters?: {name: string; in: string}[];
  requestBody?: {content: Contents};
  responses: Record<string, DocumentedResponse | {$ref: string}>;
};

type DocumentedResponse = {headers: Record<string, unknown>; content: Contents};

type Contents = Record<string, {schema: object; examples?: Record<string, {value: unknown}>}>;

/** A document with what it takes to hold requests and responses to it. */
export type ReadDocument = {
  document: OpenApiDocument;
  /** Every operation, in the document's order. */
  operations: {method: 'GET' | 'POST'; path: string; operation: DocumentedOperation}[];
  /** The validator of a schema in the document. */
  compile: (schema: object) => ValidateFunction;
  /** What an operation answers with a status; undefined where the document does not say. */
  findResponse: (operation: DocumentedOperation, status: number) => DocumentedResponse | undefined;
  /** What is wrong with a response, by the document: nothing, or a sentence. */
  findFault: (operation: DocumentedOperation, response: Response, body: string) => string | undefined;
};

/** Asks a server for its document. */
export async function readDocument(app: Pick<Hono, 'request'>): Promise<ReadDocument> {
  const document = (await (await app.request('/openapi.json')).json()) as OpenApiDocument;
  // A feature may have the name of a member that every object has.
  const ajv = new Ajv2020({strict: false, ownProperties: true, allErrors: true});
  ajv.addSchema(document, 'document');
  const compiled = new Map<string, ValidateFunction>();

  const compile = (schema: object): ValidateFunction => {
    const key = JSON.stringify(schema);
    const known =
      compiled.get(key) ?? ajv.compile('$ref' in schema ? {$ref: `document${schema.$ref}`} : schema);
    compiled.set(key, known);
    return known;
  };

  const findResponse: ReadDocument['findResponse'] = ({responses}, status) => {
    const response = responses[status];
    if (response === undefined || !('$ref' in response)) return response;
    return document.components.responses[response.$ref.split('/').at(-1) ?? ''];
  };

  return {
    document,
    operations: Object.entries(document.paths).flatMap(([path, {get, post}]) => [
      ...(get === undefined ? [] : [{method: 'GET' as const, path, operation: get}]),
      ...(post === undefined ? [] : [{method: 'POST' as const, path, operation: post}]),
    ]),
    compile,
    findResponse,
    findFault(operation, response, body) {
      const documented = findResponse(operation, response.status);
      if (documented === undefined) return `status ${response.status} is not in the document: ${body}`;
      for (const name of response.headers.keys()) {
        if (!framing.has(name) && !Object.hasOwn(documented.headers, name))
          return `the header ${name} is not in the document`;
      }
      for (const name of ['x-request-id', 'x-model-version']) {
        if (!response.headers.has(name)) return `the header ${name} is missing`;
      }
      if (response.status === 304) return body === '' ? undefined : 'a 304 has a body';
      const type = response.headers.get('content-type') ?? '';
      const found = Object.entries(documented.content).find(([name]) => mediaType(name) === mediaType(type));
      if (found === undefined) return `the media type ${type} is not in the document`;
      const validate = compile(found[1].schema);
      if (validate(mediaType(type) === 'application/json' ? JSON.parse(body) : body)) return undefined;
      return `${body} is not as documented: ${ajv.errorsText(validate.errors)}`;
    },
  };
}

/** Headers of HTTP itself, which OpenAPI leaves out. */
const framing = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'vary',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'date',
]);

function mediaType(contentType: string): string {
  return contentType.split(';', 1)[0]?.trim() ?? '';
}
