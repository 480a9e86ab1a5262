import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {readLocalChannel, setLocalChannel} from '../../../pipeline/io/artifacts/local-channel.ts';
import {failureText} from '../../helpers/failure-text.ts';
import {makeFolder} from '../../helpers/folder.ts';

const release = {
  subject: {kind: 'bundle', sha256: 'a'.repeat(64)},
  store: 'folder',
  ref: 'releases/0123456789ab-01234567',
  digest: `sha256:${'a'.repeat(64)}`,
  tag: '0123456789ab-01234567',
  channel: 'production',
} as const;

test('a channel gives the version that was promoted to it last', async () => {
  const parent = makeFolder();
  expect(await readLocalChannel(parent, 'production')).toBeUndefined();
  await setLocalChannel(parent, 'production', release);
  expect(await readLocalChannel(parent, 'production')).toBe('0123456789ab');
  expect(await readLocalChannel(parent, 'staging')).toBeUndefined();
});

test('a channel file that is cut off is told with what to do', async () => {
  const parent = makeFolder();
  await setLocalChannel(parent, 'production', release);
  const path = join(parent, 'channels/production.json');
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));
  expect(await failureText(readLocalChannel(parent, 'production'), {FOLDER: parent})).toMatchInlineSnapshot(`
    "usage CHANNEL_FILE_BROKEN
    FOLDER/channels/production.json does not say which release production holds: no JSON: Expected property name or '}' in JSON at position 40 (line 4 column 2).
    Fix: Serve a version by its name with npm run serve -- --version VERSION, or promote again, which writes the file anew: npm run pipeline."
  `);
});

test('a channel file that is a folder is not taken for none', async () => {
  const parent = makeFolder();
  mkdirSync(join(parent, 'channels/production.json'), {recursive: true});
  await expect(readLocalChannel(parent, 'production')).rejects.toMatchObject({code: 'EISDIR'});
});
