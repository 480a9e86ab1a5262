import {setTimeout as sleep} from 'node:timers/promises';
import type {Manifest, Repository} from './registry.ts';
import {readReleaseFacts} from './release-image.ts';
import {releaseLabels} from './release-labels.ts';

/** How long after it was written a channel is looked at once more, in ms. */
const settleMs = 250;

/**
 * Points a channel at a manifest that the registry holds, unless it has moved away from `expected` meanwhile.
 *
 * Registries have no compare-and-set: the channel is read right before it is written, right after, and once more
 * after a while, so that of two runs which write at the same time at least one sees the other.
 *
 * @returns false when another run moved the channel: nothing was written, or what was written did not last.
 */
export async function moveChannel(
  repository: Repository,
  channel: string,
  manifest: Manifest,
  expected: string | null,
): Promise<boolean> {
  const read = () => repository.getManifest(channel);
  if (((await read())?.digest ?? null) !== expected) return false;
  await repository.putManifest(channel, manifest, {overwrites: expected !== null});
  if ((await read())?.digest !== manifest.digest) return false;
  await sleep(settleMs);
  const settled = await read();
  if (settled?.digest === manifest.digest) return true;
  // a successor that was compared with ours is the normal course of things
  return (
    settled !== undefined &&
    (await readReleaseFacts(repository, settled)).labels[releaseLabels.parent] === manifest.digest
  );
}
