import {mkdir} from 'node:fs/promises';
import {dirname} from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import {Failure} from '../../core/failure.ts';
import {showPath} from './show-path.ts';

/** Keeps the bytes of a download in the cache. Throws a usage Failure where they cannot be written. */
export async function writeCached(path: string, body: Buffer): Promise<void> {
  try {
    await mkdir(dirname(path), {recursive: true});
    await writeFileAtomic(path, body);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new Failure('usage', {
      code: 'CACHE_UNWRITABLE',
      message: `${showPath(path)}: the downloaded file cannot be kept there: ${reasons[code] ?? code}`,
      fix: `Make room, or let this user write to ${showPath(dirname(path))}.`,
      cause,
    });
  }
}

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
};
