import {Failure} from '../core/failure.ts';
import {findEngine, findTarget} from '../run/connect.ts';
import type {Finding, Success} from '../run/facts.ts';
import type {Run} from '../run/run.ts';
import {buildRelease, findChampion} from './build.ts';
import {compareModels, judgeChampion, judgeRelease} from './gate.ts';
import {pushRelease} from './push.ts';
import {smokeTest} from './smoke.ts';
import {trainModel} from './train.ts';

/** How often a run starts over because another one promoted meanwhile. */
const maxAttempts = 5;

/**
 * The command `pipeline`: all stages. Engine and registry are asked first: a run that cannot end well ends at once.
 *
 * @throws Failure of kind `rejected` when smoke test or gate refuse, also a champion that misses today's rules.
 */
export async function* runPipeline(run: Run): Finding<Success> {
  const engine = await findEngine(run);
  const target = await findTarget(run);
  const {stored, descriptor, testRows, evaluation} = yield* trainModel(run);
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const champion = target === null ? null : yield* findChampion(run, target);
    const comparison = compareModels(target !== null, champion, stored.artifact, testRows);
    const build = yield* buildRelease(run, stored, {engine, target, champion});
    if ('champion' in build) {
      yield* judgeChampion(run, {descriptor, evaluation, comparison}, build.champion);
      return 'unchanged';
    }
    const smoke = yield* smokeTest(run, stored, {build, engine});
    const verdict = yield* judgeRelease(run, stored, {descriptor, evaluation, build, smoke, comparison});
    if (yield* pushRelease(run, stored, {build, smoke, verdict}, {engine, target})) return 'promoted';
    run.progress.note(
      'Another run moved the channel while this one worked: comparing with what is there now.',
    );
  }
  throw new Failure('engine', {
    code: 'CHANNEL_CONTENDED',
    message: `The channel ${run.environment.channel} was moved by other runs ${maxAttempts} times while this one worked.`,
    fix: 'Let the other runs finish (one schedule for a channel is enough), then run the same command again.',
  });
}
