import {type Compression, openBytes} from './file-bytes.ts';

/** Finds the first line that ends in another way than the first line does; null when there is none. */
export async function findMixedLineEnding(
  path: string,
  compression: Compression,
): Promise<{line: number; expected: string; found: string} | null> {
  let first: string | null = null;
  let line = 0;
  let held = '';
  for await (const chunk of openBytes(path, compression)) {
    const text = held + chunk.toString('latin1');
    // a carriage return at the end may be half of a line ending
    held = text.endsWith('\r') ? '\r' : '';
    for (const [ending] of text.slice(0, text.length - held.length).matchAll(/\r\n|\r|\n/g)) {
      line++;
      first ??= ending;
      if (ending !== first) return {line, expected: JSON.stringify(first), found: JSON.stringify(ending)};
    }
  }
  return null;
}
