import {readFile} from 'node:fs/promises';
import {gunzipSync} from 'node:zlib';
import {type Layer, nameBlob, packLayer} from '../../core/release/layer.ts';
import type {BlobCache} from './blob-cache.ts';

/** Packs an archive as `packLayer` does, once for the same bytes and the same packer. */
export async function packOnce(archive: Buffer, cache: BlobCache): Promise<Layer> {
  const diffId = nameBlob(archive).digest;
  const packer = new URL('../../../node_modules/fflate/package.json', import.meta.url);
  const {version}: {version: string} = JSON.parse(await readFile(packer, 'utf8'));
  const name = `layer-${diffId.slice('sha256:'.length)}-fflate-${version}.gz`;
  const packed = await cache.readNamed(name, async () => packLayer(archive).blob.bytes);
  return holds(packed, diffId) ? {blob: nameBlob(packed), diffId} : packLayer(archive);
}

/** A file of the cache may have been cut short or changed. */
function holds(packed: Buffer, diffId: string): boolean {
  try {
    return nameBlob(gunzipSync(packed)).digest === diffId;
  } catch {
    return false;
  }
}
