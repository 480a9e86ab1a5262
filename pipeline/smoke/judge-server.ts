import {get} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Artifact} from '../../serve/artifact/artifact.ts';
import type {Check} from '../core/release/evidence.ts';
import {checkServer, runCheck, type SmokeScope} from './checks.ts';

const readyTimeoutMs = 30_000;
const answerTimeoutMs = 2_000;
const stopGraceMs = 15_000;

/** A server that was started, whatever runs it. */
export interface StartedServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  hasEnded(): Promise<boolean>;
  /** Asks the image's own health check; null where there is none to ask. */
  checkHealth: (() => Promise<boolean>) | null;
  /** Sends SIGTERM and gives the exit code; null where it had to be killed after the grace period. */
  stop(graceMs: number): Promise<number | null>;
}

/** The findings of the smoke test about a server. */
export interface Judgement {
  checks: Check[];
  /** From the start to the first 200 on /readyz, in ms; null where it was never ready. */
  startupMs: number | null;
  /** Median and 99th percentile of sequential one-row predictions, in ms. */
  p50Ms: number | null;
  p99Ms: number | null;
}

/**
 * Waits until a server is ready, asks it everything that a client relies on, and stops it.
 *
 * @param beginMs when it was started, by `performance.now()`.
 */
export async function judgeServer(
  server: StartedServer,
  artifact: Artifact,
  {
    hasCard,
    scope,
    signal,
    beginMs,
  }: {hasCard: boolean; scope: SmokeScope; signal: AbortSignal; beginMs: number},
): Promise<Judgement> {
  let startupMs = Number.NaN;
  const ready = await runCheck('ready', async () => {
    await waitUntilReady(server, signal);
    startupMs = round(performance.now() - beginMs);
    // also the monotonic clock can be held, as libfaketime does; what took no time would pass any rule
    if (startupMs <= 0) throw new Error('the clock of this machine stands still, so nothing can be timed');
  });
  if (!ready.passed) return {checks: [ready], startupMs: null, p50Ms: null, p99Ms: null};
  const {checks, latenciesMs} = await checkServer({url: server.url, artifact, hasCard, signal}, scope);
  const {checkHealth} = server;
  const health =
    checkHealth === null
      ? []
      : [
          await runCheck('health check command', async () => {
            if (!(await checkHealth())) throw new Error('it did not exit with 0');
          }),
        ];
  const ended = await runCheck('SIGTERM ends it with exit code 0', async () => {
    const code = await server.stop(stopGraceMs);
    if (code !== 0) throw new Error(`it ended with ${code === null ? 'SIGKILL' : `exit code ${code}`}`);
  });
  return {
    checks: [ready, ...checks, ...health, ended],
    startupMs,
    p50Ms: findPercentile(latenciesMs, 0.5),
    p99Ms: findPercentile(latenciesMs, 0.99),
  };
}

async function waitUntilReady({url, hasEnded}: StartedServer, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + readyTimeoutMs;
  for (let attempt = 1; performance.now() < deadlineMs; attempt++) {
    signal.throwIfAborted();
    if (await isReady(url)) return;
    // asking an engine costs more than asking the server
    if (attempt % 25 === 0 && (await hasEnded())) throw new Error('it ended before it was ready');
    await sleep(10);
  }
  throw new Error(`it was not ready within ${readyTimeoutMs / 1000} s`);
}

function isReady(url: string): Promise<boolean> {
  return new Promise(resolve => {
    const signal = AbortSignal.timeout(answerTimeoutMs);
    get(`${url}/readyz`, {agent: false, signal}, answer => {
      answer.resume();
      resolve(answer.statusCode === 200);
    }).once('error', () => resolve(false));
  });
}

/** Finds the nearest-rank percentile in ms to the microsecond; null of nothing. */
function findPercentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : round(value);
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
