import type {FieldError} from './field-errors.ts';

/** The reason why a request cannot be answered as asked. Each route writes it in the shape that its clients expect. */
export type Problem = {
  status: number;
  problem: {
    code: ErrorCode;
    /** For the client: never a part of its input. */
    message: string;
    fields: readonly FieldError[];
  };
  headers?: Record<string, string>;
  /** The rest of a body that was refused, which is still to come; the answer then outlives it. */
  rest?: ReadableStreamDefaultReader<Uint8Array> | undefined;
};

/** Every `error.code` that a client can meet. */
export type ErrorCode =
  | 'malformed_json'
  | 'malformed_csv'
  | 'malformed_encoding'
  | 'malformed_request'
  | 'incomplete_body'
  | 'invalid_input'
  | 'unauthorized'
  | 'certificate_required'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'body_too_large'
  | 'line_too_long'
  | 'too_many_rows'
  | 'too_many_requests'
  | 'too_many_connections'
  | 'overloaded'
  | 'unsupported_media_type'
  | 'headers_too_large'
  | 'internal_error'
  | 'starting'
  | 'draining';

/**
 * Makes a problem of what is wrong.
 *
 * @param message for the client: never a part of its input.
 */
export function refuse(
  status: number,
  code: ErrorCode,
  message: string,
  {fields = [], headers = {}}: {fields?: readonly FieldError[]; headers?: Record<string, string>} = {},
): Problem {
  return {status, problem: {code, message, fields}, headers};
}
