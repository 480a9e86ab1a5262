import type {Repository} from './registry.ts';
import {type Release, readRelease} from './release-image.ts';

/**
 * Reads the release that a channel points at, by digest.
 *
 * @returns undefined only where the registry itself says that there is no such tag.
 * @throws Failure of kind `engine` when the registry gives no answer, or the image is no release.
 */
export async function readChampion(repository: Repository, channel: string): Promise<Release | undefined> {
  const manifest = await repository.getManifest(channel);
  return manifest && (await readRelease(repository, manifest));
}
