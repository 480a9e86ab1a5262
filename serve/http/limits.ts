import type {IncomingMessage} from 'node:http';
import {isLinesType} from '../rows/lines.ts';
import {type Problem, refuse} from '../rows/problem.ts';
import {maxLineBytes} from '../rows/read-line.ts';
import {countUnpackedBytes} from './coding.ts';
import type {Connection, Connections} from './connections.ts';

export type Limits = {
  /** Connections that are served. As many again, and a hundred, are told that they are too many. */
  maxConnections: number;
  /** Requests taken and not answered yet. */
  maxInFlight: number;
  /** The most that bodies hold in memory at the same time, apart from small ones. */
  maxBufferedBytes: number;
  maxBodyBytes: number;
};

/** The limits where no variable sets them; `maxBufferedBytes` is more where one body may be larger. */
export const defaultLimits: Limits = {
  maxConnections: 2_000,
  maxInFlight: 1_000,
  maxBufferedBytes: 64 * 1024 * 1024,
  maxBodyBytes: 10 * 1024 * 1024,
};

/** Decides what is taken, so that memory stays bounded whatever clients do. */
export type Gate = {
  /** Takes the request that was just noted on the connection, or says why not. */
  admit(connection: Connection, incoming: IncomingMessage): Problem | undefined;
};

/**
 * Bodies up to this size are taken whatever is buffered: a few large ones must not shut out the many small ones,
 * and of those there are at most `maxInFlight`.
 */
const smallBodyBytes = 16 * 1024;

/** Counts the connections that there may be in all: those above `maxConnections` are refused politely, those above this are cut. */
export function countSockets({maxConnections}: Limits): number {
  return 2 * maxConnections + 100;
}

/**
 * Creates the gate of a server whose connections are tracked.
 *
 * @param onOverload called when a body of unknown length, taken before, grows too large for what others left.
 */
export function createGate(
  connections: Connections,
  limits: Limits,
  onOverload: (connection: Connection) => void,
): Gate {
  const {maxInFlight, maxBufferedBytes, maxBodyBytes} = limits;
  return {
    admit(connection, incoming) {
      const {method} = incoming;
      // What only reads is answered at once, and health checks must not fail because others are many.
      if (method !== 'GET' && method !== 'HEAD') {
        if (connection.isSurplus) return refusals.connections;
        if (connections.inFlight >= maxInFlight) return refusals.requests;
        const {'content-length': length, 'content-encoding': coding} = incoming.headers;
        const isSmall = countUnpackedBytes(Number(length), coding, maxBodyBytes) <= smallBodyBytes;
        if (!isSmall && !admitBody(connection, incoming)) return refusals.memory;
      } else if (connection.isSurplus && connection.outgoing !== undefined) {
        connection.outgoing.shouldKeepAlive = false;
      }
      connections.take(connection);
      return undefined;
    },
  };

  function admitBody(connection: Connection, incoming: IncomingMessage): boolean {
    const {headers} = incoming;
    const length = headers['content-length'];
    if (length === undefined && headers['transfer-encoding'] === undefined) return true;
    // One line is in memory at a time; were the budget less than a line, no stream could ever be read.
    if (isStreamOfLines(incoming)) return reserve(connection, Math.min(maxLineBytes, maxBufferedBytes));
    const coding = headers['content-encoding'];
    if (length === undefined) {
      watchGrowth(connection, incoming);
      return coding === undefined || reserve(connection, maxBodyBytes);
    }
    const bytes = countUnpackedBytes(Number(length), coding, maxBodyBytes);
    // Larger ones are refused before they are read.
    return Number(length) > maxBodyBytes || reserve(connection, Math.min(bytes, maxBufferedBytes));
  }

  function reserve(connection: Connection, bytes: number): boolean {
    if (connections.bufferedBytes + bytes > maxBufferedBytes) return false;
    connections.buffer(connection, bytes);
    return true;
  }

  /** Reserves what arrives of a body as it arrives. */
  function watchGrowth(connection: Connection, incoming: IncomingMessage): void {
    const {outgoing} = connection;
    const push = incoming.push;
    let bytes = 0;
    let isRefused = false;
    // Only here do the bytes pass by without being taken from whoever reads the body.
    incoming.push = (chunk: Buffer | null, encoding) => {
      if (isRefused) return true;
      // What arrives after the answer began is not kept.
      if (chunk === null || outgoing?.headersSent) return push.call(incoming, chunk, encoding);
      bytes += chunk.length;
      if (bytes <= smallBodyBytes || reserve(connection, chunk.length))
        return push.call(incoming, chunk, encoding);
      isRefused = true;
      onOverload(connection);
      return true;
    };
  }
}

/** Whether the body is a stream of rows, which may take as long as it likes. */
export function isStreamOfLines({headers}: IncomingMessage): boolean {
  return isLinesType(headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase());
}

const soon = {headers: {'retry-after': '1'}};
export const refusals = {
  connections: refuse(503, 'too_many_connections', 'Too many connections are open. Try again later.', soon),
  requests: refuse(429, 'too_many_requests', 'Too many requests are under way. Try again later.', soon),
  memory: refuse(503, 'overloaded', 'Too much is being read at the moment. Try again later.', soon),
};
