import {uniformInt} from 'pure-rand/distribution/uniformInt';
import {mersenne} from 'pure-rand/generator/mersenne';
import type {Evaluation} from './evaluation.ts';

const resamples = 1_000;
const level = 0.95;

/**
 * The percentile bootstrap interval of a mean squared error: rows are drawn with replacement, as many as there are,
 * and the interval lies between the 2.5 % and 97.5 % quantiles of the means of 1,000 such samples.
 *
 * Efron & Tibshirani, "An Introduction to the Bootstrap" (1993), 13.3, with the quantiles that NumPy's `percentile`
 * interpolates; rows are drawn by pure-rand's Mersenne twister and integers only, so that a seed gives the same
 * interval on every machine.
 *
 * @param squaredErrors one per row.
 * @returns null for fewer than two rows.
 */
export function estimateInterval(squaredErrors: readonly number[], seed: number): Evaluation['interval'] {
  const rows = squaredErrors.length;
  if (rows < 2) return null;
  const generator = mersenne(seed);
  const values = Float64Array.from(squaredErrors);
  const means = Float64Array.from({length: resamples}, () => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[uniformInt(generator, 0, rows - 1)] as number;
    return sum / rows;
  }).sort();
  const [lower, upper] = [(1 - level) / 2, (1 + level) / 2].map(share => interpolate(means, share));
  return {level, lower: lower as number, upper: upper as number, resamples, seed};
}

/** The quantile between neighbours of a sorted sample: type 7 of Hyndman & Fan, "Sample quantiles" (1996). */
function interpolate(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
  return below + (above - below) * (place - Math.floor(place));
}
