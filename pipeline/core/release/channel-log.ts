import * as z from 'zod';
import {Sha256Digest} from './digest.ts';

/** How a channel came to point at a release. */
export const ChannelMove = z.object({
  /** `found`: somebody moved the channel and wrote nothing down, which a later run did. */
  action: z.enum(['promote', 'rollback', 'found']),
  channel: z.string(),
  /** Digest that the channel had before; null where it did not exist. */
  from: Sha256Digest.nullable(),
  to: Sha256Digest,
  /** When it was written down, ISO 8601 in UTC. */
  time: z.iso.datetime(),
  reason: z.string().nullable(),
  who: z.string().nullable(),
  /** The CI's own address of the run. */
  run: z.string().nullable(),
});
export type ChannelMove = z.infer<typeof ChannelMove>;

/** A move as the registry holds it. */
export interface LogEntry extends ChannelMove {
  digest: string;
  /** Digest of the entry before; null for the first. */
  previous: string | null;
}

/** What a channel's log says. */
export interface ChannelLog {
  /** Newest first. */
  entries: readonly LogEntry[];
  /** Why there are no older entries, where there should be; null where the log is whole. */
  problem: string | null;
}

/** Finds the rollback that withdrew a release; undefined where none did, or a later move went back to it. */
export function findWithdrawal({entries}: Pick<ChannelLog, 'entries'>, digest: string): LogEntry | undefined {
  const newest = entries.find(({from, to}) => from === digest || to === digest);
  return newest?.action === 'rollback' && newest.from === digest ? newest : undefined;
}

/** Finds what a channel held before `current`, passing over what was withdrawn; null where it held nothing else. */
export function findPrevious({entries}: Pick<ChannelLog, 'entries'>, current: string): string | null {
  const held = entries.flatMap(({from, to}) => (from === null ? [to] : [to, from]));
  const isOpen = (digest: string) => findWithdrawal({entries}, digest) === undefined;
  return held.find(digest => digest !== current && isOpen(digest)) ?? null;
}

/**
 * Finds the move that decided what a channel held at a time; undefined before its first.
 *
 * An entry is never older than the one before it: of a clock that went back, the later time counts.
 */
export function findMoveAt({entries}: Pick<ChannelLog, 'entries'>, time: Date): LogEntry | undefined {
  let found: LogEntry | undefined;
  let latest = 0;
  for (const entry of [...entries].reverse()) {
    latest = Math.max(latest, Date.parse(entry.time));
    if (latest > time.getTime()) break;
    found = entry;
  }
  return found;
}
