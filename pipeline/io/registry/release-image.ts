import {createHash} from 'node:crypto';
import {gunzipSync, zstdDecompressSync} from 'node:zlib';
import {unpackTar} from 'modern-tar';
import * as z from 'zod';
import {type Artifact, ArtifactError, parseArtifact} from '../../../serve/artifact/artifact.ts';
import {Failure} from '../../core/failure.ts';
import {ImageSettings} from '../../core/release/recipe.ts';
import type {Manifest, Repository} from './registry.ts';

/** What the registry tells of a release without its layers. */
export interface ReleaseFacts {
  digest: string;
  /** `host/path/name@digest` */
  reference: string;
  /** Digest of the image's configuration, which is its id in most engines. */
  configDigest: string;
  labels: Record<string, string>;
  /** How the image starts, and for which platform it is. */
  settings: ImageSettings;
  /** When the image was built, ISO 8601. */
  builtAt: string;
  manifest: Manifest;
}

/** A release with the model and the hash of the server that are in it. */
export interface Release extends ReleaseFacts {
  artifact: Artifact;
  /** The bytes of model.json. */
  text: string;
  /** The text of model-card.md; null for a release without one. */
  card: string | null;
  serverSha256: string;
  /** Size of server, model and model card. */
  layerBytes: number;
}

const Descriptor = z.object({mediaType: z.string(), digest: z.string(), size: z.number()});
const ImageManifest = z.object({config: Descriptor, layers: z.array(Descriptor)});
const ImageIndex = z.object({
  manifests: z.array(
    Descriptor.extend({platform: z.object({os: z.string(), architecture: z.string()}).optional()}),
  ),
});
const ImageConfig = z.looseObject({
  created: z.string().optional(),
  config: z.object({Labels: z.record(z.string(), z.string()).nullish()}).nullish(),
});

const maxConfigBytes = 4 * 2 ** 20;
/** Server, model and card; a model with a hundred held-out rows of a hundred features is far below. */
const maxLayerBytes = 64 * 2 ** 20;

/** Reads manifest and configuration of an image: two or three small requests. */
export async function readReleaseFacts(repository: Repository, manifest: Manifest): Promise<ReleaseFacts> {
  const {facts} = await readImage(repository, manifest);
  return facts;
}

/**
 * Takes model and server out of an image, without running it and without its base: ours is the last layer.
 *
 * @throws Failure of kind `engine` when the image holds no model that this program can read; a champion that
 *   cannot be understood is never treated as no champion.
 */
export async function readRelease(repository: Repository, manifest: Manifest): Promise<Release> {
  const {facts, layers} = await readImage(repository, manifest);
  const layer = layers.at(-1);
  const files =
    layer === undefined ? new Map<string, Buffer>() : await readLayer(repository, layer, facts.reference);
  const [model, server] = [files.get('app/model.json'), files.get('app/server.mjs')];
  if (model === undefined || server === undefined) {
    const missing = model === undefined ? 'model.json' : 'server.mjs';
    throw broken(
      facts.reference,
      `its last layer holds no /app/${missing}: it was not built by this program`,
    );
  }
  const text = model.toString('utf8');
  try {
    const artifact = parseArtifact(text, `/app/model.json of ${facts.reference}`);
    const serverSha256 = createHash('sha256').update(server).digest('hex');
    const card = files.get('app/model-card.md');
    const layerBytes = model.length + server.length + (card?.length ?? 0);
    return {...facts, artifact, text, card: card?.toString('utf8') ?? null, serverSha256, layerBytes};
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    throw broken(facts.reference, error.message, error);
  }
}

interface Image {
  facts: ReleaseFacts;
  layers: z.infer<typeof Descriptor>[];
}

async function readImage(repository: Repository, manifest: Manifest): Promise<Image> {
  const reference = `${repository.reference}@${manifest.digest}`;
  const json: unknown = JSON.parse(manifest.bytes.toString());
  const index = ImageIndex.safeParse(json);
  if (index.success) {
    const {manifests} = index.data;
    const chosen = manifests.find(
      ({platform}) => platform?.os === 'linux' && platform.architecture !== 'unknown',
    );
    const inner = chosen && (await repository.getManifest(chosen.digest));
    if (inner === undefined) throw broken(reference, 'its index names no image for Linux');
    const image = await readImage(repository, inner);
    return {...image, facts: {...image.facts, digest: manifest.digest, reference, manifest}};
  }
  const image = ImageManifest.safeParse(json);
  if (!image.success) throw broken(reference, 'its manifest is not that of an image');
  const {config, layers} = image.data;
  const bytes = await repository.getBlob(config.digest, maxConfigBytes);
  const json2: unknown = JSON.parse(bytes.toString());
  const parsed = ImageConfig.safeParse(json2);
  const settings = ImageSettings.safeParse(json2);
  if (!parsed.success || !settings.success)
    throw broken(reference, 'its configuration is not that of an image');
  const facts: ReleaseFacts = {
    digest: manifest.digest,
    reference,
    configDigest: config.digest,
    labels: parsed.data.config?.Labels ?? {},
    settings: settings.data,
    builtAt: parsed.data.created ?? '',
    manifest,
  };
  return {facts, layers};
}

async function readLayer(
  repository: Repository,
  layer: z.infer<typeof Descriptor>,
  reference: string,
): Promise<Map<string, Buffer>> {
  if (layer.size > maxLayerBytes) {
    throw broken(
      reference,
      `its last layer has ${layer.size} bytes, at most ${maxLayerBytes} are expected: it was not built by this program`,
    );
  }
  const bytes = await repository.getBlob(layer.digest, maxLayerBytes);
  try {
    const entries = await unpackTar(decompress(bytes));
    return new Map(
      entries.map(({header, data}) => [header.name.replace(/^\.?\//, ''), Buffer.from(data ?? [])]),
    );
  } catch (cause) {
    throw broken(reference, 'its last layer cannot be unpacked', cause);
  }
}

function decompress(bytes: Buffer): Buffer {
  const options = {maxOutputLength: maxLayerBytes};
  if (bytes.readUInt16BE(0) === 0x1f8b) return gunzipSync(bytes, options);
  if (bytes.readUInt32LE(0) === 0xfd2fb528) return zstdDecompressSync(bytes, options);
  return bytes;
}

function broken(reference: string, why: string, cause?: unknown): Failure {
  return new Failure('engine', {
    code: 'RELEASE_BROKEN',
    message: `${reference} is not a release that can be compared with: ${why}`.replace(/\.?$/, '.'),
    fix: 'Move the channel to a release that is whole with `npm run rollback -- --to TAG` (`npm run history` lists them), or promote to another CHANNEL.',
    cause,
  });
}

/** The digest of the configuration that a manifest names; undefined for one that is not that of one image. */
export function readConfigDigest({bytes}: Manifest): string | undefined {
  return ImageManifest.safeParse(JSON.parse(bytes.toString())).data?.config.digest;
}
