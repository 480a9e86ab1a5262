import type {IncomingMessage, Server} from 'node:http';
import type {Socket} from 'node:net';
import type {Connection, Connections} from './connections.ts';
import {isStreamOfLines} from './limits.ts';

export type Deadlines = {
  /** For the head of a request, from its first byte or the start of the connection on. */
  headersMs: number;
  /** For the whole body of a request, unless it is a stream of lines. */
  bodyMs: number;
  /** Without a byte from the client, or one taken by it, while a request or its answer is under way. */
  idleMs: number;
  /** Between an answer and the next request. */
  keepAliveMs: number;
  /** Between two looks for late connections: they end up to twice this time later. */
  checkMs: number;
};

/** Generous to slow links, but an attacker holds a connection for little more than a minute. */
export const defaultDeadlines: Deadlines = {
  headersMs: 15_000,
  bodyMs: 60_000,
  idleMs: 60_000,
  // Longer than the 60 s after which common load balancers drop idle connections: they must be the first to.
  keepAliveMs: 65_000,
  checkMs: 5_000,
};

/** The last look at a connection that is busy; a request without one has not been looked at yet. */
type Sighting = {incoming: IncomingMessage; sinceMs: number; bytes: number; progressMs: number};

/**
 * Looks for requests whose body, and answers whose reading, take too long.
 *
 * One look at all connections now and then, instead of a timer or a clock reading for each request.
 *
 * @param onLate called for each connection that must end.
 */
export function watchDeadlines(
  server: Server,
  {open}: Pick<Connections, 'open'>,
  {bodyMs, idleMs, checkMs}: Pick<Deadlines, 'bodyMs' | 'idleMs' | 'checkMs'>,
  onLate: (connection: Connection) => void,
): void {
  const sightings = new WeakMap<Connection, Sighting>();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (const connection of open.values()) if (isLate(connection, nowMs)) onLate(connection);
  }, checkMs).unref();
  server.once('close', () => clearInterval(timer));

  function isLate(connection: Connection, nowMs: number): boolean {
    const {socket, incoming, outgoing} = connection;
    if (incoming === undefined || outgoing === undefined) return false;
    const isAnswered = outgoing.writableFinished;
    if (incoming.complete && isAnswered) return false;
    const bytes = countBytes(socket);
    const sighting = sightings.get(connection);
    if (sighting?.incoming !== incoming) {
      sightings.set(connection, {incoming, sinceMs: nowMs, bytes, progressMs: nowMs});
      return false;
    }
    // The client waits for us: a large batch is read in slices, behind those before it.
    const isOurTurn = incoming.complete && !outgoing.headersSent;
    if (bytes !== sighting.bytes || isOurTurn) {
      sighting.bytes = bytes;
      sighting.progressMs = nowMs;
    }
    if (nowMs - sighting.progressMs >= idleMs) return true;
    const mayStream = !isAnswered && isStreamOfLines(incoming);
    return !incoming.complete && !mayStream && nowMs - sighting.sinceMs >= bodyMs;
  }
}

/** A number that changes with every byte that was received, or taken by the client. */
function countBytes(socket: Socket & {_handle?: {writeQueueSize?: number} | null}): number {
  // Node's documented numbers count an answer only when all of it is gone, which may take minutes. Its own timeout of
  // sockets looks at this one, too.
  const unsentBytes = socket._handle?.writeQueueSize ?? 0;
  return socket.bytesRead + socket.bytesWritten - socket.writableLength - unsentBytes;
}
