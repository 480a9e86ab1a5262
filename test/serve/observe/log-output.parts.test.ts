import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createReadStream, existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Readable} from 'node:stream';
import {afterEach, beforeAll, describe, expect} from 'vitest';
import {makeFolder} from '../../helpers/folder.ts';
import {testWith} from '../../helpers/parts.ts';

describe('the log as the stdout of a process', () => {
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
    const path = join(folder, 'lines');
    // it is there once the process has counted for the first time
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  }

  async function readUntil(path: string, pattern: RegExp): Promise<string> {
    let text = '';
    for await (const piece of createReadStream(path, 'utf8')) {
      text += piece;
      if (pattern.test(text)) return text;
    }
    throw new Error(`The output ended with ${JSON.stringify(text.slice(-200))}`);
  }

  testWith('script')('goes on when the reader of a FIFO goes away and another comes', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    child = spawn('sh', ['-c', `${command} > '${fifo}'`]);
    await readUntil(fifo, /^line 100 /m);
    const before = countLines();
    await expect.poll(countLines, {timeout: 10_000}).toBeGreaterThan(before + 1_000);
    await readUntil(fifo, /^lost \d+$/m);
  });

  testWith('script')('does not wait for a terminal that was stopped', async () => {
    // It keeps a terminal for its child, and passes on what the child writes there: to nobody.
    child = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null']);
    await once(child.stdout as Readable, 'readable');
    await expect.poll(countLines, {timeout: 10_000}).toBeGreaterThan(100_000);
  });
});
