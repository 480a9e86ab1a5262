import got, {RequestError} from 'got';
import type {Answer} from './answer.ts';
import {blameAnswer, explainNoAnswer, type Party} from './registry-errors.ts';

export interface Request {
  method: 'GET' | 'PUT';
  url: URL;
  headers: Record<string, string>;
  body?: Buffer;
  /** How many bytes a good answer may have; an error may have 64 KiB. */
  maxBytes: number;
}

const maxErrorBytes = 64 * 2 ** 10;

/** For one request, its retries and the waiting between them included. */
const deadlineMs = 45_000;

const client = got.extend({
  throwHttpErrors: false,
  responseType: 'buffer',
  // what is not unpacked cannot grow; no registry packs manifests, and blobs are hashed as they are sent
  decompress: false,
  timeout: {connect: 5_000, response: 10_000},
  retry: {
    limit: 3,
    methods: ['GET', 'PUT'],
    statusCodes: [408, 429, 500, 502, 503, 504],
    // a refused connection is the state of things, not a hiccup: one registry, one answer
    errorCodes: ['ETIMEDOUT', 'ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'ERR_HTTP_CONTENT_LENGTH_MISMATCH'],
    backoffLimit: 4_000,
    maxRetryAfter: 15_000,
  },
});

/** Names a request in messages: `GET /v2/`. */
export function nameRequest({method, url}: Pick<Request, 'method' | 'url'>): string {
  return `${method} ${url.pathname}${url.search}`;
}

/**
 * Sends a request, again where the other side falters, and reads the answer as far as it may go.
 *
 * @returns the last answer, whatever its status.
 * @throws Failure of kind `engine` when none arrives, or one that is longer than it may be.
 */
export async function exchange(party: Party, request: Request, signal: AbortSignal): Promise<Answer> {
  const {method, url, headers, body, maxBytes} = request;
  const excess = new AbortController();
  let [limit, status] = [maxBytes, 0];
  const sent = client(url, {
    method,
    headers,
    ...(body === undefined ? {} : {body}),
    signal: AbortSignal.any([signal, excess.signal, AbortSignal.timeout(deadlineMs)]),
  });
  sent.on('request', outgoing =>
    outgoing.prependOnceListener('response', ({statusCode = 0}) => {
      status = statusCode;
      limit = status < 300 ? maxBytes : maxErrorBytes;
    }),
  );
  sent.on('downloadProgress', ({transferred, total = 0}) => {
    if (Math.max(transferred, total) > limit) excess.abort();
  });
  try {
    const {statusCode, headers: answered, rawBody} = await sent;
    const {buffer, byteOffset, length} = rawBody;
    return {status: statusCode, headers: answered, body: Buffer.from(buffer, byteOffset, length)};
  } catch (error) {
    signal.throwIfAborted();
    const name = nameRequest(request);
    if (excess.signal.aborted) {
      const expected = `at most ${limit} bytes with status ${status}`;
      throw blameAnswer(party, name, expected, 'more, the rest of which was not read');
    }
    throw error instanceof RequestError ? explainNoAnswer(party, name, error) : error;
  }
}
