import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createReadStream, existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type Readable, Writable} from 'node:stream';
import {afterEach, beforeAll, describe, expect, test} from 'vitest';
import {createLogOutput} from '../../../serve/observe/log-output.ts';
import {makeFolder} from '../../helpers/folder.ts';

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
  const startedMs = performance.now();
  await output.finish(50);
  expect(performance.now() - startedMs).toBeGreaterThan(45);
  const finished = output.finish(10_000);
  for (let i = 0; i < 3; i++) await read();
  await finished;
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});

describe.runIf(process.platform === 'linux')('as the stdout of a process', () => {
  const folder = makeFolder();
  // Writes 100 lines of 100 bytes each 2 ms, and the number of lines to a file.
  const program = `
    import {writeFileSync} from 'node:fs';
    import {createLogOutput} from '${new URL('../../../serve/observe/log-output.ts', import.meta.url).href}';
    const output = createLogOutput(process.stdout, {onRecovery: lines => output.write(\`lost \${lines}\\n\`, 1)});
    let lines = 0;
    setInterval(() => {
      for (let i = 0; i < 100; i++) output.write(\`line \${++lines}\`.padEnd(99) + '\\n', 1);
      writeFileSync('${folder}/lines', String(lines));
    }, 2);
  `;
  const script = join(folder, 'program.mjs');
  const command = `exec '${process.execPath}' '${script}'`;
  let child: ChildProcess | undefined;
  beforeAll(() => writeFileSync(script, program));
  afterEach(async () => {
    child?.kill('SIGKILL');
    if (child?.exitCode === null) await once(child, 'exit');
  });

  function countLines(): number {
    return Number(readFileSync(join(folder, 'lines'), 'utf8'));
  }

  async function readUntil(path: string, pattern: RegExp): Promise<string> {
    let text = '';
    for await (const piece of createReadStream(path, 'utf8')) {
      text += piece;
      if (pattern.test(text)) return text;
    }
    throw new Error(`The output ended with ${JSON.stringify(text.slice(-200))}`);
  }

  test('goes on when the reader of a FIFO goes away and another comes', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    child = spawn('sh', ['-c', `${command} > '${fifo}'`]);
    await readUntil(fifo, /^line 100 /m);
    const before = countLines();
    await expect.poll(countLines).toBeGreaterThan(before + 1_000);
    await readUntil(fifo, /^lost \d+$/m);
  });

  test.runIf(existsSync('/usr/bin/script'))('does not wait for a terminal that was stopped', async () => {
    // It keeps a terminal for its child, and passes on what the child writes there: to nobody.
    child = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null']);
    await once(child.stdout as Readable, 'readable');
    await expect.poll(countLines, {timeout: 10_000}).toBeGreaterThan(100_000);
  });
});
