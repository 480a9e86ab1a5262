import {Failure} from '../core/failure.ts';
import {findStoredLogin} from '../io/engine/credentials.ts';
import type {Engine} from '../io/engine/engine.ts';
import {connectEngine, containerEngines, noEngine} from '../io/engine/engines.ts';
import {readChampion} from '../io/registry/champion.ts';
import {openRepository} from '../io/registry/registry.ts';
import type {Release} from '../io/registry/release-image.ts';
import {chooseName} from '../run/choose.ts';
import {type Run, runStage} from '../run/run-stage.ts';
import type {Target} from '../stages/push.ts';

/** Finds the engine to use; the one without containers where none answers and none is needed, which the run says loudly. */
export async function prepareEngine(run: Run): Promise<Engine> {
  const {environment, env, progress} = run;
  const {engine: asked, registry, ci} = environment;
  const reasons: string[] = [];
  const candidates = asked === null ? containerEngines : asked === noEngine ? [] : [asked];
  for (const name of candidates) {
    const answer = await connectEngine(name, env, progress.note);
    if (typeof answer !== 'string') return answer;
    reasons.push(answer);
  }
  if (asked === noEngine) reasons.push('CONTAINER_ENGINE is "none"');
  const isNeeded =
    registry !== null
      ? 'REGISTRY is set'
      : ci
        ? 'CI is set'
        : asked !== null && asked !== noEngine
          ? 'CONTAINER_ENGINE asks for it'
          : null;
  if (isNeeded !== null) {
    throw new Failure('engine', {
      code: 'ENGINE_MISSING',
      message: `A container engine is needed (${isNeeded}), and none answers: ${reasons.join('; ')}.`,
      fix: `Install and start Docker or Podman${asked === null || registry !== null || ci ? '' : ', or unset CONTAINER_ENGINE to take the first engine that answers'}. ${registry !== null || ci ? 'Without REGISTRY and CI the run would end in a folder instead of an image.' : 'CONTAINER_ENGINE=none ends in a folder instead of an image.'}`,
    });
  }
  progress.note(
    `NO IMAGE WILL BE BUILT: ${reasons.join('; ')}. The same server is tested as a process and released to a folder.`,
  );
  const engine = await connectEngine(noEngine, env);
  if (typeof engine !== 'string') return engine;
  throw new Error(engine);
}

/** Opens the registry that REGISTRY names and asks whether it answers; null without one. */
export async function prepareTarget(run: Run, engine: Engine | null): Promise<Target | null> {
  return run.environment.registry === null ? null : openTarget(run, engine);
}

/**
 * The same for commands that are about a registry.
 *
 * @param engine whose stored logins are used where the environment has none.
 */
export async function openTarget(
  {environment, env, options, signal}: Run,
  engine: Engine | null = null,
): Promise<Target> {
  const {registry, credentials: given} = environment;
  if (registry === null) {
    throw new Failure('usage', {
      code: 'NO_REGISTRY',
      message: `${options.command} is about releases in a registry, and REGISTRY is not set.`,
      fix: `Name it: REGISTRY=host/path npm run ${options.command}`,
    });
  }
  const credentials =
    given ?? (await findStoredLogin(engine?.name ?? environment.engine, registry.host, env));
  const imageName = environment.imageName ?? (await chooseName(options));
  const repository = openRepository(registry, imageName, credentials, signal);
  await repository.ping();
  // an engine knows the logins that it has stored
  return {
    repository,
    access: {host: registry.host, plainHttp: registry.scheme === 'http', credentials: given},
  };
}

/** Reads what the channel points at, the model that the challenger must stand up to; undefined where there is none. */
export async function findChampion(run: Run, {repository}: Target): Promise<Release | undefined> {
  const {channel} = run.environment;
  return runStage(run, 'champion', async () => {
    const champion = await readChampion(repository, channel);
    const detail =
      champion === undefined
        ? `none: ${repository.reference}:${channel} does not exist, this is the first promotion`
        : `${champion.artifact.version} ${champion.digest}`;
    return [champion, detail];
  });
}
