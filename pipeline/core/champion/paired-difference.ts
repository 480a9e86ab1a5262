import * as z from 'zod';
import {findStudentTQuantile} from '../evaluation/distributions.ts';
import {mean} from '../fit/compensated.ts';

/** The mean of what two models' squared errors differ by on the same rows, challenger − champion. */
export const PairedDifference = z.strictObject({
  of: z.literal('squared error'),
  /** In the target's unit squared; below 0 where the challenger is better. */
  mean: z.number(),
  /** Confidence interval of the mean; null for fewer than two rows, which do not determine one. */
  interval: z.strictObject({level: z.literal(0.95), low: z.number(), high: z.number()}).nullable(),
  rows: z.int(),
});
export type PairedDifference = z.infer<typeof PairedDifference>;

/** Whether the challenger is worse beyond what chance explains: its interval lies above 0. */
export function isSurelyWorse({interval}: PairedDifference): boolean {
  return interval !== null && interval.low > 0;
}

/**
 * Estimates the mean difference with its 95 % interval, mean ± t(0.975, n − 1) · s / √n: the paired t interval,
 * as R's `t.test(challenger, champion, paired = TRUE)` gives it.
 *
 * @param differences one per test row, at least one.
 */
export function estimatePairedDifference(differences: readonly number[]): PairedDifference {
  const n = differences.length;
  const centre = mean(differences);
  const estimate = {of: 'squared error', mean: centre, rows: n} as const;
  if (n < 2) return {...estimate, interval: null};
  // squares are scaled by the largest deviation, so that those of tiny or huge errors stay within a double
  const deviations = differences.map(difference => Math.abs(difference - centre));
  const scale = deviations.reduce((a, b) => Math.max(a, b), 0);
  const meanSquare = scale === 0 ? 0 : mean(deviations.map(deviation => (deviation / scale) ** 2));
  const standardError = scale * Math.sqrt(meanSquare / (n - 1));
  const margin = findStudentTQuantile(0.975, n - 1) * standardError;
  return {...estimate, interval: {level: 0.95, low: centre - margin, high: centre + margin}};
}
