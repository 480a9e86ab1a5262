import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type {Socket} from 'node:net';
import type {Hono} from 'hono';
import type {Problem} from '../rows/problem.ts';
import {type Connection, type Connections, trackConnections} from './connections.ts';
import {type Deadlines, defaultDeadlines, watchDeadlines} from './deadlines.ts';
import {
  createRefusalWriter,
  explainClientError,
  late,
  malformed,
  noTunnel,
  type RefusalOptions,
} from './http-refusals.ts';
import {countSockets, createGate, defaultLimits, type Limits, refusals} from './limits.ts';

export type NodeServerOptions = RefusalOptions & {
  /** Creates a server of HTTPS, in place of one of HTTP. */
  createServer?: ((options: ServerOptions, listener: RequestListener) => Server) | undefined;
  limits?: Limits;
  deadlines?: Partial<Deadlines>;
  /** Answers the usual requests before the app is asked. */
  fastPath?: FastPath;
};

/** Takes a request, or leaves it to the app: then it has returned false, or calls `leave` later. */
export type FastPath = (
  incoming: IncomingMessage & {rawBody?: Buffer},
  outgoing: ServerResponse,
  leave: () => void,
) => boolean;

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
  const {createServer = createHttpServer, limits = defaultLimits, fastPath} = options;
  const deadlines = {...defaultDeadlines, ...options.deadlines};
  const refusalWriter = createRefusalWriter(options);

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
        const {status, headers, body} = refusalWriter.describe(malformed, reason, undefined);
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
    const {status, headers, body} = refusalWriter.describe(problem, problem.problem.code, incoming);
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
    else refuseRest(connection, explainClientError(error), error.code ?? error.message);
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
      endSoon(socket, refusalWriter.write(problem, reason, isBodyLost ? incoming : undefined));
    };
    connection.onAnswered = refuseNow;
    refuseNow();
  }

  function onConnect(incoming: IncomingMessage, socket: Socket): void {
    socket.on('error', () => {});
    endSoon(socket, refusalWriter.write(noTunnel, 'CONNECT', incoming));
  }
}

/**
 * HTTP asks for 400 otherwise (RFC 9112, 3.2): a second Host may be what a gateway before us went by. HTTP/1.0, the
 * language of simple health checks, has none.
 */
function isHostSane({headers: {host}, httpVersion, rawHeaders}: IncomingMessage): boolean {
  if (host === undefined) return httpVersion !== '1.1';
  if (!hostCharacters.test(host)) return false;
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts === 1;
}

/** Those of a name, an address or a port (RFC 3986, 3.2.2). */
const hostCharacters = /^[\w.~!$&'()*+,;=%:[\]-]*$/;

/** Closing at once would reset the connection while its sender is still writing, and lose the answer. */
function endSoon(socket: Socket, text = ''): void {
  socket.end(text);
  setTimeout(() => socket.destroy(), 1_000).unref();
}
