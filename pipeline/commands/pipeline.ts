import {Failure} from '../core/failure.ts';
import {readEvaluation} from '../io/artifacts/evaluation-file.ts';
import {chooseDescriptor, openChosen} from '../run/choose.ts';
import {noteArtifact, type Run} from '../run/run-stage.ts';
import {findChampion, prepareEngine, prepareTarget} from './prepare.ts';
import {buildImage, compareModels, gateImage, pushImage, smokeImage} from './release.ts';
import {loadTestRows, trainModel} from './train.ts';

/** How often a run starts over because another one promoted meanwhile. */
const maxAttempts = 5;

/** The whole road. Engine and registry are asked first: a run that cannot end well ends at once. */
export async function runPipeline(run: Run): Promise<void> {
  const engine = await prepareEngine(run);
  const target = await prepareTarget(run, engine);
  const {stored, descriptor, testRows} = await trainModel(run);
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const champion = target === null ? undefined : await findChampion(run, target);
    if (!(await buildImage(run, stored, {engine, target, champion}))) return;
    await smokeImage(run, stored, engine);
    const comparison = compareModels(target, champion, stored.artifact, testRows);
    await gateImage(run, stored, descriptor, comparison);
    if (await pushImage(run, stored, {engine, target})) return;
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

/** Runs one stage of the second half for an artifact that was written before. */
export async function runSingleStage(run: Run, command: 'build' | 'smoke' | 'gate' | 'push'): Promise<void> {
  const stored = await openChosen(run.options);
  noteArtifact(run, stored);
  if (command === 'gate') {
    const engine = run.environment.registry === null ? null : await prepareEngine(run);
    const target = await prepareTarget(run, engine);
    const champion = target === null ? undefined : await findChampion(run, target);
    const testRows = champion === undefined ? null : await loadTestRows(run, stored.artifact);
    const comparison = compareModels(target, champion, stored.artifact, testRows);
    return gateImage(run, stored, await chooseDescriptor(run.options), comparison);
  }
  const engine = await prepareEngine(run);
  if (command === 'smoke') return smokeImage(run, stored, engine);
  const target = await prepareTarget(run, engine);
  if (command === 'build') {
    const champion = target === null ? undefined : await findChampion(run, target);
    return void (await buildImage(run, stored, {engine, target, champion}));
  }
  run.report.evaluation = await readEvaluation(stored);
  if (await pushImage(run, stored, {engine, target})) return;
  throw new Failure('rejected', {
    code: 'CHANNEL_MOVED',
    message: `${run.environment.channel} no longer points at the champion that ${stored.folder}/verdict.json compares with: another run promoted meanwhile.`,
    fix: 'Compare with what is there now: npm run gate, then npm run push.',
  });
}
