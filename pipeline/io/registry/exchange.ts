import {
  BodyTooLarge,
  HttpFault,
  type HttpRequest,
  isNetworkError,
  openHttpClient,
} from '../http/http-client.ts';
import {isPassing, readRetryAfter, retry, type Try} from '../http/retry.ts';
import type {Answer} from './answer.ts';
import {blameAnswer, explainNoAnswer, type Party} from './registry-errors.ts';

export interface Request extends Pick<HttpRequest, 'method' | 'headers' | 'body' | 'onData'> {
  url: URL;
  /** For all tries and the waiting between them; 45 s unless given. */
  deadlineMs?: number | undefined;
  /** How many bytes a good answer may have; an error may have 64 KiB. */
  maxBytes: number;
}

const maxErrorBytes = 64 * 2 ** 10;

const client = openHttpClient({connectMs: 5_000, idleMs: 10_000, maxRedirects: 10, proxyEnv: {}});

/** What ends a request, and may not end the next; a refused connection is the state of things. */
const hiccups = ['NO_CONNECTION', 'SILENCE', 'BROKEN_OFF', 'ETIMEDOUT', 'ECONNRESET', 'EPIPE', 'EAI_AGAIN'];

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
  const {deadlineMs = 45_000} = request;
  const end = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  const attempt = async (): Promise<Try<Answer | {failure: unknown}>> => {
    try {
      const answer = await client.send(request.url, {...request, maxErrorBytes, signal: end});
      const retryAfterMs = readRetryAfter(answer, new Date());
      return {outcome: answer, retries: isPassing(answer) ? 3 : 0, retryAfterMs};
    } catch (error) {
      signal.throwIfAborted();
      const failure = end.aborted ? new HttpFault('LATE', `no answer within ${deadlineMs / 1000} s`) : error;
      const canPass = isNetworkError(failure) && hiccups.includes(failure.code);
      return {outcome: {failure}, retries: canPass ? 3 : 0};
    }
  };
  const {outcome} = await retry(attempt, {firstWaitMs: 1_000, deadlineMs, signal});
  if (!('failure' in outcome)) return outcome;
  const {failure} = outcome;
  const name = nameRequest(request);
  if (failure instanceof BodyTooLarge) {
    const expected = `at most ${failure.maxBytes} bytes with status ${failure.status}`;
    throw blameAnswer(party, name, expected, 'more, the rest of which was not read');
  }
  throw isNetworkError(failure) ? explainNoAnswer(party, name, failure) : failure;
}
