import {expect, test} from 'vitest';
import {
  findFTail,
  findStudentTQuantile,
  findStudentTTail,
} from '../../../pipeline/core/evaluation/distributions.ts';
import {findStudentTBound} from '../../../serve/model/student-t.ts';

/** The relative error of a value. */
const errorOf = (value: number, expected: number) => Math.abs(value / expected - 1);

// scipy.stats.t.ppf of SciPy 1.17.1
test.each([
  [0.975, 1, 12.706204736174694],
  [0.975, 2, 4.302652729749462],
  [0.975, 29, 2.045229642132703],
  [0.975, 39_999, 1.9600232945677074],
  [0.6, 5, 0.2671808657041451],
])("finds Student's t quantile of %d with %d degrees of freedom", (probability, degrees, expected) => {
  expect(errorOf(findStudentTQuantile(probability, degrees), expected)).toBeLessThan(1e-9);
});

test.each([1, 2, 3, 9, 116, 40_001])(
  "finds the server's own quantiles with %d degrees of freedom",
  degrees => {
    for (const level of [0.5, 0.9, 0.95, 0.999]) {
      const quantile = findStudentTQuantile((1 + level) / 2, degrees);
      expect(errorOf(findStudentTBound(level, degrees), quantile)).toBeLessThan(1e-9);
    }
  },
);

// 2 · scipy.stats.t.sf of SciPy 1.17.1, down to tails that 1 − cdf would have lost at 1e-16
test.each([
  [0, 1, 1.0],
  [0.1, 5, 0.9242301411546604],
  [2, 1, 0.2951672353008665],
  [2, 3, 0.13932596855884305],
  [1.5, 2, 0.2723931248910011],
  [30, 116, 1.711417248485109e-56],
  [50, 9, 2.5689529108747976e-12],
])("finds both tails of Student's t beyond %d with %d degrees of freedom", (t, degrees, expected) => {
  expect(errorOf(findStudentTTail(t, degrees), expected)).toBeLessThan(1e-13);
  expect(findStudentTTail(-t, degrees)).toBe(findStudentTTail(t, degrees));
});

test('keeps eight digits with as many degrees of freedom as rows of a large table', () => {
  expect(errorOf(findStudentTTail(3, 199_989), 0.0027001284810603686)).toBeLessThan(1e-8);
  expect(errorOf(findStudentTTail(2.5, 1e6), 0.012419489502163254)).toBeLessThan(1e-8);
  expect(errorOf(findFTail(5, 10, 199_989), 2.6750228593178824e-7)).toBeLessThan(1e-8);
});

// scipy.stats.f.sf of SciPy 1.17.1
test.each([
  [0, 3, 4, 1.0],
  [0.5, 2, 1, Math.SQRT1_2],
  [3, 1, 1, 0.33333333333333337],
  [330.285339234588, 6, 9, 4.984030528724813e-10],
  [15750.25, 5, 15, 2.4375664059842413e-27],
])(
  'finds the tail of F beyond %d with %d and %d degrees of freedom',
  (f, numerator, denominator, expected) => {
    expect(errorOf(findFTail(f, numerator, denominator), expected)).toBeLessThan(1e-13);
  },
);

test('gives a tail below every double the probability 0', () => {
  expect(findStudentTTail(1e200, 9)).toBe(0);
  expect(findFTail(1e300, 5, 15)).toBe(0);
});
