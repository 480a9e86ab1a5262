import {expect, test} from 'vitest';
import {estimateInterval} from '../../../pipeline/core/evaluation/bootstrap.ts';
import {spread} from '../../helpers/ill-conditioned.ts';

// Of two rows a resample has the mean 0, 1/2 or 1 with the probabilities 1/4, 1/2 and 1/4.
test('reaches over all means that two rows can have', () => {
  expect(estimateInterval([0, 1], 42)).toEqual({level: 0.95, lower: 0, upper: 1, resamples: 1000, seed: 42});
});

// Of 20 rows the number of ones is binomial: scipy 1.17.1's binom.ppf([0.025, 0.975], 20, 0.3) is 2 and 10.
test('has the quantiles of a binomial distribution where the errors are 0 and 1', () => {
  const errors = Array.from({length: 20}, (_, i) => (i < 6 ? 1 : 0));
  const interval = estimateInterval(errors, 42);
  expect([interval?.lower, interval?.upper]).toEqual([2 / 20, expect.closeTo(10 / 20, 2)]);
});

// The central limit theorem: mean ± 1.96 · s / √n.
test.each([100, 10_000])('is that of a normal distribution for %d rows', rows => {
  const errors = Array.from({length: rows}, (_, i) => spread(i, 7919) ** 2);
  const mean = errors.reduce((a, b) => a + b) / rows;
  const deviation = Math.sqrt(errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / rows);
  const margin = (1.96 * deviation) / Math.sqrt(rows);
  for (const seed of [0, 42, 2 ** 32 - 1]) {
    const {lower = Number.NaN, upper = Number.NaN} = estimateInterval(errors, seed) ?? {};
    expect((mean - lower) / margin).toBeGreaterThan(0.85);
    expect((mean - lower) / margin).toBeLessThan(1.15);
    expect((upper - mean) / margin).toBeGreaterThan(0.85);
    expect((upper - mean) / margin).toBeLessThan(1.15);
  }
});

test('is the same for the same seed, and another for another', () => {
  const errors = Array.from({length: 30}, (_, i) => spread(i, 104_729));
  expect(estimateInterval(errors, 42)).toEqual(estimateInterval(errors, 42));
  expect(estimateInterval(errors, 43)?.lower).not.toBe(estimateInterval(errors, 42)?.lower);
});

test('is a point where all errors are the same, and nothing for one row', () => {
  expect(estimateInterval([0.25, 0.25, 0.25], 1)).toMatchObject({lower: 0.25, upper: 0.25});
  expect(estimateInterval([0.25], 1)).toBeNull();
});
