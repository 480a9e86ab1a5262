import {spawn} from 'node:child_process';
import {join} from 'node:path';
import {Failure} from '../../core/failure.ts';

/** A server bundle that runs as a process of this machine. */
export interface ServerProcess {
  port: number;
  /** What it has written to stdout and stderr. */
  readLog(): string;
  hasEnded(): boolean;
  /** Sends SIGTERM and gives the exit code; after the grace period the process is killed, and the code is null. */
  stop(graceMs: number): Promise<number | null>;
}

const startTimeoutMs = 20_000;

/**
 * Starts `server.mjs` of a folder with the `model.json` beside it, on a free port of 127.0.0.1.
 *
 * @param env environment variables beside those that this takes.
 */
export async function startServerProcess(
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const ownEnv = {
    PATH: process.env.PATH,
    PORT: '0',
    HOST: '127.0.0.1',
    MODEL_PATH: join(folder, 'model.json'),
  };
  const child = spawn(process.execPath, [join(folder, 'server.mjs'), 'serve'], {
    env: {...env, ...ownEnv},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  const ended = new Promise<number | null>(resolve => {
    child.once('exit', code => resolve(code));
    child.once('error', error => {
      log += error.message;
      resolve(null);
    });
  });
  const listening = new Promise<number>(resolve => {
    const read = (chunk: Buffer) => {
      log += chunk.toString();
      const port = Number(/"address":"http:[^"]*:(\d+)"/.exec(log)?.[1]);
      if (port > 0) resolve(port);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
  });
  const timeout = AbortSignal.timeout(startTimeoutMs);
  const expired = new Promise<null>(resolve =>
    timeout.addEventListener('abort', () => resolve(null), {once: true}),
  );
  const port = await Promise.race([listening, ended.then(() => null), expired]);
  if (port === null) {
    child.kill('SIGKILL');
    throw new Failure('rejected', {
      code: 'SERVER_START_FAILED',
      message: `The server did not start listening within ${startTimeoutMs / 1000} s. Its log:\n${log.trim() || '(the log is empty)'}`,
      fix: `Run it by hand: node ${join(folder, 'server.mjs')}`,
    });
  }
  return {
    port,
    readLog: () => log.trim() || '(the log is empty)',
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop(graceMs) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const code = await ended;
      clearTimeout(timer);
      return code;
    },
  };
}
