import {createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES} from 'node:http';
import type {Socket} from 'node:net';
import type {Hono} from 'hono';
import {defaultLimits} from './config.ts';
import {type Connection, type Connections, trackConnections} from './connections.ts';
import {type Deadlines, defaultDeadlines, watchDeadlines} from './deadlines.ts';
import type {FastPath} from './fast-path.ts';
import {countSockets, createGate, type Limits, refusals} from './limits.ts';
import {baseHeaders, formatProblem, type Problem, refuse} from './reply.ts';
import {chooseRequestId} from './request-id.ts';

export type NodeServerOptions = {
  newRequestId: () => string;
  modelVersion: string;
  limits?: Limits;
  deadlines?: Partial<Deadlines>;
  /** Called for each answer that the app had no part in. */
  onRefused?: ((refused: Refused) => void) | undefined;
  /** Answers the usual requests before the app is asked. */
  fastPath?: FastPath;
};

export type Refused = {
  id: string;
  /** Empty where no request was understood. */
  method: string;
  status: number;
  /** Never a part of the request. */
  reason: string;
};

export type NodeServer = Server & {
  connections: Connections;
  /** Lets the requests that arrive wait; what is returned ends that. */
  holdRequests: () => () => void;
};

/**
 * Gives the app when it is first needed. Hono and its adapter bring Node's `fetch` with them, which takes 30 ms of
 * the start and 6 MiB: a server that the fast path keeps busy does without.
 */
export type LoadApp = () => Promise<Pick<Hono, 'fetch'>>;

type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => unknown;

/**
 * Puts an app behind `node:http`, without listening.
 *
 * Requests that never reach the app (broken HTTP, no Host, too late, too many) are answered here, in the app's own
 * shape and with its headers.
 */
export function createNodeServer(loadApp: LoadApp, options: NodeServerOptions): NodeServer {
  const {newRequestId, modelVersion, limits = defaultLimits, onRefused, fastPath} = options;
  const deadlines = {...defaultDeadlines, ...options.deadlines};

  let listener: Listener | undefined;
  let loading: Promise<void> | undefined;
  const server = createServer(
    {
      requireHostHeader: false,
      headersTimeout: deadlines.headersMs,
      // Not for bodies: a stream of lines takes as long as it likes. See `watchDeadlines`.
      requestTimeout: 0,
      keepAliveTimeout: deadlines.keepAliveMs,
      connectionsCheckingInterval: deadlines.checkMs,
    },
    onRequest,
  );
  // A client may say that it has sent all, and wait for the answer.
  Object.assign(server, {httpAllowHalfOpen: true});
  server.maxConnections = countSockets(limits);
  // Unknown expectations are ignored, as HTTP allows; by default Node answers 417 without our headers.
  server.on('checkExpectation', onRequest);
  server.on('clientError', onClientError);
  server.on('connect', onConnect);
  const connections = trackConnections(server, limits.maxConnections);
  const gate = createGate(connections, limits, connection => {
    refuseRest(connection, refusals.memory, 'too much is buffered');
  });
  watchDeadlines(server, connections, deadlines, connection => {
    if (connection.incoming?.complete) connection.socket.destroy();
    else refuseRest(connection, late, 'the body took too long');
  });
  let held: (() => void)[] | undefined;
  return Object.assign(server, {connections, holdRequests});

  function holdRequests(): () => void {
    const waiting: (() => void)[] = [];
    held = waiting;
    return () => {
      held = undefined;
      for (const serve of waiting) serve();
    };
  }

  function onRequest(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const connection = connections.note(incoming, outgoing);
    const problem = gate.admit(connection, incoming) ?? (isHostSane(incoming) ? undefined : malformed);
    if (problem !== undefined) {
      answerRefused(connection, incoming, outgoing, problem);
      return;
    }
    if (held === undefined) serve(incoming, outgoing);
    else held.push(() => serve(incoming, outgoing));
  }

  function serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const ask = () => askApp(incoming, outgoing);
    if (!fastPath?.(incoming, outgoing, ask)) ask();
  }

  function askApp(incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (listener !== undefined) {
      void listener(incoming, outgoing);
      return;
    }
    loading ??= loadListener();
    void loading.then(() => listener?.(incoming, outgoing));
  }

  async function loadListener(): Promise<void> {
    const [{getRequestListener}, app] = await Promise.all([import('@hono/node-server'), loadApp()]);
    listener = getRequestListener(app.fetch, {
      // A request without Host may be HTTP/1.0, the language of simple health checks.
      hostname: 'localhost',
      errorHandler: error => {
        const reason = error instanceof Error ? error.message : 'not an error';
        const {status, headers, body} = describeRefusal(malformed, reason);
        return new Response(body, {status, headers: {...headers, connection: 'close'}});
      },
    });
  }

  /** Answers instead of the app, without its knowing. */
  function answerRefused(
    {isSurplus}: Connection,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    problem: Problem,
  ): void {
    const {status, headers, body} = describeRefusal(problem, problem.problem.code, incoming);
    const closes = isSurplus || problem === malformed;
    outgoing.writeHead(status, closes ? {...headers, connection: 'close'} : headers);
    if (!closes) {
      // Node reads and drops the rest of the body, and `watchDeadlines` sees that it ends.
      outgoing.end(body);
      return;
    }
    // Closing with unread bytes resets the connection, and the client loses the answer.
    outgoing.write(body);
    incoming.once('end', () => outgoing.end()).resume();
  }

  function onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const connection = connections.open.get(socket);
    // What still arrives is read and dropped, so that the last word is not lost.
    if (connection?.isRefused) return;
    if (connection === undefined || !socket.writable) socket.destroy(error);
    else refuseRest(connection, clientErrors[error.code ?? ''] ?? malformed, error.code ?? error.message);
  }

  /** Says that what arrives on the connection cannot be read any further, behind the answers to what could. */
  function refuseRest(connection: Connection, problem: Problem, reason: string): void {
    if (connection.isRefused) return;
    connection.isRefused = true;
    const {socket, incoming, outgoing} = connection;
    const isBodyLost = incoming?.complete === false;
    if (isBodyLost && outgoing?.headersSent) {
      // As Node's own handler: nothing can be said amid another response, or after it.
      if (outgoing.writableFinished) endSoon(socket);
      else socket.destroy();
      return;
    }
    const refuseNow = () => {
      // The answer before this one may have closed the connection.
      if (connection.inFlight > (isBodyLost ? 1 : 0) || !socket.writable) return;
      connection.onAnswered = undefined;
      endSoon(socket, describeLastWord(problem, reason, isBodyLost ? incoming : undefined));
    };
    connection.onAnswered = refuseNow;
    refuseNow();
  }

  function onConnect(_: IncomingMessage, socket: Socket): void {
    socket.on('error', () => {});
    endSoon(socket, describeLastWord(noTunnel, 'CONNECT'));
  }

  /** A whole response, for a connection past any `ServerResponse`. */
  function describeLastWord(problem: Problem, reason: string, incoming?: IncomingMessage): string {
    const {status, headers, body} = describeRefusal(problem, reason, incoming);
    const head = Object.entries({...headers, connection: 'close'}).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`;
  }

  function describeRefusal({status, problem, headers}: Problem, reason: string, incoming?: IncomingMessage) {
    const sent = incoming?.headers['x-request-id'];
    const id = chooseRequestId(typeof sent === 'string' ? sent : undefined, newRequestId);
    const body = formatProblem(problem);
    onRefused?.({id, method: incoming?.method ?? '', status, reason});
    return {
      status,
      body,
      headers: {
        ...baseHeaders(id, modelVersion),
        'content-length': String(Buffer.byteLength(body)),
        ...headers,
      },
    };
  }
}

/** HTTP asks for 400 otherwise. HTTP/1.0, the language of simple health checks, has no Host. */
function isHostSane({headers: {host}, httpVersion}: IncomingMessage): boolean {
  return host === undefined ? httpVersion !== '1.1' : hostCharacters.test(host);
}

/** Those of a name, an address or a port (RFC 3986, 3.2.2). */
const hostCharacters = /^[\w.~!$&'()*+,;=%:[\]-]*$/;

/** Closing at once would reset the connection while its sender is still writing, and lose the answer. */
function endSoon(socket: Socket, text = ''): void {
  socket.end(text);
  setTimeout(() => socket.destroy(), 1_000).unref();
}

const malformed = refuse(400, 'malformed_request', 'This is not a well-formed HTTP request.');
const late = refuse(408, 'request_timeout', 'The request took too long to arrive.');
const noTunnel = refuse(405, 'method_not_allowed', 'This server opens no tunnels.', {
  headers: {allow: 'GET, HEAD, POST'},
});
const clientErrors: Record<string, Problem> = {
  HPE_HEADER_OVERFLOW: refuse(431, 'headers_too_large', 'The headers of the request are too large.'),
  ERR_HTTP_REQUEST_TIMEOUT: late,
};
