import {Writable} from 'node:stream';
import {expect, test} from 'vitest';
import {createLogOutput} from '../../../serve/observe/log-output.ts';

/** A reader that takes a piece only when told to, and fails when told to. */
function createReader() {
  const taken: string[] = [];
  const waiting: ((error?: Error) => void)[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(piece: string, _, done) {
      taken.push(piece);
      waiting.push(done);
    },
    autoDestroy: false,
  });
  const read = async (error?: Error) => {
    waiting.shift()?.(error);
    await new Promise(setImmediate);
  };
  return {stream, taken, read};
}

test('passes lines on', async () => {
  const {stream, taken, read} = createReader();
  const output = createLogOutput(stream, {onRecovery: () => expect.fail('nothing was lost')});
  output.write('a\n', 1);
  await read();
  output.write('b\nc\n', 2);
  await read();
  expect(taken).toEqual(['a\n', 'b\nc\n']);
  expect(output.dropped()).toBe(0);
});

test('holds no more than its limit for a slow reader, drops the rest, and says how many lines', async () => {
  const {stream, taken, read} = createReader();
  const recovered: number[] = [];
  const output = createLogOutput(stream, {maxHeldBytes: 10, onRecovery: lines => recovered.push(lines)});
  output.write('1234\n', 1);
  output.write('5678\n', 1);
  output.write('9\n', 1);
  output.write('a\nb\n', 2);
  expect(stream.writableLength).toBe(10);
  expect(output.dropped()).toBe(3);
  expect(recovered).toEqual([]);
  await read();
  expect(recovered).toEqual([3]);
  output.write('c\n', 1);
  await read();
  await read();
  expect(recovered).toEqual([3]);
  expect(taken).toEqual(['1234\n', '5678\n', 'c\n']);
});

test('counts the lines that a reader who went away did not get', async () => {
  const {stream, read} = createReader();
  const recovered: number[] = [];
  const output = createLogOutput(stream, {onRecovery: lines => recovered.push(lines)});
  output.write('a\nb\n', 2);
  await read(Object.assign(new Error('broken pipe'), {code: 'EPIPE'}));
  expect(output.dropped()).toBe(2);
  expect(recovered).toEqual([]);
});

test('waits for the reader at the end, but not for ever', async () => {
  const {stream, read} = createReader();
  const output = createLogOutput(stream, {onRecovery: () => {}});
  output.write('a\n', 1);
  await output.finish(50);
  let isFinished = false;
  const finished = output.finish(3_600_000).then(() => {
    isFinished = true;
  });
  await new Promise(setImmediate);
  expect(isFinished).toBe(false);
  for (let i = 0; i < 3; i++) await read();
  await finished;
});
