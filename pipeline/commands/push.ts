import {Failure} from '../core/failure.ts';
import {requireOwnDescriptor} from '../core/release/descriptor-match.ts';
import type {BuildEvidence, SmokeEvidence, VerdictEvidence} from '../core/release/evidence.ts';
import {requireTodaysRules} from '../core/release/todays-rules.ts';
import {readEvaluation} from '../io/artifacts/evaluation-file.ts';
import {readEvidence} from '../io/artifacts/evidence-files.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import type {Engine} from '../io/engine/engine.ts';
import type {BaseSource} from '../io/image/registry-base.ts';
import type {Repository} from '../io/registry/registry.ts';
import {findBase} from '../run/base.ts';
import {findEngine, findTarget} from '../run/connect.ts';
import {type Finding, know, runStage, type Success} from '../run/facts.ts';
import type {Run} from '../run/run.ts';
import {describeRunner} from '../run/runner.ts';
import {chooseDescriptor, describeChoice, openChosen} from '../run/selection.ts';
import {push} from '../stages/push.ts';
import {requireBuild} from './build.ts';

/** The command `push`: promotes what passed, under its version tag first and the channel last. */
export async function* runPush(run: Run): Finding<Success> {
  const {options, environment} = run;
  const stored = await openChosen(options);
  const {folder} = stored;
  yield know('write', stored);
  const engine = await findEngine(run);
  const target = await findTarget(run);
  const build = await requireBuild(stored);
  yield know('build', build);
  const smoke = await readEvidence(folder, 'smoke.json');
  if (smoke !== undefined) yield know('smoke', smoke);
  const verdict = await readEvidence(folder, 'verdict.json');
  if (verdict !== undefined) yield know('gate', verdict);
  const descriptor = await chooseDescriptor(options);
  if (descriptor !== undefined) {
    requireOwnDescriptor(stored.artifact, descriptor, describeChoice(options));
    if (verdict !== undefined) requireTodaysRules(verdict, descriptor, folder);
  }
  yield know('evaluate', await readEvaluation(stored));
  if (yield* pushRelease(run, stored, {build, smoke, verdict}, {engine, target})) return 'promoted';
  throw new Failure('rejected', {
    code: 'CHANNEL_MOVED',
    message: `${environment.channel} no longer points at what ${folder}/verdict.json compares with: another run promoted meanwhile.`,
    fix: 'Compare with what is there now: npm run gate, then npm run push.',
  });
}

/**
 * Promotes what passed.
 *
 * @returns false when another run moved the channel since the verdict: its release must be compared with first.
 */
export async function* pushRelease(
  run: Run,
  stored: StoredArtifact,
  evidence: {build: BuildEvidence; smoke: SmokeEvidence | undefined; verdict: VerdictEvidence | undefined},
  {engine, target}: {engine: Engine; target: Repository | null},
): Finding<boolean> {
  const {environment, options, signal, progress} = run;
  const {channel} = environment;
  const imageName = environment.imageName ?? stored.artifact.name;
  const comparison = evidence.verdict?.comparison;
  const champion = comparison !== undefined && 'champion' in comparison ? comparison.champion.digest : null;
  const pushed = yield* runStage(
    run,
    'push',
    () =>
      push(stored, evidence, {
        engine,
        target,
        root: options.artifacts,
        imageName,
        channel,
        champion,
        openBase: () => openBuiltOn(run, engine, evidence.build),
        runner: describeRunner(run),
        signal,
      }),
    outcome =>
      outcome.status === 'moved'
        ? 'another run moved the channel meanwhile'
        : `${outcome.release.ref} ${outcome.release.digest}`,
  );
  if (pushed.status === 'moved') return false;
  const {store, ref} = pushed.release;
  if (store === 'folder') {
    progress.note(
      `NO IMAGE WAS BUILT: no container engine was in use. The release is the folder ${ref}; start it with: npm run serve`,
    );
  }
  return true;
}

async function openBuiltOn(run: Run, engine: Engine, {base, tag}: BuildEvidence): Promise<BaseSource> {
  const source = base && (await findBase(run, engine, {reference: base.name, pinned: base.digest}));
  if (source !== null) return source;
  throw new Error(`${tag} was built on no base`);
}
