import {join} from 'node:path';
import {chooseName} from './choose.ts';
import type {Descriptor} from './core/descriptor.ts';
import {Failure} from './core/failure.ts';
import {describeRule, judge, overrideRules} from './core/gate.ts';
import {readEvidence, type StoredArtifact, writeEvidence} from './io/artifacts.ts';
import {findStoredCredentials} from './io/credentials.ts';
import {askEngine, type Engine, type EngineName} from './io/engine.ts';
import {openRepository} from './io/registry.ts';
import {summariseImage, summariseRelease, summariseSmoke, summariseVerdict} from './result.ts';
import {type Run, runStage} from './run.ts';
import {buildRelease} from './stages/build.ts';
import {type PushOptions, pushRelease} from './stages/push.ts';
import {smokeTest} from './stages/smoke.ts';

/** Finds the container engine to use; null where none answers and none is needed, which the run says loudly. */
export async function prepareEngine(run: Run): Promise<Engine | null> {
  const {environment, progress} = run;
  const {engine: asked, registry, ci} = environment;
  const reasons: string[] = [];
  const candidates: EngineName[] = asked === null ? ['docker', 'podman'] : asked === 'none' ? [] : [asked];
  for (const name of candidates) {
    const answer = await askEngine(name);
    if (typeof answer !== 'string') return answer;
    reasons.push(answer);
  }
  if (asked === 'none') reasons.push('CONTAINER_ENGINE is "none"');
  const isNeeded =
    registry !== null
      ? 'REGISTRY is set'
      : ci
        ? 'CI is set'
        : asked !== null && asked !== 'none'
          ? 'CONTAINER_ENGINE asks for it'
          : null;
  if (isNeeded !== null) {
    throw new Failure('engine', {
      code: 'ENGINE_MISSING',
      message: `A container engine is needed (${isNeeded}), and none answers: ${reasons.join('; ')}.`,
      fix: 'Install and start Docker or Podman. Without REGISTRY and CI the run would end in a folder instead of an image.',
    });
  }
  progress.note(
    `NO IMAGE WILL BE BUILT: ${reasons.join('; ')}. The same server is tested as a process and released to a folder.`,
  );
  return null;
}

/** Opens the registry that REGISTRY names and asks whether it answers; null without one. */
export async function prepareTarget(
  {environment, options}: Run,
  engine: Engine | null,
): Promise<PushOptions['target']> {
  const {registry, credentials: given} = environment;
  if (registry === null || engine === null) return null;
  const credentials = given ?? (await findStoredCredentials(engine.name, registry.host));
  const imageName = environment.imageName ?? (await chooseName(options));
  const repository = openRepository(registry, imageName, credentials);
  await repository.ping();
  return {repository, host: registry.host, plainHttp: registry.scheme === 'http', credentials: given};
}

/** Builds what will be tested and pushed. */
export async function buildImage(run: Run, stored: StoredArtifact, engine: Engine | null): Promise<void> {
  const {environment, signal, result} = run;
  await runStage(run, 'build', async () => {
    const imageName = environment.imageName ?? stored.artifact.name;
    const build = await buildRelease(stored, {engine, imageName, baseImage: environment.baseImage, signal});
    result.image = summariseImage(build);
    const layer = `server and model ${(build.layerBytes / 2 ** 20).toFixed(3)} MiB`;
    return [build, build.imageName === null ? `no image; ${layer}` : `${build.imageName}; ${layer}`];
  });
}

/** Tests what was built; a Failure of kind `rejected` when a check fails. */
export async function smokeImage(run: Run, stored: StoredArtifact, engine: Engine | null): Promise<void> {
  const {progress, signal, result} = run;
  const build = await requireBuild(stored);
  result.image = summariseImage(build);
  const smoke = await runStage(run, 'smoke', async () => {
    const evidence = await smokeTest(stored, build, {engine, signal, warn: progress.note});
    result.smoke = summariseSmoke(evidence);
    const passed = evidence.checks.filter(check => check.passed).length;
    return [
      evidence,
      `${passed} of ${evidence.checks.length} checks passed, ready after ${evidence.startupMs} ms`,
    ];
  });
  if (smoke.passed) return;
  const failed = smoke.checks.filter(check => !check.passed);
  throw new Failure('rejected', {
    code: 'SMOKE_FAILED',
    message: `${failed.length} of ${smoke.checks.length} checks failed:\n${failed.map(({name, detail}) => `  ${name}: ${detail ?? ''}`).join('\n')}`,
    fix: 'The log above is what the server wrote. Mend serve/, then run npm run build and npm run smoke.',
  });
}

/** Judges what was tested; a Failure of kind `rejected` when a rule fails or evidence is missing. */
export async function gateImage(
  run: Run,
  stored: StoredArtifact,
  descriptor: Descriptor | undefined,
): Promise<void> {
  const {options, result} = run;
  const build = await requireBuild(stored);
  const verdict = await runStage(run, 'gate', async () => {
    const smoke = await readEvidence(stored.folder, 'smoke.json');
    if (smoke === undefined || !smoke.passed) {
      throw new Failure('rejected', {
        code: 'EVIDENCE_MISSING',
        message: `${stored.folder} ${smoke === undefined ? 'holds no smoke.json' : 'has a smoke test that failed'}: an image without proof that it serves is rejected.`,
        fix: 'Run npm run smoke first.',
      });
    }
    const rules = overrideRules(descriptor?.gate.rules ?? [], options);
    const judged = judge(rules, {metrics: stored.artifact.metrics, build, smoke});
    await writeEvidence(stored.folder, 'verdict.json', judged);
    result.image = summariseImage(build);
    result.smoke = summariseSmoke(smoke);
    result.gate = summariseVerdict(judged);
    return [judged, judged.rules.map(describeRule).join('; ')];
  });
  if (verdict.passed) return;
  const failed = verdict.rules.filter(rule => !rule.passed);
  throw new Failure('rejected', {
    code: 'GATE_REJECTED',
    message: `Not promoted: ${failed.map(describeRule).join('; ')}.`,
    fix: 'Nothing was pushed and the channel has not moved. Train a better model, or change the rule in the descriptor.',
  });
}

/** Promotes what passed. */
export async function pushImage(run: Run, stored: StoredArtifact, engine: Engine | null): Promise<void> {
  const {environment, options, result, signal, progress} = run;
  const release = await runStage(run, 'push', async () => {
    const build = await requireBuild(stored);
    const evidence = {
      build,
      smoke: await readEvidence(stored.folder, 'smoke.json'),
      verdict: await readEvidence(stored.folder, 'verdict.json'),
    };
    const promoted = await pushRelease(
      {folder: stored.folder, parent: join(options.artifacts, stored.artifact.name)},
      evidence,
      {
        engine,
        target: await prepareTarget(run, engine),
        imageName: environment.imageName ?? stored.artifact.name,
        channel: environment.channel,
        signal,
      },
    );
    result.release = summariseRelease(promoted);
    result.image = summariseImage(build);
    return [promoted, `${promoted.ref} ${promoted.digest}`];
  });
  result.outcome = 'promoted';
  if (release.store === 'folder') {
    progress.note(
      `NO IMAGE WAS BUILT: no container engine was in use. The release is the folder ${release.ref}; start it with: npm run serve`,
    );
  }
}

async function requireBuild({folder}: StoredArtifact) {
  const build = await readEvidence(folder, 'build.json');
  if (build !== undefined) return build;
  throw new Failure('rejected', {
    code: 'EVIDENCE_MISSING',
    message: `${folder} holds no build.json: nothing was built from this model yet.`,
    fix: 'Run npm run build first.',
  });
}
