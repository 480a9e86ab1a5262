import pMap from 'p-map';
import {Failure} from '../../core/failure.ts';
import type {Manifest, Repository} from './registry.ts';
import {readReleaseFacts} from './release-image.ts';
import {releaseLabels} from './release-labels.ts';

/** A release as the registry knows it, or what is in its place. */
export interface HistoryEntry {
  /** Null for what only channels point at, without a release's own tag. */
  tag: string | null;
  /** Null where the manifest cannot be read. */
  digest: string | null;
  /** Version of the model in it. */
  version: string | null;
  /** Mean squared error on the test rows of its own run. */
  mse: number | null;
  /** When its image was built or first promoted, ISO 8601; empty where that is not known. */
  builtAt: string;
  /** Digest of the release that it was compared with and followed. */
  parent: string | null;
  /** Channels that point at it, sorted. */
  channels: string[];
  /** Why it is broken; null for a release that is whole, as far as manifest and configuration tell. */
  problem: string | null;
}

/** What a repository holds. */
export interface History {
  repository: string;
  channel: string;
  /** Newest first, broken ones last. */
  releases: HistoryEntry[];
}

const releaseTag = /^[0-9a-f]{12}-[0-9a-f]{8}$/;
/** The tags under which registries without referrers keep what is attached to a digest. */
const attachmentTag = /^sha256-[0-9a-f]{64}/;

/** The tag of a channel's log. */
const logTag = /\.log$/;

const concurrency = 8;

/** The failures of a registry as a whole: each further release would only meet the same one. */
const fatalCodes = new Set(['REGISTRY_UNREACHABLE', 'REGISTRY_TLS', 'REGISTRY_REFUSED']);

/** How often a registry may answer with an error before it is the registry that is broken, and not a release. */
const maxErrors = 20;

/**
 * Lists what a repository holds: every release, and the channels (all other tags) with what they point at.
 *
 * @throws Failure of kind `engine` when the registry fails; one release that is broken is listed as that.
 */
export async function readHistory(repository: Repository, channel: string): Promise<History> {
  const tags = (await repository.listTags()).filter(tag => !attachmentTag.test(tag) && !logTag.test(tag));
  const readTag = createTagReader(repository);
  const found = (await pMap(tags, readTag, {concurrency})).filter(entry => entry !== undefined);
  const named = found.filter(({tag}) => releaseTag.test(tag));
  const others = found.filter(({tag}) => !releaseTag.test(tag));
  // what cannot be read has no digest, and stands for itself
  const pointers = Map.groupBy(others, ({tag, digest}) => digest ?? tag);
  const listPointers = (digest: string | null) =>
    (pointers.get(digest ?? '') ?? []).map(({tag}) => tag).sort();
  const digests = new Set(named.map(({digest}) => digest));
  const unnamed = [...pointers.values()].flatMap(([first]) =>
    first === undefined || (first.digest !== null && digests.has(first.digest)) ? [] : [first],
  );
  const releases: HistoryEntry[] = [
    ...named.map(entry => ({...entry, channels: listPointers(entry.digest)})),
    ...unnamed.map(entry => ({...entry, tag: null, channels: listPointers(entry.digest ?? entry.tag)})),
  ];
  releases.sort((a, b) => (a.builtAt < b.builtAt ? 1 : a.builtAt > b.builtAt ? -1 : 0));
  return {repository: repository.reference, channel, releases};
}

type Summary = Omit<HistoryEntry, 'tag' | 'digest' | 'channels'>;
type TagEntry = Summary & {tag: string; digest: string | null};

/** Makes a reader of what a tag points at; it gives undefined where the tag is gone since the tags were listed. */
function createTagReader(repository: Repository): (tag: string) => Promise<TagEntry | undefined> {
  const summaries = new Map<string, Promise<Summary>>();
  let errors = 0;
  return async tag => {
    let digest: string | null = null;
    try {
      const manifest = await repository.getManifest(tag);
      if (manifest === undefined) return undefined;
      ({digest} = manifest);
      const summary = summaries.get(digest) ?? summarise(repository, manifest);
      summaries.set(digest, summary);
      return {tag, digest, ...(await summary)};
    } catch (error) {
      if (!(error instanceof Failure) || fatalCodes.has(error.code)) throw error;
      if (error.code === 'REGISTRY_ERROR' && ++errors > maxErrors) throw error;
      const problem = error.message;
      return {tag, digest, version: null, mse: null, builtAt: '', parent: null, problem};
    }
  };
}

async function summarise(repository: Repository, manifest: Manifest): Promise<Summary> {
  const {labels, builtAt, parent} = await readReleaseFacts(repository, manifest);
  const mse = Number.parseFloat(labels[releaseLabels.modelMse] ?? '');
  return {
    version: labels[releaseLabels.modelVersion] ?? null,
    mse: Number.isFinite(mse) ? mse : null,
    builtAt,
    parent,
    problem: null,
  };
}
