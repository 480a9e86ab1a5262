import {mean} from '../fit/compensated.ts';
import type {ErrorScores} from './evaluation.ts';

/** What a model answered for rows (at least one) whose targets are known; a row has one number per target. */
export interface PredictedRows {
  actual: number[][];
  predicted: number[][];
  targetNames: string[];
}

/**
 * Scores predictions per target and over all targets, there by the plain mean of the targets' scores but for
 * maxError, which is the largest of them.
 *
 * The definitions are scikit-learn's, with `multioutput="uniform_average"` over the targets:
 * `mean_squared_error`, `root_mean_squared_error`, `mean_absolute_error`, `median_absolute_error`, `max_error`
 * and `r2_score` with `force_finite`.
 */
export function scorePredictions({actual, predicted, targetNames}: PredictedRows): ErrorScores & {
  targets: Record<string, ErrorScores>;
} {
  const columns = targetNames.map((_, j) => {
    const values = actual.map(row => row[j] as number);
    return scoreErrors(
      values.map((value, i) => (predicted[i]?.[j] as number) - value),
      values,
    );
  });
  const average = (score: Exclude<keyof ErrorScores, 'r2'>) => mean(columns.map(scores => scores[score]));
  const r2s = columns.map(({r2}) => r2).filter(r2 => r2 !== null);
  return {
    mse: average('mse'),
    rmse: average('rmse'),
    mae: average('mae'),
    medianAbsoluteError: average('medianAbsoluteError'),
    maxError: Math.max(...columns.map(({maxError}) => maxError)),
    r2: r2s.length === columns.length ? mean(r2s) : null,
    bias: average('bias'),
    targets: Object.fromEntries(columns.map((scores, j) => [targetNames[j], scores])),
  };
}

/** The mean over the targets of the mse that predicting one number for each target, its training mean, has. */
export function scoreBaseline(actual: number[][], trainingMeans: readonly number[]): {mse: number} {
  return {
    mse: mean(trainingMeans.map((guess, j) => meanSquare(actual.map(row => guess - (row[j] as number))))),
  };
}

function scoreErrors(errors: number[], values: number[]): ErrorScores {
  const mse = meanSquare(errors);
  const centre = mean(values);
  const variance = meanSquare(values.map(value => value - centre));
  const sizes = errors.map(Math.abs);
  const sorted = Float64Array.from(sizes).sort();
  return {
    mse,
    rmse: Math.sqrt(mse),
    mae: mean(sizes),
    medianAbsoluteError: findMedian(sorted),
    maxError: sorted.at(-1) as number,
    r2: values.length < 2 ? null : computeR2(mse, variance),
    bias: mean(errors),
  };
}

function findMedian(sorted: Float64Array): number {
  const middle = sorted.length / 2;
  const [below, above] = [sorted[Math.ceil(middle) - 1] as number, sorted[Math.floor(middle)] as number];
  return below + (above - below) / 2;
}

/** Where the target does not vary, scikit-learn's `force_finite`: 1 for perfect predictions, 0 for others. */
function computeR2(mse: number, variance: number): number {
  if (variance > 0) return 1 - mse / variance;
  return mse === 0 ? 1 : 0;
}

function meanSquare(values: number[]): number {
  return mean(values.map(value => value * value));
}
