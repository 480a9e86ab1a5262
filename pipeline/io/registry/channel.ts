import {setTimeout as sleep} from 'node:timers/promises';
import type {ChannelMove, LogEntry} from '../../core/release/channel-log.ts';
import {keepEntry, putEntry, readChannelLog} from './channel-log.ts';
import type {Manifest, Repository} from './registry.ts';
import {readReleaseFacts} from './release-image.ts';

/** How long after it was written a channel is looked at once more, in ms. */
const settleMs = 250;

/** How a move ended: the channel is ours, or another run's. */
export type Move =
  | {status: 'moved'}
  /** Another run moved the channel: nothing was written, or what was written did not last. `digest` is there now. */
  | {status: 'contended'; digest: string | null};

/**
 * Points a channel at a manifest that the registry holds, unless it has moved away from `expected` meanwhile.
 *
 * Registries have no compare-and-set: the channel is read right before it is written, right after, and once more
 * after a while, so that of two runs which write at the same time at least one sees the other. A successor that was
 * compared with ours is the normal course of things, and no contention.
 *
 * @param expected digest that the channel has, null where it does not exist.
 * @param whenWritten runs between the write and the last look.
 * @throws Failure of kind `engine` when the registry does not let the channel be moved.
 */
export async function moveChannel(
  repository: Repository,
  channel: string,
  manifest: Manifest,
  expected: string | null,
  whenWritten: () => Promise<void> = async () => {},
): Promise<Move> {
  const read = () => repository.getManifest(channel);
  const before = (await read())?.digest ?? null;
  if (before !== expected) return {status: 'contended', digest: before};
  await repository.putManifest(channel, manifest, {overwrites: expected !== null});
  const after = (await read())?.digest ?? null;
  if (after !== manifest.digest) return {status: 'contended', digest: after};
  await Promise.all([sleep(settleMs), whenWritten()]);
  const settled = await read();
  if (settled?.digest === manifest.digest || (await isSuccessor(repository, channel, settled, manifest))) {
    return {status: 'moved'};
  }
  return {status: 'contended', digest: settled?.digest ?? null};
}

/** Who moves a channel, and why. */
export type Reason = Pick<ChannelMove, 'action' | 'reason' | 'who' | 'run'>;

/**
 * Moves a channel, and writes the move down in the channel's log; a move that left no entry is entered before.
 *
 * @param now reads the clock.
 */
export async function moveAndRecord(
  repository: Repository,
  channel: string,
  manifest: Manifest,
  {expected, now, ...why}: Reason & {expected: string | null; now: () => Date},
): Promise<Move> {
  if (expected !== null) await enterFound(repository, channel, expected, now);
  const written: LogEntry[] = [];
  const move = await moveChannel(repository, channel, manifest, expected, async () => {
    const time = now().toISOString();
    written.push(await putEntry(repository, {...why, channel, from: expected, to: manifest.digest, time}));
  });
  for (const entry of written) await keepEntry(repository, entry);
  return move;
}

/** Enters what a channel holds into its log where that does not say so: a run was interrupted, or somebody moved it by hand. */
export async function enterFound(
  repository: Repository,
  channel: string,
  held: string,
  now: () => Date,
): Promise<void> {
  const {entries, problem} = await readChannelLog(repository, channel, () => true);
  const [newest] = entries;
  if (newest?.to === held) return;
  const move = {
    action: 'found',
    channel,
    from: newest?.to ?? null,
    to: held,
    time: now().toISOString(),
    reason: problem === null ? null : `the log before it cannot be read: ${problem}`,
    who: null,
    run: null,
  } as const;
  await keepEntry(repository, await putEntry(repository, move));
}

/** How often the entry of another run is looked for, which writes it after it has moved the channel. */
const maxLooks = 3;

async function isSuccessor(
  repository: Repository,
  channel: string,
  settled: Manifest | undefined,
  {digest}: Manifest,
): Promise<boolean> {
  if (settled === undefined) return false;
  if ((await readReleaseFacts(repository, settled)).parent === digest) return true;
  const follows = ({from, to}: LogEntry) => from === digest && to === settled.digest;
  for (let looks = 0; looks < maxLooks; looks++) {
    const {entries} = await readChannelLog(
      repository,
      channel,
      entry => follows(entry) || entry.to === digest,
    );
    if (entries.some(follows)) return true;
    await sleep(settleMs);
  }
  return false;
}
