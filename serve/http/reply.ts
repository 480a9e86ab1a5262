import {type Problem, refuse} from '../rows/problem.ts';

/** The answer of a route; the app adds the headers that every response has. */
export type Reply = {
  status: number;
  /** A stream only where the answer must outlive the request's body (see body.ts) or is as long (NDJSON). */
  body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
  /** Added to the common ones; `content-type` is JSON unless given here. */
  headers?: Record<string, string>;
  /** Rows predicted, for the log. */
  rows?: number;
  /** Columns and params that were ignored, for the log. */
  ignored?: number | undefined;
  /** For a stream that predicts: its rows, once it has ended; reported only then. Rejected when the server failed. */
  ended?: Promise<number>;
};

/** Answers a request; `createApp` calls it and reports an error that it throws as a 500. */
export type Handler = (request: Request) => Reply | Problem | Promise<Reply | Problem>;

/** `starting`: predicts nothing yet. `draining`: finishes what arrives, and asks clients to connect elsewhere. */
export type Phase = 'starting' | 'ready' | 'draining';

/** Creates an answer with a value as JSON. */
export function replyJson(status: number, value: unknown): Reply {
  return {status, body: JSON.stringify(value)};
}

/** Writes an error in the shape of every route that has no other: `{"error": {"code", "message", "fields": [{"path", "message"}]}}`. */
export function formatProblem({code, message, fields}: Problem['problem']): string {
  return JSON.stringify({error: {code, message, fields}});
}

/** Creates the answer of a server that should not be sent requests now. */
export function refuseInPhase(phase: 'starting' | 'draining'): Problem {
  return phase === 'starting'
    ? refuse(503, 'starting', 'The server is starting.', {headers: {'retry-after': '1'}})
    : refuse(503, 'draining', 'The server is shutting down.');
}

/** Creates the headers of every response. */
export function createBaseHeaders(requestId: string, modelVersion: string): Record<string, string> {
  return {'content-type': 'application/json', 'x-request-id': requestId, 'x-model-version': modelVersion};
}
