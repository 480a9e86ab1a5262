import {createHash} from 'node:crypto';
import * as z from 'zod';
import {type Artifact, ArtifactError, parseArtifact} from '../../../serve/artifact/artifact.ts';
import {Failure} from '../../core/failure.ts';
import {parseBody} from './answer.ts';
import {maxLayerBytes, unpackLayer} from './layer.ts';
import {type Descriptor, Digest, maxConfigBytes} from './manifest.ts';
import type {Manifest, Repository} from './registry.ts';
import {releaseLabels} from './release-labels.ts';

/** What the registry tells of a release without its layers. */
export interface ReleaseFacts {
  digest: string;
  /** `host/path/name@digest` */
  reference: string;
  /** Digest of the image's configuration, which is its id in most engines. */
  configDigest: string;
  labels: Record<string, string>;
  /** Digest of the release that the channel pointed at when this one was built; null for the first. */
  parent: string | null;
  /** When the image was built, ISO 8601; empty where the image does not say. */
  builtAt: string;
  manifest: Manifest;
}

/** A release with what is in it: the model, as far as this program can read it, and the hash of the server. */
export type Release = ReleaseFacts & {
  /** Version of its model. */
  modelVersion: string;
  /** The bytes of model.json. */
  text: string;
  /** The text of model-card.md; null for a release without one. */
  card: string | null;
  serverSha256: string;
  /** Size of all files of our layer, in bytes. */
  layerBytes: number;
} & (
    | {artifact: Artifact}
    /** The model has a format that only another program reads; the problem says which, in a sentence without an end. */
    | {artifact: null; problem: string}
  );

const ImageConfig = z
  .object({
    created: z.iso.datetime({offset: true}).optional().catch(undefined),
    config: z.object({Labels: z.record(z.string(), z.string()).nullish()}),
  })
  .transform(({created = '', config}) => ({builtAt: created, labels: config.Labels ?? {}}));

/** Reads manifest and configuration of an image: two or three small requests. */
export async function readReleaseFacts(repository: Repository, manifest: Manifest): Promise<ReleaseFacts> {
  const {facts} = await readImage(repository, manifest);
  return facts;
}

/**
 * Takes model and server out of an image, without running it and without its base: ours is the last layer.
 *
 * A model of a format that this program does not know is returned as such: its release can be named, listed and
 * replaced, though not compared with.
 *
 * @throws Failure of kind `engine` when the image holds no model or one that is not whole; a champion that is broken
 *   is never treated as no champion.
 */
export async function readRelease(repository: Repository, manifest: Manifest): Promise<Release> {
  const {facts, layer} = await readImage(repository, manifest);
  const files = await readLayer(repository, layer, facts.reference);
  const [model, server] = [files.get('app/model.json'), files.get('app/server.mjs')];
  if (model === undefined || server === undefined) {
    const missing = model === undefined ? 'model.json' : 'server.mjs';
    throw broken(
      facts.reference,
      `its last layer holds no /app/${missing}: it was not built by this program`,
    );
  }
  const card = files.get('app/model-card.md');
  const content = {
    ...facts,
    text: model.toString('utf8'),
    card: card?.toString('utf8') ?? null,
    serverSha256: createHash('sha256').update(server).digest('hex'),
    layerBytes: [...files.values()].reduce((sum, {length}) => sum + length, 0),
  };
  try {
    const artifact = parseArtifact(content.text, '/app/model.json');
    return {...content, modelVersion: artifact.version, artifact};
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    if (error.reason !== 'unknown-format') throw broken(facts.reference, error.message, error);
    const modelVersion = facts.labels[releaseLabels.modelVersion] ?? 'of an unknown version';
    return {...content, modelVersion, artifact: null, problem: error.message.replace(/\.$/, '')};
  }
}

async function readImage(
  repository: Repository,
  manifest: Manifest,
): Promise<{facts: ReleaseFacts; layer: Descriptor | undefined}> {
  const {digest} = manifest;
  const reference = `${repository.reference}@${digest}`;
  const {content} = await chooseImage(repository, manifest, reference);
  if (content.kind !== 'image') throw broken(reference, 'its manifest is not that of an image');
  const {config, layers} = content;
  const parsed = parseBody(ImageConfig, await repository.getBlob(config.digest, maxConfigBytes));
  if (parsed === undefined) throw broken(reference, 'its configuration is not that of an image');
  const parent = Digest.safeParse(parsed.labels[releaseLabels.parent]).data ?? null;
  const facts = {...parsed, digest, reference, configDigest: config.digest, parent, manifest};
  return {facts, layer: layers.at(-1)};
}

/** Goes from an index to the image for Linux in it; an image is what it is. */
async function chooseImage(repository: Repository, manifest: Manifest, reference: string): Promise<Manifest> {
  if (manifest.content.kind !== 'index') return manifest;
  const chosen = manifest.content.manifests.find(
    ({platform}) => platform?.os === 'linux' && platform.architecture !== 'unknown',
  );
  const image = chosen && (await repository.getManifest(chosen.digest));
  if (image === undefined) throw broken(reference, 'its index names no image for Linux that is there');
  return image;
}

async function readLayer(
  repository: Repository,
  layer: Descriptor | undefined,
  reference: string,
): Promise<Map<string, Buffer>> {
  if (layer === undefined) return new Map();
  if (layer.size > maxLayerBytes) {
    throw broken(
      reference,
      `its last layer has ${layer.size} bytes, at most ${maxLayerBytes} are expected: it was not built by this program`,
    );
  }
  const bytes = await repository.getBlob(layer.digest, maxLayerBytes);
  try {
    return await unpackLayer(bytes);
  } catch (cause) {
    throw broken(reference, 'its last layer cannot be unpacked', cause);
  }
}

function broken(reference: string, why: string, cause?: unknown): Failure {
  return new Failure('engine', {
    code: 'RELEASE_BROKEN',
    message: `${reference} is not a release that can be compared with: ${why}`.replace(/\.?$/, '.'),
    fix: 'Move the channel to a release that is whole with `npm run rollback -- --to TAG` (`npm run history` lists them), or promote to another CHANNEL.',
    cause,
  });
}
