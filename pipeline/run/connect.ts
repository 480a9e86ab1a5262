import {Failure} from '../core/failure.ts';
import {findStoredLogin} from '../io/engine/credentials.ts';
import type {Engine} from '../io/engine/engine.ts';
import {connectEngine, noEngine} from '../io/engine/engines.ts';
import {createProcessEngine} from '../io/engine/process-engine.ts';
import {openRepository, type Repository} from '../io/registry/registry.ts';
import type {Run} from './run.ts';
import {chooseName} from './selection.ts';

/**
 * Finds the engine to use: the one that is asked for, else the first that answers, else none, which the run says
 * loudly.
 *
 * @throws Failure of kind `engine` when a container engine is needed and none answers.
 */
export async function findEngine({environment, env, engines, progress}: Run): Promise<Engine> {
  const {engine: asked, registry, ci} = environment;
  const reasons: string[] = [];
  const candidates = asked === null ? Object.keys(engines) : asked === noEngine ? [] : [asked];
  for (const name of candidates) {
    const answer = await connectEngine(name, env, progress.note, engines);
    if (typeof answer !== 'string') return answer;
    reasons.push(answer);
  }
  if (asked === noEngine) reasons.push('CONTAINER_ENGINE is "none"');
  const need =
    registry !== null
      ? 'REGISTRY is set'
      : ci
        ? 'CI is set'
        : asked !== null && asked !== noEngine
          ? 'CONTAINER_ENGINE asks for it'
          : null;
  if (need !== null) {
    const isPinned = asked !== null && registry === null && !ci;
    throw new Failure('engine', {
      code: 'ENGINE_MISSING',
      message: `A container engine is needed (${need}), and none answers: ${reasons.join('; ')}.`,
      fix: `Install and start Docker or Podman${isPinned ? ', or unset CONTAINER_ENGINE to take the first engine that answers' : ''}. ${registry !== null || ci ? 'Without REGISTRY and CI the run would end in a folder instead of an image.' : 'CONTAINER_ENGINE=none ends in a folder instead of an image.'}`,
    });
  }
  progress.note(
    `NO IMAGE WILL BE BUILT: ${reasons.join('; ')}. The same server is tested as a process and released to a folder.`,
  );
  return createProcessEngine(env);
}

/** Opens the registry that REGISTRY names and asks whether it answers; null without one. */
export async function findTarget(run: Run): Promise<Repository | null> {
  return run.environment.registry === null ? null : openTarget(run);
}

/**
 * The same for commands that are about a registry.
 *
 * @throws Failure of kind `usage` without REGISTRY, `engine` when it does not answer or refuses the login.
 */
export async function openTarget({environment, env, options, signal}: Run): Promise<Repository> {
  const {registry, credentials: given} = environment;
  if (registry === null) {
    throw new Failure('usage', {
      code: 'NO_REGISTRY',
      message: `${options.command} is about releases in a registry, and REGISTRY is not set.`,
      fix: `Name it: REGISTRY=host/path npm run ${options.command}`,
    });
  }
  const credentials = given ?? (await findStoredLogin(environment.engine, registry.host, env));
  const imageName = environment.imageName ?? (await chooseName(options));
  const repository = openRepository(registry, imageName, credentials, signal);
  await repository.ping();
  return repository;
}
