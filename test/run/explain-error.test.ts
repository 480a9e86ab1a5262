import {mkdir, mkdtemp, open, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {Failure} from '../../pipeline/core/failure.ts';
import {explainError, explainInterruption} from '../../pipeline/run/explain-error.ts';
import {makeFolder} from '../helpers/folder.ts';
import {asUnprivileged} from '../helpers/unprivileged.ts';

const folder = makeFolder();
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => error,
  );
const tell = (error: unknown) => {
  const {kind, code, message, fix} = explainError(error, join(folder, 'artifacts'));
  return `${kind} ${code}\n${message}\nFix: ${fix}`
    .replaceAll(folder, 'FOLDER')
    .replace(/\.writing-\w+/, '.writing-XXXXXX');
};

test('a folder that this user may not write is no fault of the program', async () => {
  const path = join(folder, 'sealed');
  await mkdir(path, {mode: 0o555});
  const error = await errorOf(asUnprivileged(() => mkdtemp(join(path, '.writing-'))));
  expect(tell(error)).toMatchInlineSnapshot(`
    "usage FOLDER_UNUSABLE
    FOLDER/sealed/.writing-XXXXXX: this user may not do that (EACCES at mkdtemp). What was complete before is as it was.
    Fix: Make FOLDER/artifacts a folder that this user may write, or name another with --artifacts DIR; then run the same command again."
  `);
});

test('a file in the way of a folder is told with its path', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(tell(await errorOf(mkdir(join(folder, 'file/iris'), {recursive: true})))).toMatchInlineSnapshot(`
    "usage FOLDER_UNUSABLE
    FOLDER/file/iris: a file is in the way (ENOTDIR at mkdir). What was complete before is as it was.
    Fix: Make FOLDER/artifacts a folder that this user may write, or name another with --artifacts DIR; then run the same command again."
  `);
});

test('a full disk is told as such', async () => {
  // the kernel's own full device
  const handle = await open('/dev/full', 'w');
  const error = await errorOf(handle.writeFile('x'));
  await handle.close();
  expect(tell(error)).toMatchInlineSnapshot(`
    "usage DISK_FULL
    a file below FOLDER/artifacts: the disk is full (ENOSPC at write). What was complete before is as it was.
    Fix: Free some space below FOLDER/artifacts, or name another with --artifacts DIR; then run the same command again."
  `);
});

test('an error of the program keeps its stack', () => {
  expect(tell(new TypeError('x is not a function'))).toMatch(
    /^internal INTERNAL\nTypeError: x is not a function\n {4}at .*\nFix: This is a fault of the program/s,
  );
});

test('an interruption says what is left behind, where something is', () => {
  const left = new Failure('engine', {
    code: 'CONTAINER_LEFT_BEHIND',
    message: 'The container smoke-iris could not be removed: timed out',
    fix: 'Remove it by hand: docker rm --force smoke-iris',
  });
  const both = new AggregateError([new Error('aborted'), left]);
  expect(explainInterruption(both, 'SIGINT')).toMatchObject({
    code: 'INTERRUPTED',
    message:
      'Stopped by SIGINT; what was written is complete. The container smoke-iris could not be removed: timed out',
    fix: 'Remove it by hand: docker rm --force smoke-iris',
  });
  expect(explainInterruption(new Error('aborted'), 'SIGTERM')).toMatchObject({
    message: 'Stopped by SIGTERM; what was written is complete. Nothing that was started is left.',
    fix: 'Run the same command again.',
  });
});
