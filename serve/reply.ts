import type {FieldError} from './field-errors.ts';

/** What a route answers; the app adds the headers that every response has. */
export type Reply = {
  status: number;
  /** JSON text; a stream only where the answer must outlive the request's body (see body.ts). */
  body: string | ReadableStream<Uint8Array>;
  headers?: Record<string, string>;
  /** Rows predicted, for the log. */
  rows?: number;
};

/** What a route does; `createApp` calls it and reports what it throws as a 500. */
export type Handler = (request: Request) => Reply | Promise<Reply>;

/** `starting`: predicts nothing yet. `draining`: finishes what arrives, and asks clients to connect elsewhere. */
export type Phase = 'starting' | 'ready' | 'draining';

/** Every `error.code` that a client can meet. */
export type ErrorCode =
  | 'malformed_json'
  | 'malformed_request'
  | 'incomplete_body'
  | 'invalid_input'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'body_too_large'
  | 'too_many_rows'
  | 'unsupported_media_type'
  | 'headers_too_large'
  | 'internal_error'
  | 'starting'
  | 'draining';

/** An answer with a value as JSON. */
export function jsonReply(status: number, value: unknown): Reply {
  return {status, body: JSON.stringify(value)};
}

/**
 * The one shape of every error: `{"error": {"code", "message", "fields": [{"path", "message"}]}}`.
 *
 * @param message for the client: never a part of its input.
 */
export function errorReply(
  status: number,
  code: ErrorCode,
  message: string,
  {fields = [], headers = {}}: {fields?: readonly FieldError[]; headers?: Record<string, string>} = {},
): Reply & {body: string} {
  return {status, body: JSON.stringify({error: {code, message, fields}}), headers};
}

/** The answer of a server that should not be sent requests now. */
export function notServing(phase: 'starting' | 'draining'): Reply {
  return phase === 'starting'
    ? errorReply(503, 'starting', 'The server is starting.', {headers: {'retry-after': '1'}})
    : errorReply(503, 'draining', 'The server is shutting down.');
}

/** The headers of every response. */
export function baseHeaders(requestId: string, modelVersion: string): Record<string, string> {
  return {'content-type': 'application/json', 'x-request-id': requestId, 'x-model-version': modelVersion};
}
