import {spawn} from 'node:child_process';
import {join} from 'node:path';
import {Failure} from '../../core/failure.ts';
import type {ProgramEnv, RunningServer} from './engine.ts';

const startTimeoutMs = 20_000;
const maxLogCharacters = 64 * 1024;

/** Ends the server when this process ends in a way that leaves it no time to do so: its channel closes then. */
const endWithParent = `data:text/javascript,${encodeURIComponent(
  "process.once('disconnect', () => process.kill(process.pid, 'SIGKILL')); process.channel.unref();",
)}`;

/**
 * Starts `server.mjs` of a folder with the `model.json` beside it as a process, on a free port of 127.0.0.1.
 *
 * @param env all that it gets beside its address and its model.
 * @throws Failure of kind `rejected` with its log where it does not listen in time.
 */
export async function startServerProcess(
  folder: string,
  env: ProgramEnv,
  signal: AbortSignal,
): Promise<RunningServer> {
  signal.throwIfAborted();
  const file = join(folder, 'server.mjs');
  const child = spawn(process.execPath, ['--import', endWithParent, file, 'serve'], {
    env: {...env, PORT: '0', HOST: '127.0.0.1', MODEL_PATH: join(folder, 'model.json')},
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let log = '';
  const readLog = () => log.trim() || '(the log is empty)';
  const ended = new Promise<number | null>(resolve => {
    child.once('close', resolve);
    child.once('error', error => {
      log += error.message;
      resolve(null);
    });
  });
  const {promise: listening, resolve: noteUrl} = Promise.withResolvers<string>();
  const read = (chunk: Buffer) => {
    log = `${log}${chunk}`.slice(-maxLogCharacters);
    const url = /"address":"(http:[^"]+)"/.exec(log)?.[1];
    if (url !== undefined) noteUrl(url);
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  const timeout = AbortSignal.any([signal, AbortSignal.timeout(startTimeoutMs)]);
  const expired = new Promise<null>(resolve =>
    timeout.addEventListener('abort', () => resolve(null), {once: true}),
  );
  const url = await Promise.race([listening, ended.then(() => null), expired]);
  if (url === null) {
    child.kill('SIGKILL');
    signal.throwIfAborted();
    const problem = timeout.aborted
      ? `did not listen within ${startTimeoutMs / 1000} s`
      : `ended with exit code ${await ended} before it listened`;
    throw new Failure('rejected', {
      code: 'SERVER_START_FAILED',
      message: `The server ${problem}. Its log:\n${readLog()}`,
      fix: `Run it by hand: node ${file}`,
    });
  }
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async (graceMs: number) => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    const code = await ended;
    clearTimeout(timer);
    return code;
  };
  return {
    url,
    hasEnded: async () => hasEnded(),
    checkHealth: null,
    stop,
    readLog: async () => readLog(),
    async remove() {
      if (!hasEnded()) await stop(0);
    },
  };
}
