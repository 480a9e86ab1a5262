import http from 'node:http';
import https from 'node:https';
import got, {HTTPError, MaxRedirectsError, RequestError, TimeoutError} from 'got';
import {hideUserinfo} from '../../core/dataset/descriptor-address.ts';

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
const mebibyte = 1024 ** 2;
const bodyCutOff = 'ERR_HTTP_CONTENT_LENGTH_MISMATCH';

/**
 * Gets the body of an http or https address, and asks again where that can help: twice when no connection
 * came about, three times after 408, 429, 5xx or a broken connection, as late as Retry-After says.
 */
export async function download(
  url: string,
  limits: Partial<DownloadLimits>,
  report: (line: string) => void,
): Promise<Download> {
  const {deadlineMs = 60_000, connectMs = 5_000, idleMs = 15_000, retryMs = 250} = limits;
  const {maxBytes = 64 * mebibyte, proxyEnv = {}, signal} = limits;
  const deadline = performance.now() + deadlineMs;
  let tries = 1;
  let stopped: string | null = null;
  const stopper = new AbortController();
  const stop = (why: string) => {
    stopped ??= why;
    stopper.abort();
  };
  const agents = {http: new http.Agent({proxyEnv}), https: new https.Agent({proxyEnv})};
  const request = got(url, {
    responseType: 'buffer',
    signal: signal === undefined ? stopper.signal : AbortSignal.any([stopper.signal, signal]),
    // the hash is about the bytes as they are published
    decompress: false,
    agent: agents,
    maxRedirects,
    timeout: {
      lookup: connectMs,
      connect: connectMs,
      secureConnect: connectMs,
      socket: idleMs,
      response: idleMs,
    },
    retry: {
      limit: 3,
      errorCodes: [...(got.defaults.options.retry.errorCodes ?? []), bodyCutOff],
      maxRetryAfter: deadlineMs,
      calculateDelay({attemptCount, computedValue, error, retryAfter}) {
        // nothing computed: the failure is not one that a retry helps
        if (computedValue === 0 || error instanceof TimeoutError) return 0;
        if (isUnreachable(error) && attemptCount > 2) return 0;
        const delayMs = retryAfter ?? retryMs * 2 ** (attemptCount - 1);
        return performance.now() + delayMs < deadline ? Math.max(delayMs, 1) : 0;
      },
    },
    hooks: {
      beforeRetry: [
        error => {
          tries++;
          report(`${describe(error, limits)}; trying again.`);
        },
      ],
    },
  });
  const timer = setTimeout(() => stop(`not finished within ${deadlineMs / 1000} s`), deadlineMs);
  request.on('downloadProgress', ({transferred}) => {
    if (transferred > maxBytes) stop(`the body is larger than the limit of ${maxBytes / mebibyte} MiB`);
  });
  try {
    const response = await request;
    return {status: 'received', body: Buffer.from(response.rawBody)};
  } catch (error) {
    signal?.throwIfAborted();
    if (stopped !== null) return {status: 'failed', why: stopped};
    if (!(error instanceof RequestError)) throw error;
    return {status: 'failed', why: `${describe(error, limits)}${tries > 1 ? ` (tried ${tries} times)` : ''}`};
  } finally {
    clearTimeout(timer);
    agents.http.destroy();
    agents.https.destroy();
  }
}

function isUnreachable(error: RequestError): boolean {
  return ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH'].includes(error.code);
}

function describe(
  error: RequestError,
  {connectMs = 5_000, idleMs = 15_000}: Partial<DownloadLimits>,
): string {
  if (error instanceof HTTPError) {
    return `answered ${error.response.statusCode} ${error.response.statusMessage ?? ''}`.trimEnd();
  }
  if (error instanceof MaxRedirectsError) return `redirects more than ${maxRedirects} times`;
  if (error instanceof TimeoutError) {
    return error.event === 'socket' || error.event === 'response'
      ? `sent nothing for ${idleMs / 1000} s`
      : `no connection within ${connectMs / 1000} s`;
  }
  if (error.code === 'ECONNREFUSED') return 'the connection was refused (ECONNREFUSED)';
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN')
    return `the host was not found (${error.code})`;
  if (error.code === bodyCutOff) return 'the body broke off before its announced length';
  if (error.code === 'ECONNRESET') return 'the server broke the connection off (ECONNRESET)';
  return `${hideUserinfo(error.message)} (${error.code})`;
}
