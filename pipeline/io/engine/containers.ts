import {answerTimeoutMs, type Engine, engineFailure, lastLine, quiet, restart} from './engine.ts';

/**
 * Starts an image as locked down as it must be able to run: read-only root, no capabilities, no new privileges,
 * a user id that no file belongs to, bounded memory, processes and files, one free port of 127.0.0.1.
 *
 * @param env environment variables beside the image's own.
 * @returns the port on 127.0.0.1 that leads to the server.
 */
export async function startContainer(
  engine: Engine,
  image: string,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const confinement = [
    ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', '54321:54321'],
    ['--memory', '256m', '--pids-limit', '256', '--ulimit', 'nofile=4096:4096', '--ulimit', 'nproc=512:512'],
    // the smoke test asks for itself; podman would need systemd to run the health check
    ['--no-healthcheck', '--publish', '127.0.0.1::8000'],
  ].flat();
  const variables = Object.entries(env).flatMap(([variable, value]) => ['--env', `${variable}=${value}`]);
  const output = await quiet(
    60_000,
  )`${engine.name} run --detach --name ${name} ${confinement} ${variables} ${image} serve`;
  if (output.exitCode !== 0) {
    throw engineFailure(
      'CONTAINER_START_FAILED',
      `${engine.name} could not start ${image}`,
      output,
      restart(engine),
    );
  }
  const mapping = await quiet(answerTimeoutMs)`${engine.name} port ${name} 8000/tcp`;
  const port = Number(/:(\d+)\s*$/m.exec(mapping.stdout)?.[1]);
  if (mapping.exitCode === 0 && port > 0) return port;
  // a container that has died has no ports: its log tells more than the engine does
  const log = await readContainerLog(engine, name);
  throw engineFailure(
    'CONTAINER_START_FAILED',
    `The container of ${image} ended at once, or published no port. Its log:\n${log}\n${engine.name}`,
    mapping,
    `Run it by hand: ${engine.name} run --rm ${image}`,
  );
}

/** Whether a container runs, and the exit code of one that has ended. */
export async function inspectContainer(
  engine: Engine,
  name: string,
): Promise<{running: boolean; exitCode: number}> {
  const output = await quiet(
    answerTimeoutMs,
  )`${engine.name} inspect --format ${'{{.State.Running}} {{.State.ExitCode}}'} ${name}`;
  if (output.exitCode !== 0) {
    throw engineFailure(
      'ENGINE_FAILED',
      `${engine.name} could not inspect the container ${name}`,
      output,
      restart(engine),
    );
  }
  const [running, exitCode] = output.stdout.trim().split(' ');
  return {running: running === 'true', exitCode: Number(exitCode)};
}

/** Runs a command inside a container; true where it exits with 0. */
export async function execInContainer(
  engine: Engine,
  name: string,
  command: readonly string[],
): Promise<boolean> {
  return (await quiet(answerTimeoutMs)`${engine.name} exec ${name} ${command}`).exitCode === 0;
}

/** Sends SIGTERM and, once the time is up, SIGKILL; returns when the container has ended. */
export async function stopContainer(engine: Engine, name: string, graceSeconds: number): Promise<void> {
  const timeoutMs = (graceSeconds + 20) * 1000;
  const output = await quiet(timeoutMs)`${engine.name} stop --time ${graceSeconds} ${name}`;
  if (output.exitCode !== 0) {
    throw engineFailure(
      'ENGINE_FAILED',
      `${engine.name} could not stop the container ${name}`,
      output,
      restart(engine),
    );
  }
}

/** What a container wrote to stdout and stderr, its last 200 lines. */
export async function readContainerLog(engine: Engine, name: string): Promise<string> {
  const output = await quiet(answerTimeoutMs)`${engine.name} logs --tail 200 ${name}`;
  return `${output.stdout}${output.stderr}`.trim() || '(the log is empty)';
}

/** Removes a container, running or not, if there is one; returns why it could not. */
export async function removeContainer(engine: Engine, name: string): Promise<string | undefined> {
  const output = await quiet(answerTimeoutMs)`${engine.name} rm --force ${name}`;
  return output.exitCode === 0 || /no such container|no container with/i.test(output.stderr)
    ? undefined
    : lastLine(output);
}
