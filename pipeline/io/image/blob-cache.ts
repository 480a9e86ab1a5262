import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {mkdir, mkdtemp, readFile, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {pipeline} from 'node:stream/promises';
import writeFileAtomic from 'write-file-atomic';
import {nameBlob} from '../../core/release/layer.ts';

/** Blobs on this machine, each in a file that is named by its digest. */
export interface BlobCache {
  /** The bytes of a blob, which are fetched where they are not here; a file that was changed counts as none. */
  read(digest: string, fetch: () => Promise<Buffer>): Promise<Buffer>;
  /** The path of a blob's file, which is made where it is not here. */
  locate(blob: {digest: string; size: number}, save: (path: string) => Promise<void>): Promise<string>;
  /** The text of a file that is named otherwise, which is made where it is not here. */
  readNamed(name: string, make: () => Promise<Buffer>): Promise<Buffer>;
  /** Makes a folder for a while, on the same disk. */
  makeFolder(): Promise<string>;
}

/** Opens the cache in a folder, which is made when it is needed. */
export function openBlobCache(folder: string): BlobCache {
  const nameFile = (digest: string) => join(folder, digest.replace(':', '-'));
  const readFrom = async (path: string, isWhole: (bytes: Buffer) => boolean, make: () => Promise<Buffer>) => {
    const cached = await readFile(path).catch(() => undefined);
    if (cached !== undefined && isWhole(cached)) return cached;
    const bytes = await make();
    await mkdir(folder, {recursive: true});
    await writeFileAtomic(path, bytes);
    return bytes;
  };
  return {
    read: (digest, fetch) => readFrom(nameFile(digest), bytes => nameBlob(bytes).digest === digest, fetch),
    readNamed: (name, make) => readFrom(join(folder, name), () => true, make),
    async makeFolder() {
      await mkdir(folder, {recursive: true});
      return mkdtemp(join(folder, 'writing-'));
    },
    async locate({digest, size}, save) {
      const path = nameFile(digest);
      const found = await stat(path).catch(() => undefined);
      if (found?.size === size && (await hashFile(path)) === digest) return path;
      await mkdir(folder, {recursive: true});
      await rm(path, {force: true});
      await save(path);
      return path;
    },
  };
}

/** `sha256:` and the hash of a file's bytes. */
export async function hashFile(path: string): Promise<string> {
  const sha256 = createHash('sha256');
  await pipeline(createReadStream(path), sha256);
  return `sha256:${sha256.digest('hex')}`;
}
