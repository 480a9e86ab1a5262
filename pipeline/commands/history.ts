import {readReleaseFacts, releaseLabels} from '../io/registry/release-image.ts';
import type {Run} from '../run/run-stage.ts';
import {openTarget} from './prepare.ts';

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
export async function readHistory(run: Run): Promise<History> {
  const {repository} = await openTarget(run);
  const tags = await repository.listTags();
  const channels = new Map<string, string[]>();
  for (const channel of tags.filter(tag => !releaseTag.test(tag)).sort()) {
    const digest = (await repository.getManifest(channel))?.digest;
    if (digest !== undefined) channels.set(digest, [...(channels.get(digest) ?? []), channel]);
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
  return {repository: repository.reference, channel: run.environment.channel, releases};
}

/** The history as a table for a person. */
export function formatHistory({repository, releases}: History): string {
  if (releases.length === 0) return `${repository} holds no release yet.`;
  const short = (digest: string | null) => digest?.replace(/^sha256:/, '').slice(0, 12) ?? '–';
  const rows = releases.map(({tag, digest, mse, builtAt, parent, channels}) => [
    channels.join(', '),
    tag,
    short(digest),
    mse === null ? '–' : String(Number(mse.toPrecision(6))),
    builtAt.slice(0, 19).replace('T', ' '),
    short(parent),
  ]);
  const table = [['channel', 'tag', 'digest', 'mse', 'built (UTC)', 'parent'], ...rows];
  const widths = table[0]?.map((_, i) => Math.max(...table.map(row => row[i]?.length ?? 0))) ?? [];
  const lines = table.map(row =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [repository, ...lines].join('\n');
}
