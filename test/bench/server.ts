import {type ChildProcess, spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {get} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {findFreePort} from '../helpers/registry.ts';

/** How to start a server; it finds its port in PORT. */
export interface ServerCommand {
  title: string;
  command: string;
  args: readonly string[];
  env: Record<string, string>;
  /** Answers a GET with 200 as soon as the server can predict. */
  readyPath: string;
  /** Headers that each prediction is asked for with. */
  headers?: Record<string, string>;
}

export interface RunningServer {
  title: string;
  url: string;
  /** Wall time from before the process was made to its first 200. */
  startMs: number;
  /** Processor time spent so far; NaN where the system has no /proc. */
  readCpuMs(): number;
  /** Resident memory; NaN where the system has no /proc. */
  readRssBytes(): number;
}

const startTimeoutMs = 30_000;
const running = new Set<ChildProcess>();

/**
 * Runs work against a server in a process of its own, which is killed afterwards.
 *
 * Its stdout goes to /dev/null: what it logs costs it the writing, but nobody the reading.
 *
 * @throws when it gives no 200 within 30 s, or ends by itself: then with what it wrote to stderr.
 */
export async function withServer<T>(
  {title, command, args, env, readyPath}: ServerCommand,
  work: (server: RunningServer) => Promise<T>,
): Promise<T> {
  const port = await findFreePort();
  const beginMs = performance.now();
  const child = spawn(command, args, {
    env: {PATH: process.env.PATH, ...env, PORT: String(port)},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.add(child);
  let stderr = '';
  child.stderr.on('data', chunk => (stderr += chunk));
  child.once('error', error => (stderr += error.message));
  const ended = new Promise(resolve => child.once('close', resolve));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const url = `http://127.0.0.1:${port}`;
  try {
    while (!(await isReady(`${url}${readyPath}`))) {
      if (hasEnded() || performance.now() - beginMs > startTimeoutMs) {
        throw new Error(`${title} did not start: ${command} ${args.join(' ')}`);
      }
      await sleep(1);
    }
    const startMs = performance.now() - beginMs;
    const pid = child.pid ?? 0;
    return await work({
      title,
      url,
      startMs,
      readCpuMs: () => readCpuMs(pid),
      readRssBytes: () => readRssBytes(pid),
    });
  } catch (cause) {
    throw hasEnded() ? new Error(`${title} ended by itself:\n${stderr}`, {cause}) : cause;
  } finally {
    child.kill('SIGKILL');
    if (child.pid !== undefined) await ended;
    running.delete(child);
  }
}

/** Kills the servers that are running now, for a bench that is interrupted. */
export function killServers(): void {
  for (const child of running) child.kill('SIGKILL');
}

function isReady(url: string): Promise<boolean> {
  return new Promise(resolve => {
    const request = get(url, {agent: false, timeout: startTimeoutMs}, answer => {
      answer.resume().once('close', () => resolve(answer.statusCode === 200));
    });
    request.once('timeout', () => request.destroy()).once('error', () => resolve(false));
  });
}

/** Fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms; the second field may contain spaces. */
function readCpuMs(pid: number): number {
  const fields = readProc(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function readRssBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status'))?.[1]) * 1024;
}

function readProc(pid: number, file: string): string {
  return process.platform === 'linux' ? readFileSync(`/proc/${pid}/${file}`, 'utf8') : '';
}
