import {connectors} from '../io/engine/engines.ts';
import {parseEnvironment} from './environment.ts';
import type {Options} from './options.ts';
import {createProgress} from './progress.ts';
import type {Run} from './run.ts';

/**
 * Makes a run of what the command line and the environment say.
 *
 * @param stream gets the progress.
 * @throws Failure of kind `usage` for variables that make no sense.
 */
export async function createRun(
  options: Options,
  env: Run['env'],
  stream: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<Run> {
  const environment = parseEnvironment(env);
  return {options, environment, env, engines: connectors, progress: await createProgress(stream), signal};
}
