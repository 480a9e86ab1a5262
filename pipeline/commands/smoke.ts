import {Failure} from '../core/failure.ts';
import type {BuildEvidence, SmokeEvidence} from '../core/release/evidence.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import type {Engine} from '../io/engine/engine.ts';
import {findEngine} from '../run/connect.ts';
import {type Finding, know, runStage, type Success} from '../run/facts.ts';
import {formatMs} from '../run/progress.ts';
import type {Run} from '../run/run.ts';
import {openChosen} from '../run/selection.ts';
import type {SmokeScope} from '../smoke/checks.ts';
import {smoke} from '../stages/smoke.ts';
import {requireBuild} from './build.ts';

/** The command `smoke`: runs what was built and asks it everything that a client relies on. */
export async function* runSmoke(run: Run): Finding<Success> {
  const stored = await openChosen(run.options);
  yield know('write', stored);
  const engine = await findEngine(run);
  const build = await requireBuild(stored);
  yield know('build', build);
  yield* smokeTest(run, stored, {build, engine});
  return 'tested';
}

/** Tests what was built; a Failure of kind `rejected` when a check fails. */
export async function* smokeTest(
  run: Run,
  stored: StoredArtifact,
  {build, engine, scope = 'all'}: {build: BuildEvidence; engine: Engine; scope?: SmokeScope},
): Finding<SmokeEvidence> {
  const {progress, signal} = run;
  const evidence = yield* runStage(
    run,
    'smoke',
    () => smoke(stored, build, {engine, scope, signal, warn: progress.note}),
    ({checks, startupMs}) =>
      `${checks.filter(({passed}) => passed).length} of ${checks.length} checks passed, ready after ${formatMs(startupMs)}`,
  );
  if (evidence.passed) return evidence;
  const failed = evidence.checks.filter(({passed}) => !passed);
  throw new Failure('rejected', {
    code: 'SMOKE_FAILED',
    message: `${failed.length} of ${evidence.checks.length} checks failed:\n${failed.map(({name, detail}) => `  ${name}: ${detail ?? ''}`).join('\n')}`,
    fix: 'The log above is what the server wrote. Mend serve/, then run npm run build and npm run smoke.',
  });
}
