import type {Metrics, Scores} from '../../serve/artifact.ts';
import {mean} from './fit/compensated.ts';

/** What a model answered for rows (at least one) whose targets are known; a row has one number per target. */
export interface Predictions {
  actual: number[][];
  predicted: number[][];
  targetNames: string[];
  /** Mean of each target over the training rows. */
  trainingMeans: number[];
}

/**
 * Scores predictions per target, and over all targets by the plain mean of the targets' scores.
 *
 * The definitions are scikit-learn's, with `multioutput="uniform_average"` over the targets:
 * `mean_squared_error`, `root_mean_squared_error`, `mean_absolute_error`, and `r2_score` with `force_finite`.
 * The baseline predicts the training mean of each target.
 */
export function evaluatePredictions({actual, predicted, targetNames, trainingMeans}: Predictions): Metrics {
  const columns = targetNames.map((name, j) => {
    const values = actual.map(row => row[j] as number);
    const errors = values.map((value, i) => (predicted[i]?.[j] as number) - value);
    const baselineErrors = values.map(value => (trainingMeans[j] as number) - value);
    return {name, scores: scoreErrors(errors, values), baselineMse: meanSquare(baselineErrors)};
  });
  const overall = (score: 'mse' | 'rmse' | 'mae') => mean(columns.map(({scores}) => scores[score]));
  const r2s = columns.map(({scores}) => scores.r2).filter(r2 => r2 !== null);
  return {
    mse: overall('mse'),
    rmse: overall('rmse'),
    mae: overall('mae'),
    r2: r2s.length === columns.length ? mean(r2s) : null,
    targets: Object.fromEntries(columns.map(({name, scores}) => [name, scores])),
    baseline: {mse: mean(columns.map(({baselineMse}) => baselineMse))},
  };
}

/** Scores by the names that a gate rule uses: `mse`, and per target `mse.petal_length`. */
export function listScores(metrics: Metrics): Map<string, number | null> {
  const values = new Map<string, number | null>();
  for (const score of ['mse', 'rmse', 'mae', 'r2'] as const) {
    values.set(score, metrics[score]);
    for (const [target, scores] of Object.entries(metrics.targets))
      values.set(`${score}.${target}`, scores[score]);
  }
  return values;
}

function scoreErrors(errors: number[], values: number[]): Scores {
  const mse = meanSquare(errors);
  const centre = mean(values);
  const variance = meanSquare(values.map(value => value - centre));
  return {
    mse,
    rmse: Math.sqrt(mse),
    mae: mean(errors.map(Math.abs)),
    r2: values.length < 2 ? null : computeR2(mse, variance),
  };
}

/** Where the target does not vary, scikit-learn's `force_finite`: 1 for perfect predictions, 0 for others. */
function computeR2(mse: number, variance: number): number {
  if (variance > 0) return 1 - mse / variance;
  return mse === 0 ? 1 : 0;
}

function meanSquare(values: number[]): number {
  return mean(values.map(value => value * value));
}
