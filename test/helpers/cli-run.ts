import {spawn} from 'node:child_process';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Result} from '../../pipeline/run/outcome.ts';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

export interface CliRun {
  code: number | null;
  stdout: string;
  stderr: string;
  /** The JSON object on stdout, for runs with --json. */
  result(): Result;
}

export interface CliOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Gets a function that kills the whole run without warning. */
  onStart?: (kill: () => void) => void;
  /** Gets all of stderr at each new piece, and a function that sends a signal. */
  onStderr?: (text: string, send: (signal: NodeJS.Signals) => void) => void;
}

/** What a run of the command line finds in its environment: nothing that the test did not put there. */
const cleared = {
  CI: '',
  REGISTRY: '',
  REGISTRY_USERNAME: '',
  REGISTRY_PASSWORD: '',
  IMAGE_NAME: '',
  CHANNEL: '',
  // no test meets an engine that whoever runs the tests has left out
  CONTAINER_ENGINE: process.env.CONTAINER_ENGINE === 'none' ? 'none' : '',
  BASE_IMAGE: '',
  // left out, for to Node an empty one is set; the test runner sets it for itself
  FORCE_COLOR: undefined,
  NO_COLOR: undefined,
};

/** Runs the command line as the npm scripts do, in the project's folder unless told otherwise. */
export function runCli(
  args: readonly string[],
  {env = {}, cwd = projectRoot, onStart, onStderr}: CliOptions = {},
): Promise<CliRun> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(cwd, 'pipeline/cli.ts'), ...args], {
    cwd,
    env: {...process.env, ...cleared, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: onStart !== undefined,
  });
  // with all that it has started in its own group
  onStart?.(() => child.pid !== undefined && child.exitCode === null && process.kill(-child.pid, 'SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', chunk => (stdout += chunk));
  child.stderr.on('data', chunk => {
    stderr += chunk;
    onStderr?.(stderr, signal => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve({code, stdout, stderr, result: () => JSON.parse(stdout)}));
  });
}
