import type {Comparison} from '../core/champion/comparison.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import type {Rule} from '../core/gate/rules.ts';
import type {BuildEvidence} from '../core/release/evidence.ts';
import type {StoredArtifact} from '../io/artifacts/artifacts.ts';
import type {FigureJob} from '../report/figures/figure-job.ts';
import type {Environment} from './environment.ts';
import type {Options} from './options.ts';
import type {Result} from './outcome.ts';
import type {Progress} from './progress.ts';

/** What a run is told and what it tells; `result` fills up as the stages go by. */
export interface Run {
  options: Options;
  environment: Environment;
  /** What programs are started with. */
  env: Readonly<Record<string, string | undefined>>;
  progress: Progress;
  signal: AbortSignal;
  result: Result;
  /** What the reports tell beyond the result. */
  report: {evaluation?: Evaluation; rules?: Rule[]; comparison?: Comparison; build?: BuildEvidence};
  /** What is drawn beside the run, by a thread that must be waited for or stopped. */
  figures?: FigureJob;
}

/** Times a stage, tells its progress, and records it in the result whether it succeeds or not. */
export async function runStage<Value>(
  run: Run,
  name: string,
  work: () => Promise<[value: Value, detail: string]>,
): Promise<Value> {
  const {progress, result, signal} = run;
  signal.throwIfAborted();
  const begin = performance.now();
  const elapsed = () => Math.round((performance.now() - begin) * 10) / 10;
  progress.start(name);
  try {
    const [value, detail] = await work();
    const ms = elapsed();
    result.stages.push({name, ms});
    progress.finish(name, ms, detail);
    return value;
  } catch (error) {
    const ms = elapsed();
    result.stages.push({name, ms});
    progress.fail(name, ms);
    throw error;
  }
}

/** Records in the result which artifact the run is about. */
export function noteArtifact({result}: Run, {folder, artifact}: StoredArtifact): void {
  result.version = artifact.version;
  result.artifact = folder;
  result.metrics = artifact.metrics;
}
