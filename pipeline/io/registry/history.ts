import type {Repository} from './registry.ts';
import {readReleaseFacts} from './release-image.ts';
import {releaseLabels} from './release-labels.ts';

/** A release as the registry knows it. */
export interface HistoryEntry {
  tag: string;
  digest: string;
  /** Version of the model in it. */
  version: string | null;
  /** Mean squared error on the test rows of its own run. */
  mse: number | null;
  /** When its image was built, ISO 8601. */
  builtAt: string;
  /** Digest of the release that it was compared with and followed. */
  parent: string | null;
  /** Channels that point at it. */
  channels: string[];
}

export interface History {
  repository: string;
  channel: string;
  /** Newest first. */
  releases: HistoryEntry[];
}

const releaseTag = /^[0-9a-f]{12}-[0-9a-f]{8}$/;

/** Lists what a repository holds: every release, and the channels (all other tags) that point at one. */
export async function readHistory(repository: Repository, channel: string): Promise<History> {
  const tags = await repository.listTags();
  const channels = new Map<string, string[]>();
  for (const name of tags.filter(tag => !releaseTag.test(tag)).sort()) {
    const digest = (await repository.getManifest(name))?.digest;
    if (digest !== undefined) channels.set(digest, [...(channels.get(digest) ?? []), name]);
  }
  const releases: HistoryEntry[] = [];
  for (const tag of tags.filter(name => releaseTag.test(name))) {
    const manifest = await repository.getManifest(tag);
    if (manifest === undefined) continue; // deleted since the tags were listed
    const {digest, labels, builtAt} = await readReleaseFacts(repository, manifest);
    const mse = Number(labels[releaseLabels.modelMse] ?? Number.NaN);
    releases.push({
      tag,
      digest,
      version: labels[releaseLabels.modelVersion] ?? null,
      mse: Number.isFinite(mse) ? mse : null,
      builtAt,
      parent: labels[releaseLabels.parent] ?? null,
      channels: channels.get(digest) ?? [],
    });
  }
  releases.sort((a, b) => b.builtAt.localeCompare(a.builtAt));
  return {repository: repository.reference, channel, releases};
}
