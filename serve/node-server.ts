import {createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES} from 'node:http';
import type {Socket} from 'node:net';
import {getRequestListener} from '@hono/node-server';
import type {Hono} from 'hono';
import type {FastPath} from './fast-predict.ts';
import {baseHeaders, type ErrorCode, formatProblem} from './reply.ts';
import {chooseRequestId} from './request-id.ts';

export type NodeServerOptions = {
  newRequestId: () => string;
  modelVersion: string;
  onBadRequest?: ((id: string, reason: string) => void) | undefined;
  /** Answers the usual requests before the app is asked. */
  fastPath?: FastPath;
};

/** Deadlines of a connection: generous to slow links, but an attacker holds a socket for a minute at most. */
const timeouts = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  // Longer than the 60 s after which common load balancers drop idle connections: they must be the first to.
  keepAliveTimeout: 65_000,
  // Node looks for late headers and requests this often; by default only every 30 s.
  connectionsCheckingInterval: 5_000,
};

/**
 * Puts an app behind `node:http`, without listening.
 *
 * Requests that never reach the app (broken HTTP, no Host, too late) are answered here, in the app's own shape
 * and with its headers.
 */
export function createNodeServer(app: Pick<Hono, 'fetch'>, options: NodeServerOptions): Server {
  const {newRequestId, modelVersion, onBadRequest, fastPath} = options;

  const listener = getRequestListener(app.fetch, {
    // A request without Host may be HTTP/1.0, the language of simple health checks.
    hostname: 'localhost',
    errorHandler: error => {
      const {id, status, headers, body} = refuseHttp(400, 'malformed_request', undefined);
      onBadRequest?.(id, error instanceof Error ? error.message : 'not an error');
      return new Response(body, {status, headers});
    },
  });

  const server = createServer({...timeouts, requireHostHeader: false}, onRequest);
  // Unknown expectations are ignored, as HTTP allows; by default Node answers 417 without our headers.
  server.on('checkExpectation', onRequest);
  server.on('clientError', onClientError);
  return server;

  function onRequest(incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (incoming.headers.host === undefined && incoming.httpVersion === '1.1') {
      const sent = incoming.headers['x-request-id'];
      const {id, status, headers, body} = refuseHttp(
        400,
        'malformed_request',
        typeof sent === 'string' ? sent : undefined,
      );
      onBadRequest?.(id, 'no Host header');
      outgoing.writeHead(status, headers).end(body);
      return;
    }
    const ask = () => void listener(incoming, outgoing);
    if (!fastPath?.(incoming, outgoing, ask)) ask();
  }

  function onClientError(
    error: NodeJS.ErrnoException,
    socket: Socket & {_httpMessage?: ServerResponse},
  ): void {
    // As Node's own handler: nothing can be said to a closed connection or amid another response.
    if (!socket.writable || socket._httpMessage?.headersSent) {
      socket.destroy(error);
      return;
    }
    const [code, status] = clientErrors[error.code ?? ''] ?? clientErrors.default;
    const {id, headers, body} = refuseHttp(status, code, undefined);
    onBadRequest?.(id, error.code ?? error.message);
    const head = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`);
    // Closing at once would reset the connection while its sender is still writing, and lose the answer.
    setTimeout(() => socket.destroy(), 1_000).unref();
  }

  function refuseHttp(status: number, code: keyof typeof refusals, sentId: string | undefined) {
    const id = chooseRequestId(sentId, newRequestId);
    const body = formatProblem({code, message: refusals[code], fields: []});
    const headers = {
      ...baseHeaders(id, modelVersion),
      connection: 'close',
      'content-length': String(Buffer.byteLength(body)),
    };
    return {id, status, body, headers};
  }
}

const refusals = {
  malformed_request: 'This is not a well-formed HTTP request.',
  request_timeout: 'The request took too long to arrive.',
  headers_too_large: 'The headers of the request are too large.',
} satisfies Partial<Record<ErrorCode, string>>;

const clientErrors: Record<string, [keyof typeof refusals, number]> & {
  default: [keyof typeof refusals, number];
} = {
  HPE_HEADER_OVERFLOW: ['headers_too_large', 431],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 408],
  default: ['malformed_request', 400],
};
