import {createHash} from 'node:crypto';
import {chmod, mkdir, readFile, rm, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {docsFileNames} from './docs-files.ts';
import {isMissing} from './read-text.ts';

/** Folder of a version that holds what goes into the image. */
export const contextFolder = 'context';

/** What goes into the image, in the order in which it is hashed. */
const contextFiles = ['server.mjs', 'model.json', 'model-card.md', ...docsFileNames] as const;
export type ContextFiles = Partial<Record<(typeof contextFiles)[number], Uint8Array>>;

/** Writes the files with fixed modes and one time, so that the layer depends on the contents alone and any user id can read it. */
export async function writeContext(folder: string, files: ContextFiles, time: Date): Promise<void> {
  await rm(folder, {recursive: true, force: true});
  await mkdir(folder, {recursive: true});
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    await chmod(path, 0o644);
    await utimes(path, time, time);
  }
}

/** Reads those of the files that a folder has. */
export async function readContext(folder: string): Promise<ContextFiles> {
  const entries = contextFiles.map(async name => {
    try {
      return [[name, await readFile(join(folder, name))] as const];
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  });
  return Object.fromEntries((await Promise.all(entries)).flat());
}

/** Hex SHA-256 over the bytes of all files, the identity of a release without an image. */
export function hashContext(files: ContextFiles): string {
  const hash = createHash('sha256');
  for (const name of contextFiles) hash.update(files[name] ?? '');
  return hash.digest('hex');
}

/** Bytes of all files together. */
export function measureContext(files: ContextFiles): number {
  return Object.values(files).reduce((sum, {length}) => sum + length, 0);
}
