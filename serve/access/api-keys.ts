import {hash, timingSafeEqual} from 'node:crypto';
import {AccessError} from './named-file.ts';

/** The keys that clients may ask with; the keys themselves are not kept. */
export type ApiKeys = {
  readonly count: number;
  /** Tells whether a text is one of the keys, in a time that depends neither on which nor on how much of it is right. */
  has(sent: string): boolean;
};

/** Each request is compared with all of them. */
const maxKeys = 1_000;
const example = 'printf "sha256:%.64s\\n" "$(printf %s KEY | sha256sum)"';

/**
 * Reads a file of API keys: one a line, as it is (characters that a header may have, no spaces) or as `sha256:` and the
 * hex digits of its SHA-256. Empty lines, and what stands behind a `#` at the start of a line or after a space, say nothing.
 *
 * @throws AccessError that names each line at fault, and never shows what is in it.
 */
export function parseApiKeys(text: string, path: string): ApiKeys {
  const digests: Buffer[] = [];
  const problems: string[] = [];
  for (const [i, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const key = line.replace(/(^|\s)#.*$/, '').trim();
    if (key === '') continue;
    const digest = readDigest(key);
    if (digest !== undefined) digests.push(digest);
    else {
      problems.push(
        `API_KEY_FILE: ${path}:${i + 1}: expected a key without spaces, or "sha256:" and 64 hex digits; found ` +
          `something else, which is not shown. Write the line with: ${example}`,
      );
    }
  }
  if (digests.length === 0 && problems.length === 0) {
    problems.push(
      `API_KEY_FILE: expected one key a line, found none in ${path}. Add one with: ${example} >>${path}`,
    );
  }
  if (digests.length > maxKeys) {
    problems.push(
      `API_KEY_FILE: expected at most ${maxKeys} keys, found ${digests.length} in ${path}. Remove those that ` +
        'are no longer used.',
    );
  }
  if (problems.length > 0) throw new AccessError(problems.slice(0, 20).join('\n'));
  return {
    count: digests.length,
    has(sent) {
      const digest = hash('sha256', sent, 'buffer');
      let isKnown = false;
      for (const known of digests) isKnown = timingSafeEqual(known, digest) || isKnown;
      return isKnown;
    },
  };
}

/** The SHA-256 of the key in a line; undefined where it holds none. */
function readDigest(line: string): Buffer | undefined {
  const hex = /^sha256:(.*)$/i.exec(line)?.[1];
  if (hex !== undefined) return /^[\da-f]{64}$/i.test(hex) ? Buffer.from(hex, 'hex') : undefined;
  return /^[\x21-\x7e]+$/.test(line) ? hash('sha256', line, 'buffer') : undefined;
}
