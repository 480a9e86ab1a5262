import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {explainReadError} from './read-errors.ts';

export type Hashed =
  | {status: 'hashed'; sha256: string; bytes: number}
  | {status: 'unreadable'; isAbsent: boolean; reason: string; error: unknown};

/** Hashes the bytes of a file, and says why where it cannot be read. */
export async function hashFile(path: string): Promise<Hashed> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
  } catch (error) {
    return {status: 'unreadable', ...explainReadError(error), error};
  }
  return {status: 'hashed', sha256: hash.digest('hex'), bytes};
}
