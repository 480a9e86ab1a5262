import {mean} from '../fit/compensated.ts';
import type {ErrorScores} from './evaluation.ts';

/** A score that is not one of those that every evaluation has. */
export interface OtherScore {
  name: string;
  /** Computes it of one target; errors are prediction − actual, one per row. */
  compute: (errors: readonly number[], actual: readonly number[]) => number | null;
}

/** What a model answered for rows (at least one) whose targets are known; a row has one number per target. */
export interface PredictedRows {
  actual: number[][];
  predicted: number[][];
  targetNames: string[];
  /** What to score besides; over all targets by the plain mean, which is undefined where one of them is. */
  others?: readonly OtherScore[];
}

/**
 * Scores predictions per target and over all targets, there by the plain mean of the targets' scores but for
 * maxError, which is the largest of them.
 *
 * The definitions are scikit-learn's, with `multioutput="uniform_average"` over the targets:
 * `mean_squared_error`, `root_mean_squared_error`, `mean_absolute_error`, `median_absolute_error`, `max_error`
 * and `r2_score` with `force_finite`.
 */
export function scorePredictions({
  actual,
  predicted,
  targetNames,
  others = [],
}: PredictedRows): ErrorScores & {
  targets: Record<string, ErrorScores>;
} {
  const columns = targetNames.map((_, j) => {
    const values = actual.map(row => row[j] as number);
    const errors = values.map((value, i) => (predicted[i]?.[j] as number) - value);
    return {...scoreErrors(errors, values), ...scoreOthers(others, ({compute}) => compute(errors, values))};
  });
  const average = (score: Exclude<keyof ErrorScores, 'r2' | 'others'>) =>
    mean(columns.map(scores => scores[score]));
  return {
    mse: average('mse'),
    rmse: average('rmse'),
    mae: average('mae'),
    medianAbsoluteError: average('medianAbsoluteError'),
    maxError: Math.max(...columns.map(({maxError}) => maxError)),
    r2: meanIfDefined(columns.map(({r2}) => r2)),
    bias: average('bias'),
    ...scoreOthers(others, ({name}) => meanIfDefined(columns.map(scores => scores.others?.[name] ?? null))),
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

/** The part of the scores that holds the other ones; left out where there are none. */
function scoreOthers(
  others: readonly OtherScore[],
  score: (other: OtherScore) => number | null,
): Pick<ErrorScores, 'others'> {
  if (others.length === 0) return {};
  return {others: Object.fromEntries(others.map(other => [other.name, score(other)]))};
}

function meanIfDefined(values: readonly (number | null)[]): number | null {
  const defined = values.filter(value => value !== null);
  return defined.length === values.length ? mean(defined) : null;
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
