import {execFile} from 'node:child_process';
import {readFile, readlink} from 'node:fs/promises';
import {promisify} from 'node:util';

/** The label of what a run starts, with the run's process as its value. */
export const ownerLabel = 'csv-to-server.owner';

/**
 * Which process made something that outlives it, written so that it can be part of a label or of a file's name:
 * the boot of its machine, its process namespace, its number, when it started, and when it was written, in s.
 */
const pattern = /^([\w-]+)\.(\w+)\.(\d+)\.([\w-]+)\.(\d+)$/;

/** Longer than any run needs what it has made, in s. */
const longEnough = 3_600;

let own: Promise<{place: string; start: string | undefined}> | undefined;

/** Names this process as the owner of what it is about to make. */
export async function nameOwner(): Promise<string> {
  const {place, start} = await describeOwn();
  return `${place}.${process.pid}.${start ?? 'unknown'}.${Math.floor(Date.now() / 1000)}`;
}

/**
 * Whether nobody will come back for what this owner made: its process is gone, or it is of another machine,
 * container or boot, where it cannot be looked for, and was made more than an hour ago.
 *
 * @returns false for a text that `nameOwner` does not write.
 */
export async function isLeftBehind(owner: string): Promise<boolean> {
  const match = pattern.exec(owner);
  if (match === null) return false;
  const [, boot, namespace, pid, start, madeAt] = match;
  const {place} = await describeOwn();
  if (place !== `${boot}.${namespace}`) return Date.now() / 1000 - Number(madeAt) > longEnough;
  if (!isRunning(Number(pid))) return true;
  // another process may have got the number since
  const found = await readStart(Number(pid));
  return found !== undefined && start !== 'unknown' && found !== start;
}

function describeOwn() {
  own ??= (async () => {
    const [boot, namespace, start] = await Promise.all([
      readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'boot'),
      readlink('/proc/self/ns/pid').catch(() => 'host'),
      readStart(process.pid),
    ]);
    return {place: `${boot.trim()}.${namespace.replaceAll(/\W/g, '')}`, start};
  })();
  return own;
}

/** When a process started, in the words of its system; undefined where that cannot be seen. */
async function readStart(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    // proc_pid_stat(5): field 22, counted behind the name in brackets, which may hold anything
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  }
  const options = {env: {LC_ALL: 'C', TZ: 'UTC'}, timeout: 5_000};
  const output = await promisify(execFile)('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], options).catch(
    () => undefined,
  );
  return output?.stdout.trim().replaceAll(/\W+/g, '-') || undefined;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is another user's
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
