import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {Failure} from '../../core/failure.ts';
import type {BlobReference} from '../../core/release/base.ts';
import {type Image, mediaTypes} from '../../core/release/image.ts';
import {nameBlob} from '../../core/release/layer.ts';
import {isMissing} from '../artifacts/read-text.ts';
import {parseManifest} from '../registry/manifest.ts';

/** Folder of a version that holds its image as an OCI image layout; the base's layers are elsewhere. */
export const layoutFolder = 'image';

/** What of an image goes to a registry, in the order in which it may. */
export interface StoredImage {
  digest: string;
  index: Buffer;
  manifests: Buffer[];
  /** Configurations, and the release's own layer. */
  blobs: Buffer[];
  /** Layers of the base, each once. */
  baseLayers: BlobReference[];
}

/** Writes an image as an OCI image layout, in the place of one that was there. */
export async function writeLayout(folder: string, {index, parts, layer}: Image): Promise<void> {
  await rm(folder, {recursive: true, force: true});
  const blobs = join(folder, 'blobs/sha256');
  await mkdir(blobs, {recursive: true});
  const all = [layer.blob, ...parts.flatMap(({config, manifest}) => [config, manifest]), index];
  for (const {digest, bytes} of all) await writeFile(join(blobs, digest.slice('sha256:'.length)), bytes);
  const {digest, size} = index;
  const entry = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [{mediaType: mediaTypes.index, digest, size}],
  };
  await writeFile(join(folder, 'index.json'), JSON.stringify(entry));
  // written last: readers take its presence as "complete"
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
}

/**
 * Reads the image with this digest from a layout, every byte of it verified.
 *
 * @throws Failure of kind `rejected` where it is not there, or was changed since it was built.
 */
export async function readLayout(folder: string, digest: string): Promise<StoredImage> {
  const changed = (what: string) =>
    new Failure('rejected', {
      code: 'SUBJECT_CHANGED',
      message: `build.json is about the image ${digest}; ${folder} ${what}.`,
      fix: 'Build again: npm run build.',
    });
  const readBlob = async (name: string): Promise<Buffer> => {
    const path = join(folder, 'blobs/sha256', name.slice('sha256:'.length));
    const bytes = await readFile(path).catch((error: unknown) => {
      if (isMissing(error)) throw changed(`does not hold ${name}`);
      throw error;
    });
    if (nameBlob(bytes).digest !== name) throw changed(`holds something else under ${name}`);
    return bytes;
  };
  const index = await readBlob(digest);
  const content = parseManifest(index);
  if (content?.kind !== 'index') throw changed('holds no index under it');
  const manifests = await Promise.all(content.manifests.map(entry => readBlob(entry.digest)));
  const images = manifests.map(bytes => {
    const image = parseManifest(bytes);
    if (image?.kind !== 'image') throw changed('holds something else than images');
    return image;
  });
  const own = images.flatMap(({config, layers}) => [config.digest, layers.at(-1)?.digest ?? '']);
  const base = images.flatMap(({layers}) => layers.slice(0, -1));
  return {
    digest,
    index,
    manifests,
    blobs: await Promise.all([...new Set(own)].map(readBlob)),
    baseLayers: [...new Map(base.map(layer => [layer.digest, layer])).values()],
  };
}
