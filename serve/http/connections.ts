import type {IncomingMessage, Server, ServerResponse} from 'node:http';
import type {Socket} from 'node:net';

/** An open connection and what is under way on it. */
export type Connection = {
  readonly socket: Socket;
  /** It was opened when there were as many others as there may be. */
  readonly isSurplus: boolean;
  /** The newest request and the response to it; kept for a while after both have ended. */
  incoming: IncomingMessage | undefined;
  outgoing: ServerResponse | undefined;
  /** Requests taken whose response has not ended; more than one where the client pipelines. */
  inFlight: number;
  /** Share of the budget for bodies, until nothing is in flight. */
  bufferedBytes: number;
  /** Called when a response has ended. */
  onAnswered: (() => void) | undefined;
  /** The last word was said, past any response: what still arrives is ignored. */
  isRefused: boolean;
};

/** Every connection of a server, with sums over them. */
export type Connections = {
  readonly open: ReadonlyMap<Socket, Connection>;
  readonly inFlight: number;
  readonly bufferedBytes: number;
  /** Notes that a request has arrived. */
  note(incoming: IncomingMessage, outgoing: ServerResponse): Connection;
  /** Counts the request noted last as taken, until its response has ended. */
  take(connection: Connection): void;
  /** Adds to what the connection may hold in memory, until nothing is in flight on it. */
  buffer(connection: Connection, bytes: number): void;
  /** From now on each connection closes behind the answer to the newest request on it. */
  closeAnswered(): void;
};

/** Follows the connections of a server from their start, or from the end of the handshake; call it before the server listens. */
export function trackConnections(server: Server, maxConnections: number): Connections {
  const open = new Map<Socket, Connection>();
  let regular = 0;
  let inFlight = 0;
  let bufferedBytes = 0;
  let isClosing = false;
  server.on('setSecureContext' in server ? 'secureConnection' : 'connection', add);

  return {
    open,
    get inFlight() {
      return inFlight;
    },
    get bufferedBytes() {
      return bufferedBytes;
    },
    note(incoming, outgoing) {
      const connection = open.get(incoming.socket) ?? add(incoming.socket);
      if (isClosing) {
        // Node drops what is behind a response that closes: those to pipelined requests must not.
        if (connection.outgoing?.headersSent === false) connection.outgoing.shouldKeepAlive = true;
        outgoing.shouldKeepAlive = false;
      }
      connection.incoming = incoming;
      connection.outgoing = outgoing;
      return connection;
    },
    take(connection) {
      connection.inFlight++;
      inFlight++;
      // Always emitted, but for responses behind another when the connection closes: `remove` counts those.
      connection.outgoing?.on('close', countAnswered);
    },
    buffer(connection, bytes) {
      connection.bufferedBytes += bytes;
      bufferedBytes += bytes;
    },
    closeAnswered() {
      isClosing = true;
      for (const {outgoing} of open.values()) closeBehind(outgoing);
    },
  };

  function add(socket: Socket): Connection {
    const isSurplus = regular >= maxConnections;
    if (!isSurplus) regular++;
    const connection: Connection = {
      socket,
      isSurplus,
      incoming: undefined,
      outgoing: undefined,
      inFlight: 0,
      bufferedBytes: 0,
      onAnswered: undefined,
      isRefused: false,
    };
    open.set(socket, connection);
    socket.once('close', () => remove(connection));
    // The client has sent all, and may still read the answer.
    socket.once('end', () => closeBehind(connection.outgoing));
    return connection;
  }

  function remove(connection: Connection): void {
    open.delete(connection.socket);
    if (!connection.isSurplus) regular--;
    inFlight -= connection.inFlight;
    bufferedBytes -= connection.bufferedBytes;
  }

  /** One function for all responses: a closure for each would be the dearest part of counting it. */
  function countAnswered(this: ServerResponse): void {
    const connection = open.get(this.req.socket);
    if (connection === undefined) return;
    inFlight--;
    connection.inFlight--;
    if (connection.inFlight === 0) {
      bufferedBytes -= connection.bufferedBytes;
      connection.bufferedBytes = 0;
      // It may hold a body of megabytes, and the next request may be a minute away.
      if (connection.incoming?.complete) {
        connection.incoming = undefined;
        connection.outgoing = undefined;
      }
    }
    connection.onAnswered?.();
  }
}

function closeBehind(outgoing: ServerResponse | undefined): void {
  if (outgoing?.headersSent === false) outgoing.shouldKeepAlive = false;
}
