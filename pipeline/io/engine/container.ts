import {randomBytes} from 'node:crypto';
import {Failure} from '../../core/failure.ts';
import {withCleanUp} from './clean-up.ts';
import {type Client, clientFailure} from './client.ts';
import {answerTimeoutMs, engineFailure, quoteEnd} from './command.ts';
import type {RunningServer} from './engine.ts';
import {nameOwner, ownerLabel} from './owner.ts';

const healthCommand = ['/nodejs/bin/node', '/app/server.mjs', '--healthcheck'];
const maxLogCharacters = 64 * 1024;

/**
 * Starts an image as locked down as it must be able to run: read-only root, no capabilities, no new privileges, a
 * user id that no file belongs to, bounded memory, processes and files, one free port of 127.0.0.1.
 *
 * @param name what the container's name starts with.
 * @param env environment variables beside the image's own.
 */
export async function startContainer(
  client: Client,
  image: string,
  {name, env, signal}: {name: string; env: Readonly<Record<string, string>>; signal: AbortSignal},
): Promise<RunningServer> {
  const container = `${name}-${randomBytes(6).toString('hex')}`;
  signal.throwIfAborted();
  const remove = () => removeContainer(client, container);
  let port: number;
  try {
    port = await runImage(client, image, container, env);
    signal.throwIfAborted();
  } catch (error) {
    return withCleanUp(() => Promise.reject(error), remove);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    hasEnded: async () => !(await inspectContainer(client, container)).running,
    async checkHealth() {
      const {program, run} = client;
      const output = await run({timeoutMs: answerTimeoutMs})`${program} exec ${container} ${healthCommand}`;
      return output.exitCode === 0;
    },
    async stop(graceMs) {
      await stopContainer(client, container, Math.ceil(graceMs / 1000));
      const {exitCode} = await inspectContainer(client, container);
      return exitCode === 137 ? null : exitCode;
    },
    readLog: () => readContainerLog(client, container),
    remove,
  };
}

/** Removes a container, running or not, if there is one; throws CONTAINER_LEFT_BEHIND where it is still there. */
export async function removeContainer({program, run}: Client, container: string): Promise<void> {
  const output = await run({timeoutMs: answerTimeoutMs, detached: true})`${program} rm --force ${container}`;
  if (output.exitCode === 0 || /no such container|no container with/i.test(output.stderr)) return;
  throw new Failure('engine', {
    code: 'CONTAINER_LEFT_BEHIND',
    message: `The container ${container} could not be removed: ${quoteEnd(output, 1)}`,
    fix: `Remove it by hand: ${program} rm --force ${container}`,
  });
}

// It is not interrupted: a container that comes up after it was removed would stay.
async function runImage(
  client: Client,
  image: string,
  container: string,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const {program, run} = client;
  const confinement = [
    ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', '54321:54321'],
    ['--memory', '256m', '--pids-limit', '256', '--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=512:512'],
    // the smoke test asks for itself; podman would need systemd to run the health check
    ['--no-healthcheck', '--publish', '127.0.0.1::8000'],
  ].flat();
  const variables = Object.entries(env).flatMap(([variable, value]) => ['--env', `${variable}=${value}`]);
  const label = `${ownerLabel}=${await nameOwner()}`;
  const output = await run({
    timeoutMs: 60_000,
    detached: true,
  })`${program} run --detach --name ${container} --label ${label} ${confinement} ${variables} ${image} serve`;
  if (output.exitCode !== 0) throw clientFailure(client, `start ${image}`, output, 'CONTAINER_START_FAILED');
  const mapping = await run({timeoutMs: answerTimeoutMs})`${program} port ${container} 8000/tcp`;
  const port = Number(/:(\d+)\s*$/m.exec(mapping.stdout)?.[1]);
  if (mapping.exitCode === 0 && port > 0) return port;
  // a container that has died has no ports: its log tells more than the engine does
  const log = await readContainerLog(client, container);
  throw engineFailure(
    'CONTAINER_START_FAILED',
    `The container of ${image} ended at once, or published no port. Its log:\n${log}\n${program}`,
    mapping,
    `Run it by hand: ${program} run --rm ${image}`,
  );
}

async function inspectContainer(
  client: Client,
  container: string,
): Promise<{running: boolean; exitCode: number}> {
  const output = await client.run({
    timeoutMs: answerTimeoutMs,
  })`${client.program} inspect --format ${'{{.State.Running}} {{.State.ExitCode}}'} ${container}`;
  const [, running, exitCode] = /^(true|false) (\d+)\s*$/.exec(output.stdout) ?? [];
  if (output.exitCode !== 0 || exitCode === undefined)
    throw clientFailure(client, `inspect the container ${container}`, output);
  return {running: running === 'true', exitCode: Number(exitCode)};
}

async function stopContainer(client: Client, container: string, graceSeconds: number): Promise<void> {
  const timeoutMs = (graceSeconds + 20) * 1000;
  const output = await client.run({
    timeoutMs,
  })`${client.program} stop --time ${String(graceSeconds)} ${container}`;
  if (output.exitCode !== 0) throw clientFailure(client, `stop the container ${container}`, output);
}

async function readContainerLog({program, run}: Client, container: string): Promise<string> {
  const output = await run({timeoutMs: answerTimeoutMs})`${program} logs --tail 200 ${container}`;
  return `${output.stdout}${output.stderr}`.trim().slice(-maxLogCharacters) || '(the log is empty)';
}
