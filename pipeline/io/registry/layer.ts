import {gunzipSync, zstdDecompressSync} from 'node:zlib';
import {unpackTar} from 'modern-tar';

/** Server, model and card; a model with a hundred held-out rows of a hundred features is far below. */
export const maxLayerBytes = 64 * 2 ** 20;

/**
 * Unpacks a layer, packed with gzip, zstd or not at all, to its files by path without a leading slash.
 *
 * @throws Error when it is no archive, or has more than 64 MiB.
 */
export async function unpackLayer(bytes: Buffer): Promise<Map<string, Buffer>> {
  const entries = await unpackTar(decompress(bytes));
  return new Map(
    entries.map(({header, data}) => [header.name.replace(/^\.?\//, ''), Buffer.from(data ?? [])]),
  );
}

function decompress(bytes: Buffer): Buffer {
  const options = {maxOutputLength: maxLayerBytes};
  if (bytes.readUInt16BE(0) === 0x1f8b) return gunzipSync(bytes, options);
  if (bytes.readUInt32LE(0) === 0xfd2fb528) return zstdDecompressSync(bytes, options);
  return bytes;
}
