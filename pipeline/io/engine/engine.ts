import {$, type ProcessOutput} from 'zx/core';
import {Failure} from '../../core/failure.ts';

export type EngineName = 'docker' | 'podman';

/** A container engine that has answered. */
export interface Engine {
  name: EngineName;
  version: string;
}

/** How long an engine may take for what needs no work, in ms. */
export const answerTimeoutMs = 15_000;

/** Asks an engine for its version; a string says why it gave none. */
export async function askEngine(name: EngineName): Promise<Engine | string> {
  const format = name === 'docker' ? '{{.Server.Version}}' : '{{.Version.Version}}';
  const verb = name === 'docker' ? 'version' : 'info';
  const output = await $({
    nothrow: true,
    quiet: true,
    timeout: answerTimeoutMs,
  })`${name} ${verb} --format ${format}`;
  const version = output.stdout.trim();
  if (output.exitCode === 0 && version !== '') return {name, version};
  if (output.exitCode === 127) return `${name} is not installed`;
  if (output.exitCode === null) return `${name} did not answer within ${answerTimeoutMs / 1000} s`;
  return `${name} is installed but does not answer: ${lastLine(output)}`;
}

/** zx's `$` with a deadline, silent, and leaving the exit code to the caller. */
export function quiet(
  timeoutMs: number,
  options: {signal?: AbortSignal; env?: NodeJS.ProcessEnv; input?: string} = {},
) {
  return $({nothrow: true, quiet: true, timeout: timeoutMs, ...options});
}

/** A Failure of kind `engine` that quotes the last lines of what the command wrote. */
export function engineFailure(code: string, what: string, output: ProcessOutput, fix: string): Failure {
  const said = output.exitCode === null ? 'no answer in time' : tail(output);
  return new Failure('engine', {code, message: `${what}: ${said}`, fix});
}

/** What to try when an engine that answers fails at something simple. */
export function restart(engine: Engine): string {
  return `Check that the engine is healthy: \`${engine.name} info\`.`;
}

function tail(output: ProcessOutput): string {
  const lines = `${output.stderr}`.trim() || output.stdout.trim();
  return lines.split('\n').slice(-12).join('\n') || `exit code ${output.exitCode}`;
}

/** The last line that a command wrote. */
export function lastLine(output: ProcessOutput): string {
  return tail(output).split('\n').at(-1) ?? '';
}
