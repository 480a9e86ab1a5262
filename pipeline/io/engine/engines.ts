import {docker} from './docker.ts';
import type {Connector, Engine, ProgramEnv} from './engine.ts';
import {podman} from './podman.ts';
import {createProcessEngine} from './process-engine.ts';

/** The one place where container engines are registered, in the order in which they are asked. */
export const connectors: Connectors = {docker, podman};

/** Container engines by name, in the order in which they are asked. */
export type Connectors = Readonly<Record<string, Connector>>;

/** The names of the container engines, in the order in which they are asked. */
export const containerEngines: readonly string[] = Object.keys(connectors);

/** The name of the engine that needs nothing, and builds no image. */
export const noEngine = 'none';

/**
 * Connects an engine by its name, one of `containerEngines` or `noEngine`.
 *
 * @param registered the container engines that there are.
 * @param env what its programs are started with; secrets that they do not need are left out.
 * @param note told what was removed of runs that were killed.
 * @returns why there is none, as half a sentence, where it does not answer.
 */
export async function connectEngine(
  name: string,
  env: ProgramEnv,
  note: (text: string) => void = () => {},
  registered: Connectors = connectors,
): Promise<Engine | string> {
  if (name === noEngine) return createProcessEngine(env);
  return registered[name]?.connect(env, note) ?? `there is no engine ${name}`;
}

/** The files in which an engine stores logins; those of all engines where it is not known which one is used. */
export function listLoginFiles(name: string | null, env: ProgramEnv): string[] {
  const asked = connectors[name ?? noEngine];
  const chosen = asked === undefined ? Object.values(connectors) : [asked];
  return [...new Set(chosen.flatMap(connector => connector.listLoginFiles(env)))];
}
