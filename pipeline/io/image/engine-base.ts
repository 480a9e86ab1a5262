import {createReadStream} from 'node:fs';
import {copyFile, open, readFile, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {unpackTar} from 'modern-tar/fs';
import * as z from 'zod';
import {Failure} from '../../core/failure.ts';
import {BaseConfig, type BlobReference} from '../../core/release/base.ts';
import type {HeldImage} from '../engine/engine.ts';
import {parseBody} from '../registry/answer.ts';
import {type BlobCache, hashFile} from './blob-cache.ts';
import type {BaseSource} from './registry-base.ts';

const Saved = z
  .array(z.object({Config: z.string(), Layers: z.array(z.string())}))
  .length(1)
  .transform(([image = {Config: '', Layers: []}]) => image);

const Kept = z.object({
  config: BaseConfig,
  layers: z.array(z.object({mediaType: z.string(), digest: z.string(), size: z.int()})),
});

/**
 * Takes a base apart that an engine holds, for where its registry cannot be reached: it has the platform of the engine
 * alone. Its layers are kept, so that it is taken apart once.
 *
 * @throws Failure of kind `engine` when the archive that the engine writes is not whole.
 */
export async function readEngineBase(
  {name, digest, id, save}: HeldImage,
  cache: BlobCache,
): Promise<BaseSource> {
  const facts = parseBody(
    Kept,
    await cache.readNamed(`engine-${id.slice(7)}.json`, async () => {
      const kept = await takeApart(name, save, cache);
      return Buffer.from(JSON.stringify(kept));
    }),
  );
  if (facts === undefined) throw broken(name, 'what was kept of it was changed');
  const {config, layers} = facts;
  const {os, architecture, variant} = config;
  const platform = {os, architecture, ...(variant === undefined ? {} : {variant})};
  return {
    base: {name, digest, parts: [{platform, digest, config, layers}]},
    repository: null,
    async locateLayer(layer) {
      if (!layers.some(known => known.digest === layer.digest))
        throw broken(
          name,
          `the layer ${layer.digest} is none of it: it is another image now than the one built on`,
        );
      return cache.locate(layer, async () => {
        await takeApart(name, save, cache);
      });
    },
  };
}

async function takeApart(
  name: string,
  save: (path: string) => Promise<void>,
  cache: BlobCache,
): Promise<z.infer<typeof Kept>> {
  const folder = await cache.makeFolder();
  try {
    const archive = join(folder, 'image.tar');
    await save(archive);
    const files = join(folder, 'files');
    await pipeline(createReadStream(archive), unpackTar(files));
    await rm(archive);
    const inside = (path: string) => {
      if (/^(?!\.\.\/)(?!.*\/\.\.(?:\/|$))[\w][\w./-]*$/.test(path)) return join(files, path);
      throw broken(name, `its archive names ${JSON.stringify(path)}`);
    };
    const saved = parseBody(Saved, await readFile(join(files, 'manifest.json')));
    if (saved === undefined) throw broken(name, 'its archive has no manifest.json of one image');
    const config = parseBody(BaseConfig, await readFile(inside(saved.Config)));
    if (config === undefined || config.rootfs.diff_ids.length !== saved.Layers.length)
      throw broken(name, 'its archive has no configuration with its layers');
    const layers: BlobReference[] = [];
    for (const [index, path] of saved.Layers.entries()) {
      const layer = await describeLayer(inside(path));
      const isPacked = layer.mediaType.endsWith('+gzip');
      if (!isPacked && layer.digest !== config.rootfs.diff_ids[index])
        throw broken(name, `its layer ${path} has digest ${layer.digest}`);
      await cache.locate(layer, target => copyFile(inside(path), target));
      layers.push(layer);
    }
    return {config, layers};
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

async function describeLayer(path: string): Promise<BlobReference> {
  const file = await open(path);
  try {
    const {size} = await file.stat();
    const {buffer} = await file.read(Buffer.alloc(2), 0, 2, 0);
    const packing = buffer.readUInt16BE(0) === 0x1f8b ? '+gzip' : '';
    return {
      mediaType: `application/vnd.oci.image.layer.v1.tar${packing}`,
      digest: await hashFile(path),
      size,
    };
  } finally {
    await file.close();
  }
}

function broken(name: string, why: string): Failure {
  return new Failure('engine', {
    code: 'BASE_IMAGE_BROKEN',
    message: `The base image ${name} cannot be built on: ${why}.`,
    fix: 'Pull it again with the container engine, or name another with BASE_IMAGE.',
  });
}
