import {chooseDescriptor, openChosen} from './choose.ts';
import {trainModel} from './learn.ts';
import {buildImage, gateImage, prepareEngine, prepareTarget, pushImage, smokeImage} from './release.ts';
import {noteArtifact, type Run} from './run.ts';

/** The whole road. Engine and registry are asked first: a run that cannot end well ends at once. */
export async function runPipeline(run: Run): Promise<void> {
  const engine = await prepareEngine(run);
  await prepareTarget(run, engine);
  const {stored, descriptor} = await trainModel(run);
  await buildImage(run, stored, engine);
  await smokeImage(run, stored, engine);
  await gateImage(run, stored, descriptor);
  await pushImage(run, stored, engine);
}

/** Runs one stage of the second half for an artifact that was written before. */
export async function runSingleStage(run: Run, command: 'build' | 'smoke' | 'gate' | 'push'): Promise<void> {
  const stored = await openChosen(run.options);
  noteArtifact(run, stored);
  if (command === 'gate') return gateImage(run, stored, await chooseDescriptor(run.options));
  const engine = await prepareEngine(run);
  if (command === 'build') return buildImage(run, stored, engine);
  if (command === 'smoke') return smokeImage(run, stored, engine);
  return pushImage(run, stored, engine);
}
