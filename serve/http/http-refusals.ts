import {type IncomingMessage, STATUS_CODES} from 'node:http';
import type {Cors} from '../access/cors.ts';
import {type Problem, refuse} from '../rows/problem.ts';
import {createBaseHeaders, formatProblem} from './reply.ts';
import {chooseRequestId} from './request-id.ts';

/** An answer that the app had no part in. */
export type Refused = {
  id: string;
  /** Empty where no request was understood. */
  method: string;
  status: number;
  /** Never a part of the request. */
  reason: string;
};

export type RefusalOptions = {
  newRequestId: () => string;
  modelVersion: string;
  onRefused?: ((refused: Refused) => void) | undefined;
  cors?: Cors | undefined;
};

/** Writes the answers that the app has no part in, in its shape and with its headers, and reports each. */
export type RefusalWriter = {
  /** @param incoming the request, where one was understood. */
  describe(
    problem: Problem,
    reason: string,
    incoming: IncomingMessage | undefined,
  ): {status: number; headers: Record<string, string>; body: string};
  /** The same as the bytes of a response that closes, for a connection that is past any `ServerResponse`. */
  write(problem: Problem, reason: string, incoming: IncomingMessage | undefined): string;
};

export const malformed = refuse(400, 'malformed_request', 'This is not a well-formed HTTP request.');
export const late = refuse(408, 'request_timeout', 'The request took too long to arrive.');
export const noTunnel = refuse(405, 'method_not_allowed', 'This server opens no tunnels.', {
  headers: {allow: 'GET, HEAD, POST'},
});

const byCode: Record<string, Problem> = {
  HPE_HEADER_OVERFLOW: refuse(431, 'headers_too_large', 'The headers of the request are too large.'),
  ERR_HTTP_REQUEST_TIMEOUT: late,
};

/** Explains why Node's parser gave up a request. */
export function explainClientError({code = ''}: NodeJS.ErrnoException): Problem {
  return byCode[code] ?? malformed;
}

export function createRefusalWriter({
  newRequestId,
  modelVersion,
  onRefused,
  cors,
}: RefusalOptions): RefusalWriter {
  return {
    describe,
    write(problem, reason, incoming) {
      const {status, headers, body} = describe(problem, reason, incoming);
      const head = Object.entries({...headers, connection: 'close'})
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('');
      return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`;
    },
  };

  function describe(
    {status, problem, headers}: Problem,
    reason: string,
    incoming: IncomingMessage | undefined,
  ) {
    const sent = incoming?.headers['x-request-id'];
    const id = chooseRequestId(typeof sent === 'string' ? sent : undefined, newRequestId);
    const body = formatProblem(problem);
    onRefused?.({id, method: incoming?.method ?? '', status, reason});
    const length = {'content-length': String(Buffer.byteLength(body))};
    const all = {...createBaseHeaders(id, modelVersion), ...length, ...headers};
    cors?.addTo(all, incoming?.headers.origin);
    return {status, body, headers: all};
  }
}
