import {hideUserinfo} from '../../core/dataset/descriptor-address.ts';
import {type HttpAnswer, HttpFault, isNetworkError, openHttpClient} from '../http/http-client.ts';
import {isPassing, readRetryAfter, retry, type Try} from '../http/retry.ts';

export interface DownloadLimits {
  /** For everything: redirects, retries and waiting between them. Default 60 s. */
  deadlineMs: number;
  /** To find and reach the server. Default 5 s. */
  connectMs: number;
  /** Without a byte from the server. Default 15 s. */
  idleMs: number;
  /** Before the first retry; doubled for each further one. Default 250 ms. */
  retryMs: number;
  /** Larger bodies are refused while they arrive. Default 64 MiB. */
  maxBytes: number;
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, to be obeyed where given. */
  proxyEnv: Record<string, string | undefined>;
  /** Ends the download at once; it then throws the signal's reason. */
  signal: AbortSignal;
}

export type Download = {status: 'received'; body: Buffer} | {status: 'failed'; why: string};

const maxRedirects = 5;

/**
 * Gets the body of an http or https address; an answer that is no success is retried where that can help:
 * no connection twice, 408, 429, 5xx and broken connections three times, waiting as long as Retry-After says.
 */
export async function download(
  url: string,
  limits: Partial<DownloadLimits>,
  report: (line: string) => void,
): Promise<Download> {
  const {deadlineMs = 60_000, connectMs = 5_000, idleMs = 15_000, retryMs = 250} = limits;
  const {maxBytes = 64 * 2 ** 20, proxyEnv = {}, signal} = limits;
  const deadline = AbortSignal.timeout(deadlineMs);
  const client = openHttpClient({connectMs, idleMs, maxRedirects, proxyEnv});
  const request = {
    method: 'GET',
    // the hash is about the bytes as they are published
    headers: {'accept-encoding': 'identity'},
    maxBytes,
    signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
  } as const;
  const attempt = async (): Promise<Try<Download>> => {
    try {
      return judgeAnswer(await client.send(new URL(url), request));
    } catch (error) {
      signal?.throwIfAborted();
      return deadline.aborted ? fail(`not finished within ${deadlineMs / 1000} s`) : judgeError(error);
    }
  };
  try {
    const {outcome, tries} = await retry(attempt, {
      firstWaitMs: retryMs,
      deadlineMs,
      signal,
      onRetry: failed => failed.status === 'failed' && report(`${failed.why}; trying again.`),
    });
    if (outcome.status === 'received' || tries === 1) return outcome;
    return {status: 'failed', why: `${outcome.why} (tried ${tries} times)`};
  } finally {
    client.close();
  }
}

function fail(why: string, retries = 0, retryAfterMs?: number): Try<Download> {
  return {outcome: {status: 'failed', why}, retries, retryAfterMs};
}

function judgeAnswer(answer: HttpAnswer): Try<Download> {
  const {status, statusText, body} = answer;
  if (status >= 200 && status < 300) return {outcome: {status: 'received', body}, retries: 0};
  if (status >= 300 && status < 400) return fail(`redirects more than ${maxRedirects} times`);
  const why = `answered ${status} ${statusText}`.trimEnd();
  return fail(why, isPassing(answer) ? 3 : 0, readRetryAfter(answer, new Date()));
}

/** @throws an error that no network has: one of the program. */
function judgeError(error: unknown): Try<Download> {
  if (!isNetworkError(error)) throw error;
  if (error instanceof HttpFault) return fail(error.message, error.code === 'BROKEN_OFF' ? 3 : 0);
  switch (error.code) {
    case 'ECONNREFUSED':
      return fail('the connection was refused (ECONNREFUSED)', 2);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail(`the host was not found (${error.code})`, 2);
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return fail(`the network has no way to the host (${error.code})`, 2);
    case 'ECONNRESET':
      return fail('the server broke the connection off (ECONNRESET)', 3);
    default:
      return fail(`${hideUserinfo(error.message)} (${error.code})`);
  }
}
