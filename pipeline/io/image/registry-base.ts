import * as z from 'zod';
import {Failure} from '../../core/failure.ts';
import {
  type Base,
  BaseConfig,
  type BasePart,
  type BlobReference,
  choosePlatforms,
  type Platform,
  servesPlatform,
} from '../../core/release/base.ts';
import {Sha256Digest} from '../../core/release/digest.ts';
import {parseBody} from '../registry/answer.ts';
import {splitReference} from '../registry/image-reference.ts';
import {type ManifestContent, maxConfigBytes, parseManifest} from '../registry/manifest.ts';
import type {Repository} from '../registry/registry.ts';
import type {BlobCache} from './blob-cache.ts';

/** A base, and where its layers come from. */
export interface BaseSource {
  base: Base;
  /** The repository that holds the layers; null where only an engine does. */
  repository: Repository | null;
  /** Brings a layer into a file of this machine; its digest is checked. */
  locateLayer(layer: BlobReference): Promise<string>;
}

/** An image of Node is far below. */
const maxLayerBytes = 2 * 2 ** 30;

const layerTypes = [
  'application/vnd.oci.image.layer.v1.tar',
  'application/vnd.oci.image.layer.v1.tar+gzip',
  'application/vnd.oci.image.layer.v1.tar+zstd',
  'application/vnd.docker.image.rootfs.diff.tar',
  'application/vnd.docker.image.rootfs.diff.tar.gzip',
];
const Layers = z.array(
  z.object({
    mediaType: z.enum(layerTypes),
    digest: Sha256Digest,
    size: z.int().positive().max(maxLayerBytes),
  }),
);

/**
 * Asks a base's registry what the base is now, for those of the platforms that it has. All that a digest names is
 * kept, so that a base that is named by its digest is asked for once.
 *
 * @returns undefined where the registry itself says that there is no such image.
 * @throws Failure of kind `engine` when the registry fails or what it holds is no image, of kind `usage` where the base
 *   has none of the platforms.
 */
export async function readRegistryBase(
  reference: string,
  {repository, cache, platforms}: {repository: Repository; cache: BlobCache; platforms: readonly Platform[]},
): Promise<BaseSource | undefined> {
  const {tag, digest: pinned} = splitReference(reference);
  const broken = (why: string) =>
    new Failure('engine', {
      code: 'BASE_IMAGE_BROKEN',
      message: `The base image ${reference} cannot be built on: ${why}.`,
      fix: 'Name another with BASE_IMAGE: an image with Node 24 at /nodejs/bin/node.',
    });
  const readManifest = async (digest: string): Promise<ManifestContent> => {
    const bytes = await cache.read(digest, async () => {
      const manifest = await repository.getManifest(digest);
      if (manifest === undefined) throw broken(`its registry does not hold ${digest}`);
      return manifest.bytes;
    });
    const content = parseManifest(bytes);
    if (content === undefined) throw broken(`${digest} is no manifest`);
    return content;
  };
  const top = pinned === undefined ? await repository.getManifest(tag) : undefined;
  const digest = pinned ?? top?.digest;
  if (digest === undefined) return undefined;
  const content = top?.content ?? (await readManifest(digest));

  const readPart = async (
    partDigest: string,
    image: ManifestContent,
    named?: Platform,
  ): Promise<BasePart> => {
    if (image.kind !== 'image') throw broken(`${partDigest} is not the manifest of an image`);
    const layers = Layers.safeParse(image.layers);
    if (!layers.success) throw broken(`the layers of ${partDigest} are not those of an image`);
    const configDigest = image.config.digest;
    const bytes = await cache.read(configDigest, () => repository.getBlob(configDigest, maxConfigBytes));
    const config = parseBody(BaseConfig, bytes);
    if (config === undefined || config.rootfs.diff_ids.length !== layers.data.length)
      throw broken(`the configuration of ${partDigest} is not that of an image with its layers`);
    const {os, architecture, variant = named?.variant} = config;
    const platform = {os, architecture, ...(variant === undefined ? {} : {variant})};
    return {platform, digest: partDigest, config, layers: layers.data};
  };
  if (content.kind === 'other') throw broken(`${digest} is neither an image nor an index of images`);
  const parts =
    content.kind === 'image'
      ? [await readPart(digest, content)]
      : await Promise.all(
          listImages(content, platforms).map(async ({digest: part, platform}) =>
            readPart(part, await readManifest(part), platform),
          ),
        );
  // of an index the platforms that were not asked for are known by their names alone
  const all = parts.length > 0 ? parts : listNamed(content);
  return {
    base: choosePlatforms({name: reference, digest, parts: all}, platforms),
    repository,
    locateLayer: layer => cache.locate(layer, path => repository.saveBlob(layer, path)),
  };
}

/** The images of an index that serve one of the platforms; one for each, the first. */
function listImages(content: ManifestContent & {kind: 'index'}, platforms: readonly Platform[]) {
  const chosen = platforms.flatMap(
    wanted =>
      content.manifests.find(({platform}) => platform !== undefined && servesPlatform(platform, wanted)) ??
      [],
  );
  return [...new Set(chosen)];
}

function listNamed(content: ManifestContent): BasePart[] {
  if (content.kind !== 'index') return [];
  return content.manifests.flatMap(({digest, platform = {os: 'unknown', architecture: 'unknown'}}) => [
    {
      platform,
      digest,
      config: {...platform, config: {}, rootfs: {type: 'layers', diff_ids: []}},
      layers: [],
    },
  ]);
}
