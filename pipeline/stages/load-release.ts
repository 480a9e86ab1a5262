import * as z from 'zod';
import {Failure} from '../core/failure.ts';
import {namePlatform, type Platform, servesPlatform} from '../core/release/base.ts';
import type {Engine} from '../io/engine/engine.ts';
import type {BlobCache} from '../io/image/blob-cache.ts';
import {parseBody} from '../io/registry/answer.ts';
import {maxLayerBytes} from '../io/registry/layer.ts';
import {maxConfigBytes} from '../io/registry/manifest.ts';
import type {Manifest, Repository} from '../io/registry/registry.ts';

const Config = z.object({rootfs: z.object({diff_ids: z.array(z.string())})});

/**
 * Brings a release of a registry into an engine: its own layer, and those of its base that the engine lacks.
 *
 * @param name what the engine shall call it, `NAME:TAG`.
 * @throws Failure of kind `engine` when the release is not whole, or has no image for the engine's platform.
 */
export async function loadRelease(
  engine: Engine & {platform: Platform},
  name: string,
  {
    repository,
    manifest,
    cache,
    signal,
  }: {repository: Repository; manifest: Manifest; cache: BlobCache; signal: AbortSignal},
): Promise<{id: string; sizeBytes: number}> {
  const broken = (why: string) =>
    new Failure('engine', {
      code: 'RELEASE_BROKEN',
      message: `${repository.reference}@${manifest.digest} cannot be run here: ${why}.`,
      fix: 'Name another release: npm run history lists them.',
    });
  const {content} = await chooseImage(repository, manifest, engine.platform);
  if (content.kind !== 'image') throw broken(`it holds no image for ${namePlatform(engine.platform)}`);
  const {layers} = content;
  const config = await repository.getBlob(content.config.digest, maxConfigBytes);
  const diffIds = parseBody(Config, config)?.rootfs.diff_ids;
  if (diffIds?.length !== layers.length) throw broken('its configuration does not fit its layers');
  const own = layers.at(-1);
  const ownBytes = own && (await repository.getBlob(own.digest, maxLayerBytes));
  return engine.load(
    {
      name,
      config,
      layers: layers.map((layer, index) => ({
        diffId: diffIds[index] ?? '',
        content:
          layer === own && ownBytes !== undefined
            ? ownBytes
            : () => cache.locate(layer, path => repository.saveBlob(layer, path)),
      })),
    },
    signal,
  );
}

/** Goes from an index to the image in it that a platform runs; an image is what it is. */
async function chooseImage(
  repository: Repository,
  manifest: Manifest,
  wanted: Platform,
): Promise<Pick<Manifest, 'content'>> {
  if (manifest.content.kind !== 'index') return manifest;
  const chosen = manifest.content.manifests.find(
    ({platform}) => platform !== undefined && servesPlatform(platform, wanted),
  );
  return (chosen && (await repository.getManifest(chosen.digest))) ?? manifest;
}
