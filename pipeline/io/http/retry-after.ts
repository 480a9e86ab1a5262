import type {HttpAnswer} from './http-client.ts';

const passing = new Set([408, 413, 429, 500, 502, 503, 504]);

/** Whether an answer is one that the same request may not get a moment later (RFC 9110, section 15). */
export function isPassing({status}: HttpAnswer): boolean {
  return passing.has(status);
}

/** Milliseconds that an answer asks to wait before the next request: seconds or a date (RFC 9110, section 10.2.3). */
export function readRetryAfter({headers}: HttpAnswer, now: Date): number | undefined {
  const text = headers['retry-after'];
  if (typeof text !== 'string') return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
