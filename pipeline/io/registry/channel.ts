import {setTimeout as sleep} from 'node:timers/promises';
import type {Manifest, Repository} from './registry.ts';
import {readReleaseFacts} from './release-image.ts';

/** How long after it was written a channel is looked at once more, in ms. */
const settleMs = 250;

/** How a move ended: the channel is ours, or another run's. */
type Move =
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
 * @throws Failure of kind `engine` when the registry does not let the channel be moved.
 */
export async function moveChannel(
  repository: Repository,
  channel: string,
  manifest: Manifest,
  expected: string | null,
): Promise<Move> {
  const read = () => repository.getManifest(channel);
  const before = (await read())?.digest ?? null;
  if (before !== expected) return {status: 'contended', digest: before};
  await repository.putManifest(channel, manifest, {overwrites: expected !== null});
  const after = (await read())?.digest ?? null;
  if (after !== manifest.digest) return {status: 'contended', digest: after};
  await sleep(settleMs);
  const settled = await read();
  if (settled?.digest === manifest.digest || (await isSuccessor(repository, settled, manifest))) {
    return {status: 'moved'};
  }
  return {status: 'contended', digest: settled?.digest ?? null};
}

async function isSuccessor(
  repository: Repository,
  settled: Manifest | undefined,
  {digest}: Manifest,
): Promise<boolean> {
  return settled !== undefined && (await readReleaseFacts(repository, settled)).parent === digest;
}
