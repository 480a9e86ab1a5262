import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {describe, expect, test} from 'vitest';
import {isLeftBehind, nameOwner} from '../../../pipeline/io/engine/owner.ts';

/** The parts of this process's name: boot, process namespace, number, start and time of writing. */
async function split() {
  const [boot = '', namespace = '', pid = '', start = '', time = ''] = (await nameOwner()).split('.');
  return {boot, namespace, pid, start, time};
}

function join({boot, namespace, pid, start, time}: Awaited<ReturnType<typeof split>>): string {
  return [boot, namespace, pid, start, time].join('.');
}

describe('what a process has made', () => {
  test('is not left behind while it runs', async () => {
    expect(await isLeftBehind(await nameOwner())).toBe(false);
  });

  test('is left behind once it has ended', async () => {
    const child = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const running = {...(await split()), pid: String(child.pid), start: 'unknown'};
    expect(await isLeftBehind(join(running))).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await isLeftBehind(join(running))).toBe(true);
  });

  test('is left behind where another process has its number now', async () => {
    expect(await isLeftBehind(join({...(await split()), start: '1'}))).toBe(true);
  });

  test('of another boot, machine or container is left behind after an hour', async () => {
    const own = await split();
    const hourAgo = String(Number(own.time) - 3_601);
    for (const other of [{boot: 'other'}, {namespace: 'pid1'}]) {
      expect(await isLeftBehind(join({...own, ...other}))).toBe(false);
      expect(await isLeftBehind(join({...own, ...other, time: hourAgo}))).toBe(true);
    }
    expect(await isLeftBehind(join({...own, time: hourAgo}))).toBe(false);
  });

  test('is never told by a text that is no name of an owner', async () => {
    for (const text of ['', 'x', '1.2.3', '../../etc.1.2.3.4']) expect(await isLeftBehind(text)).toBe(false);
  });
});
