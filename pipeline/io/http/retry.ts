import {setTimeout as sleep} from 'node:timers/promises';
import type {HttpAnswer} from './http-client.ts';

/** What came of one try. */
export interface Try<Outcome> {
  outcome: Outcome;
  /** How many tries after the first can help where it ended so. */
  retries: number;
  /** How long the other side asks to be left alone. */
  retryAfterMs?: number | undefined;
}

export interface RetryOptions<Outcome> {
  /** Before the second try; doubled for each further one. */
  firstWaitMs: number;
  /** For all tries and the waiting between them: nothing is waited for that ends later. */
  deadlineMs: number;
  signal: AbortSignal | undefined;
  /** Gets each outcome that another try follows. */
  onRetry?: (outcome: Outcome) => void;
}

/** Tries until no further try can help, and gives what the last one brought. */
export async function retry<Outcome>(
  attempt: () => Promise<Try<Outcome>>,
  {firstWaitMs, deadlineMs, signal, onRetry}: RetryOptions<Outcome>,
): Promise<{outcome: Outcome; tries: number}> {
  const endMs = performance.now() + deadlineMs;
  for (let tries = 1; ; tries++) {
    const {outcome, retries, retryAfterMs = firstWaitMs * 2 ** (tries - 1)} = await attempt();
    if (tries > retries || performance.now() + retryAfterMs > endMs) return {outcome, tries};
    onRetry?.(outcome);
    await sleep(retryAfterMs, undefined, {signal}).catch(() => signal?.throwIfAborted());
  }
}

const passing = new Set([408, 429, 500, 502, 503, 504]);

/** Whether an answer is one that the same request may not get a moment later (RFC 9110, section 15). */
export function isPassing({status}: HttpAnswer): boolean {
  return passing.has(status);
}

/** Milliseconds that an answer asks to wait before the next request: seconds or a date (RFC 9110, section 10.2.3). */
export function readRetryAfter({headers}: HttpAnswer, now: Date): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
