import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {parseArguments} from '../../pipeline/run/options.ts';
import {chooseDescriptor, sourceOf} from '../../pipeline/run/selection.ts';
import {failureText} from '../helpers/failure-text.ts';
import {makeFolder} from '../helpers/folder.ts';
import {asUnprivileged} from '../helpers/unprivileged.ts';

const folder = makeFolder();

function complaint(dataset: string): Promise<string> {
  const invocation = parseArguments(['train', '--dataset', dataset]);
  if (invocation.kind === 'help') throw new Error('expected options');
  return failureText(chooseDescriptor(invocation.options), {FOLDER: folder});
}

test('a descriptor that is not there is told in words', async () => {
  expect(await complaint(join(folder, 'none.json'))).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_MISSING
    The dataset descriptor FOLDER/none.json cannot be read: there is no such file.
    Fix: Name another with --dataset FILE, or train on a CSV without one: --csv FILE --target COLUMN."
  `);
});

test('a folder in place of a descriptor is told in words', async () => {
  mkdirSync(join(folder, 'houses'));
  expect(await complaint(join(folder, 'houses'))).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_MISSING
    The dataset descriptor FOLDER/houses cannot be read: it is a folder.
    Fix: Name another with --dataset FILE, or train on a CSV without one: --csv FILE --target COLUMN."
  `);
});

test('a descriptor that may not be read is told in words', async () => {
  const path = join(folder, 'locked.json');
  writeFileSync(path, '{}');
  chmodSync(path, 0);
  expect(await asUnprivileged(() => complaint(path))).toMatchInlineSnapshot(`
    "usage DESCRIPTOR_MISSING
    The dataset descriptor FOLDER/locked.json cannot be read: this user may not read it.
    Fix: Name another with --dataset FILE, or train on a CSV without one: --csv FILE --target COLUMN."
  `);
});

test.each([
  ['https://example.org/a.csv', {url: 'https://example.org/a.csv'}],
  ['HTTP://example.org/a.csv', {url: 'HTTP://example.org/a.csv'}],
  ['data/a.csv', {file: 'data/a.csv'}],
  ['C:\\data\\a.csv', {file: 'C:\\data\\a.csv'}],
  ['C:/data/a.csv', {file: 'C:/data/a.csv'}],
  ['at 12:30.csv', {file: 'at 12:30.csv'}],
])('--csv %s is taken as it is meant', (csv, source) => {
  expect(sourceOf(csv)).toEqual(source);
});

test.each([
  'file:///tmp/a.csv',
  'file:/tmp/a.csv',
  'ftp://user:s3cret@example.org/a.csv',
  's3://bucket/a.csv',
  'http:/example.org/a.csv',
  'https://',
  'http://user:s3c/ret@example.org/a.csv',
])('--csv %s is refused', async csv => {
  expect(await failureText((async () => sourceOf(csv))())).toMatchSnapshot();
});
