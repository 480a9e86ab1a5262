import {createReadStream} from 'node:fs';
import {pipeline, type Readable} from 'node:stream';
import {createGunzip} from 'node:zlib';

export type Compression = 'gzip' | 'none';

/** Opens a file for reading, unpacked; closing the stream closes the file, and an error of either ends both. */
export function openBytes(path: string, compression: Compression): Readable {
  const file = createReadStream(path);
  // the reader of the returned stream gets the error
  return compression === 'gzip' ? pipeline(file, createGunzip(), () => {}) : file;
}
