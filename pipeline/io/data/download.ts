import {setTimeout as sleep} from 'node:timers/promises';
import {hideUserinfo} from '../../core/dataset/descriptor-address.ts';
import {type HttpAnswer, HttpFault, openHttpClient} from '../http/http-client.ts';
import {isPassing, readRetryAfter} from '../http/retry-after.ts';

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

/** A try that brought nothing. */
interface Fault {
  why: string;
  /** How many further tries can help. */
  retries: number;
  /** As long as the server asks to be left alone. */
  retryAfterMs?: number | undefined;
}

type FaultLimits = Pick<DownloadLimits, 'connectMs' | 'idleMs' | 'maxBytes'>;

const maxRedirects = 5;
const mebibyte = 1024 ** 2;

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
  const endMs = performance.now() + deadlineMs;
  const deadline = AbortSignal.timeout(deadlineMs);
  const client = openHttpClient({connectMs, idleMs, maxRedirects, proxyEnv});
  const request = {
    method: 'GET',
    // the hash is about the bytes as they are published
    headers: {'accept-encoding': 'identity'},
    maxBytes,
    signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
  } as const;
  try {
    let waitMs = 0;
    for (let tries = 1; ; tries++) {
      let fault: Fault;
      try {
        await sleep(waitMs, undefined, request);
        const answer = await client.send(new URL(url), request);
        if (answer.status >= 200 && answer.status < 300) return {status: 'received', body: answer.body};
        fault = describeAnswer(answer);
      } catch (error) {
        signal?.throwIfAborted();
        if (deadline.aborted) return {status: 'failed', why: `not finished within ${deadlineMs / 1000} s`};
        fault = describeError(error, {connectMs, idleMs, maxBytes});
      }
      const {why, retries} = fault;
      waitMs = fault.retryAfterMs ?? retryMs * 2 ** (tries - 1);
      if (tries > retries || performance.now() + waitMs > endMs) {
        return {status: 'failed', why: `${why}${tries > 1 ? ` (tried ${tries} times)` : ''}`};
      }
      report(`${why}; trying again.`);
    }
  } finally {
    client.close();
  }
}

function describeAnswer(answer: HttpAnswer): Fault {
  if (answer.status >= 300 && answer.status < 400) {
    return {why: `redirects more than ${maxRedirects} times`, retries: 0};
  }
  return {
    why: `answered ${answer.status} ${answer.statusText}`.trimEnd(),
    retries: isPassing(answer) ? 3 : 0,
    retryAfterMs: readRetryAfter(answer, new Date()),
  };
}

/** @throws an error that no network has: one of the program. */
function describeError(error: unknown, limits: FaultLimits): Fault {
  if (error instanceof HttpFault) return describeFault(error.kind, limits);
  if (!(error instanceof Error && 'code' in error)) throw error;
  switch (error.code) {
    case 'ECONNREFUSED':
      return {why: 'the connection was refused (ECONNREFUSED)', retries: 2};
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {why: `the host was not found (${error.code})`, retries: 2};
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
      return {why: `the network has no way to the host (${error.code})`, retries: 2};
    case 'ECONNRESET':
      return {why: 'the server broke the connection off (ECONNRESET)', retries: 3};
    default:
      return {why: `${hideUserinfo(error.message)} (${error.code})`, retries: 0};
  }
}

function describeFault(kind: HttpFault['kind'], {connectMs, idleMs, maxBytes}: FaultLimits): Fault {
  switch (kind) {
    case 'no-connection':
      return {why: `no connection within ${connectMs / 1000} s`, retries: 0};
    case 'silence':
      return {why: `sent nothing for ${idleMs / 1000} s`, retries: 0};
    case 'too-large':
      return {why: `the body is larger than the limit of ${maxBytes / mebibyte} MiB`, retries: 0};
    case 'broken-off':
      return {why: 'the body broke off before its announced length', retries: 3};
  }
}
