import {join} from 'node:path';
import type {Artifact} from '../../serve/artifact/artifact.ts';
import {type Comparison, compareWithChampion} from '../core/champion/comparison.ts';
import type {Descriptor} from '../core/dataset/descriptor.ts';
import {Failure} from '../core/failure.ts';
import {judge} from '../core/gate/judge.ts';
import {chooseRules} from '../core/gate/rules.ts';
import {getSubjectDigest, isSameSubject} from '../core/release/evidence.ts';
import {readEvidence, type StoredArtifact, writeEvidence} from '../io/artifacts/artifacts.ts';
import {readEvaluation} from '../io/artifacts/evaluation-file.ts';
import type {Engine} from '../io/engine/engine.ts';
import {type Release, readRelease, releaseLabels} from '../io/registry/release-image.ts';
import {describeGateFix, describeRule} from '../report/rule-text.ts';
import {
  summariseChampion,
  summariseImage,
  summariseRelease,
  summariseSmoke,
  summariseVerdict,
} from '../run/outcome.ts';
import {formatMs} from '../run/progress.ts';
import {type Run, runStage} from '../run/run-stage.ts';
import type {SmokeScope} from '../smoke/checks.ts';
import {adoptRelease, buildRelease, planRelease} from '../stages/build.ts';
import {type PushOutcome, pushRelease, type Target} from '../stages/push.ts';
import {smokeTest} from '../stages/smoke.ts';
import type {NumberedTestRows} from './train.ts';

/**
 * Builds what will be tested and pushed, or takes it from the registry where its tag is there already.
 *
 * @returns false when the champion is the very same release, and there is nothing to do.
 */
export async function buildImage(
  run: Run,
  stored: StoredArtifact,
  {engine, target, champion}: {engine: Engine; target: Target | null; champion: Release | undefined},
): Promise<boolean> {
  const {environment, signal, result} = run;
  return runStage(run, 'build', async () => {
    const plan = await planRelease(stored, {engine, baseImage: environment.baseImage, signal});
    if (champion?.text === stored.text && champion.serverSha256 === plan.bundle.sha256 && target !== null) {
      result.outcome = 'unchanged';
      const ref = `${target.repository.reference}:${plan.tag}`;
      result.release = {store: 'registry', ref, digest: champion.digest, channel: environment.channel};
      const words = champion.card === stored.card ? '' : '; its model card says other words, and stays';
      return [false, `nothing to build: the channel holds this model, server and base${words}`];
    }
    const existing = await target?.repository.getManifest(plan.tag);
    const build =
      existing === undefined || target === null
        ? await buildRelease(stored, plan, {
            engine,
            imageName: environment.imageName ?? stored.artifact.name,
            parent: champion?.digest ?? null,
            signal,
          })
        : await adoptRelease(stored, plan, await readRelease(target.repository, existing), {
            engine,
            registry: target.access,
            signal,
          });
    result.image = summariseImage(build);
    const layer = `server and model ${(build.layerBytes / 2 ** 20).toFixed(3)} MiB`;
    const taken = existing === undefined ? '' : ' (the registry has it already)';
    return [
      true,
      build.imageName === null ? `no image; ${layer}` : `${engine.name} ${build.imageName}; ${layer}${taken}`,
    ];
  });
}

/** Tests what was built; a Failure of kind `rejected` when a check fails. */
export async function smokeImage(
  run: Run,
  stored: StoredArtifact,
  engine: Engine,
  scope: SmokeScope = 'all',
): Promise<void> {
  const {progress, signal, result} = run;
  const build = await requireBuild(stored);
  result.image = summariseImage(build);
  const smoke = await runStage(run, 'smoke', async () => {
    const evidence = await smokeTest(stored, build, {engine, scope, signal, warn: progress.note});
    result.smoke = summariseSmoke(evidence);
    const passed = evidence.checks.filter(check => check.passed).length;
    return [
      evidence,
      `${passed} of ${evidence.checks.length} checks passed, ready after ${formatMs(evidence.startupMs)}`,
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

/** Scores the champion on the rows that the challenger was scored on, and compares the two. */
export function compareModels(
  target: Target | null,
  champion: Release | undefined,
  challenger: Artifact,
  testRows: NumberedTestRows | null,
): Comparison {
  if (target === null) return {status: 'none'};
  if (champion === undefined || testRows === null) return {status: 'first'};
  const {artifact, reference, digest, labels} = champion;
  const tag = labels[releaseLabels.version] ?? '';
  return compareWithChampion({
    champion: artifact,
    reference: {reference, digest, tag, version: artifact.version},
    challenger,
    testRows,
    testIndices: testRows.indices,
  });
}

/** Judges what was tested; a Failure of kind `rejected` when a rule fails or evidence is missing. */
export async function gateImage(
  run: Run,
  stored: StoredArtifact,
  descriptor: Descriptor | undefined,
  comparison: Comparison,
): Promise<void> {
  const {options, result} = run;
  const build = await requireBuild(stored);
  const asked = chooseRules(descriptor?.gate, options);
  const testRows = stored.artifact.provenance.split.test;
  const verdict = await runStage(run, 'gate', async () => {
    const smoke = await readEvidence(stored.folder, 'smoke.json');
    if (smoke === undefined || !smoke.passed || !isSameSubject(smoke.subject, build.subject)) {
      const problem =
        smoke === undefined
          ? 'holds no smoke.json'
          : smoke.passed
            ? `has a smoke test of ${getSubjectDigest(smoke.subject)}, and a build of ${getSubjectDigest(build.subject)}`
            : 'has a smoke test that failed';
      throw new Failure('rejected', {
        code: 'EVIDENCE_MISSING',
        message: `${stored.folder} ${problem}: what has no proof that it serves is rejected.`,
        fix: 'Run npm run smoke first.',
      });
    }
    const evaluation = await readEvaluation(stored);
    const image = {...build, ...smoke};
    const judged = {subject: build.subject, ...judge(asked, {evaluation, image, comparison})};
    await writeEvidence(stored.folder, 'verdict.json', judged);
    result.image = summariseImage(build);
    result.smoke = summariseSmoke(smoke);
    result.gate = summariseVerdict(judged);
    result.champion = summariseChampion(comparison);
    run.report = {...run.report, evaluation, comparison, build};
    return [judged, judged.rules.map(rule => describeRule(rule, {testRows})).join('; ')];
  });
  if (verdict.passed) return;
  const failed = verdict.rules.filter(rule => !rule.passed);
  throw new Failure('rejected', {
    code: 'GATE_REJECTED',
    message: `Not promoted: ${failed.map(rule => describeRule(rule, {testRows})).join('; ')}.`,
    fix: describeGateFix(failed, {rules: asked.rules, descriptor: options.dataset}),
  });
}

/**
 * Promotes what passed.
 *
 * @returns false when another run moved the channel since the verdict: its release must be compared with first.
 */
export async function pushImage(
  run: Run,
  stored: StoredArtifact,
  {engine, target}: {engine: Engine; target: Target | null},
): Promise<boolean> {
  const {environment, options, result, signal, progress} = run;
  const outcome = await runStage<PushOutcome>(run, 'push', async () => {
    const build = await requireBuild(stored);
    const smoke = await readEvidence(stored.folder, 'smoke.json');
    const verdict = await readEvidence(stored.folder, 'verdict.json');
    result.image = summariseImage(build);
    const pushed = await pushRelease(
      {folder: stored.folder, parent: join(options.artifacts, stored.artifact.name)},
      {build, smoke, verdict},
      {
        engine,
        target,
        imageName: environment.imageName ?? stored.artifact.name,
        channel: environment.channel,
        champion: championDigest(verdict?.comparison),
        signal,
      },
    );
    if (pushed.status === 'moved') return [pushed, 'another run moved the channel meanwhile'];
    result.release = summariseRelease(pushed.release);
    return [pushed, `${pushed.release.ref} ${pushed.release.digest}`];
  });
  if (outcome.status === 'moved') return false;
  result.outcome = 'promoted';
  const {store, ref} = outcome.release;
  if (store === 'folder') {
    progress.note(
      `NO IMAGE WAS BUILT: no container engine was in use. The release is the folder ${ref}; start it with: npm run serve`,
    );
  }
  return true;
}

/** The champion that a verdict is about, by digest; null where there was none. */
function championDigest(comparison: Comparison | undefined): string | null {
  return comparison !== undefined && 'champion' in comparison ? comparison.champion.digest : null;
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
