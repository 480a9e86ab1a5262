import {execFileSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {parseApiKeys} from '../../../serve/access/api-keys.ts';
import {AccessError} from '../../../serve/access/named-file.ts';

/** `printf %s abc | sha256sum`, the first example of FIPS 180-2. */
const hashOfAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

const example = 'printf "sha256:%.64s\\n" "$(printf %s KEY | sha256sum)"';

function messageOf(text: string): string {
  try {
    parseApiKeys(text, '/run/keys');
  } catch (error) {
    if (error instanceof AccessError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test.each([
  ['as it is', 'abc'],
  ['as its hash', `sha256:${hashOfAbc}`],
  ['as its hash in capitals', `SHA256:${hashOfAbc.toUpperCase()}`],
  ['among comments and empty lines', '# for the dashboard\n\n  abc  \n#abc2\n'],
  ['before a comment', `sha256:${hashOfAbc} # of the dashboard`],
  ['in a file of Windows', '\uFEFFother\r\nabc\r\n'],
])('knows a key that stands in the file %s', (_, text) => {
  const keys = parseApiKeys(text, '/run/keys');
  expect(keys.has('abc')).toBe(true);
  for (const wrong of ['', 'ab', 'abcd', 'ABC', 'abc2', '#', hashOfAbc, `sha256:${hashOfAbc}`]) {
    expect(keys.has(wrong)).toBe(false);
  }
});

test('knows each of several keys, and takes # within a key for a part of it', () => {
  const keys = parseApiKeys('one\ntwo\na#b=/+~', '/run/keys');
  expect(keys.count).toBe(3);
  for (const key of ['one', 'two', 'a#b=/+~']) expect(keys.has(key)).toBe(true);
});

test.each(['', '\n\n', '# only a comment\n'])('refuses a file without a key: %j', text => {
  expect(messageOf(text)).toBe(
    `API_KEY_FILE: expected one key a line, found none in /run/keys. Add one with: ${example} >>/run/keys`,
  );
});

test('names each line that holds no key, and shows nothing of it', () => {
  const line = (number: number) =>
    `API_KEY_FILE: /run/keys:${number}: expected a key without spaces, or "sha256:" and 64 hex digits; found something else, which is not shown. Write the line with: ${example}`;
  const text = `good\nse cret\nsha256:secret\nsha256:${hashOfAbc}0\nschlüssel\n`;
  expect(messageOf(text)).toBe([2, 3, 4, 5].map(line).join('\n'));
});

test('refuses more keys than each request can be compared with', () => {
  const text = Array.from({length: 1_001}, (_, i) => `key${i}`).join('\n');
  expect(messageOf(text)).toBe(
    'API_KEY_FILE: expected at most 1000 keys, found 1001 in /run/keys. Remove those that are no longer used.',
  );
});

test('knows the key by the line that its messages tell to write', () => {
  const line = execFileSync('sh', ['-c', example.replace('KEY', 'abc')], {encoding: 'utf8'});
  expect(line).toBe(`sha256:${hashOfAbc}\n`);
});
