import {randomBytes} from 'node:crypto';

/** The place of a request in a distributed trace: the trace, the operation that asked, and the one that answers. */
export type Trace = {traceId: string; parentId: string; spanId: string; flags: number};

/** Versions after 00 may have more behind a further dash. */
const format = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** `sampled` and `random-trace-id`: others must be sent as 0. */
const knownFlags = 0b11;

/**
 * Reads the header `traceparent`, and gives the answer to it an id: https://www.w3.org/TR/trace-context-2/.
 *
 * @returns undefined where there is none, or one that the standard tells to ignore.
 */
export function readTrace(traceparent: string | null | undefined): Trace | undefined {
  if (traceparent == null) return undefined;
  const [, version, traceId, parentId, flags, more] = format.exec(traceparent) ?? [];
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  return {traceId, parentId, spanId: createSpanId(), flags: Number.parseInt(flags, 16) & knownFlags};
}

/** Writes the header `traceresponse`: https://w3c.github.io/trace-context/#traceresponse-header. */
export function formatTraceResponse({traceId, spanId, flags}: Trace): string {
  return `00-${traceId}-${spanId}-0${flags}`;
}

function createSpanId(): string {
  const id = randomBytes(8);
  // All zeros would be invalid.
  id[0] = (id[0] ?? 0) | 1;
  return id.toString('hex');
}
