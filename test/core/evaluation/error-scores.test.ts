import {expect, test} from 'vitest';
import {scoreBaseline, scorePredictions} from '../../../pipeline/core/evaluation/error-scores.ts';

/** Scores the predictions of one target. */
function scoreOne(actual: number[], predicted: number[]) {
  const rows = (values: number[]) => values.map(value => [value]);
  return scorePredictions({actual: rows(actual), predicted: rows(predicted), targetNames: ['y']});
}

// The example of scikit-learn's documentation of its regression metrics, computed with 1.9.1; NumPy's mean(p − y).
test('scores one target as scikit-learn does', () => {
  const {targets, ...scores} = scoreOne([3, -0.5, 2, 7], [2.5, 0, 2, 8]);
  expect(scores).toEqual({
    mse: 0.375,
    rmse: Math.sqrt(0.375),
    mae: 0.5,
    medianAbsoluteError: 0.5,
    maxError: 1,
    r2: expect.closeTo(0.9486081370449679, 15),
    bias: 0.25,
  });
  expect(targets).toEqual({y: scores});
});

// The multi-output example of the same pages, with multioutput="uniform_average"; max_error knows one output only.
test('averages several targets, and takes the largest of their largest errors', () => {
  const scores = scorePredictions({
    actual: [
      [0.5, 1],
      [-1, 1],
      [7, -6],
    ],
    predicted: [
      [0, 2],
      [-1, 2],
      [8, -9],
    ],
    targetNames: ['first', 'second'],
  });
  expect(scores).toMatchObject({
    medianAbsoluteError: 0.75,
    maxError: 3,
    // ((−0.5 + 0 + 1) / 3 + (1 + 1 − 3) / 3) / 2
    bias: expect.closeTo(-0.25 / 3, 15),
    targets: {
      first: {medianAbsoluteError: 0.5, maxError: 1, bias: expect.closeTo(0.5 / 3, 15)},
      second: {medianAbsoluteError: 1, maxError: 3, bias: expect.closeTo(-1 / 3, 15)},
    },
  });
});

test.each([
  {errors: [3], median: 3},
  {errors: [-3, 1], median: 2},
  {errors: [10, -1, 0], median: 1},
  {errors: [4, -3, 2, -100], median: 3.5},
])('takes the median of the sizes of $errors for $median', ({errors, median}) => {
  const actual = errors.map(() => 5);
  const predicted = errors.map(error => 5 + error);
  expect(scoreOne(actual, predicted).medianAbsoluteError).toBe(median);
});

test('the baseline predicts one number for each target', () => {
  // ((2² + 2²) / 2 + (1² + 3²) / 2) / 2
  const rows = [
    [1, 1],
    [5, 5],
  ];
  expect(scoreBaseline(rows, [3, 2])).toEqual({mse: 4.5});
});

test('scores what else is asked for, and leaves it undefined where one target does', () => {
  const spread = {
    name: 'spread',
    compute: (errors: readonly number[], actual: readonly number[]) =>
      actual.includes(0) ? null : Math.max(...errors) - Math.min(...errors),
  };
  const {others, targets} = scorePredictions({
    actual: [
      [1, 10],
      [2, 20],
    ],
    predicted: [
      [1, 13],
      [4, 19],
    ],
    targetNames: ['a', 'b'],
    others: [spread, {name: 'zero', compute: (_, actual) => (actual.includes(1) ? null : 0)}],
  });
  // errors 0 and 2, 3 and −1
  expect([targets.a?.others, targets.b?.others]).toEqual([
    {spread: 2, zero: null},
    {spread: 4, zero: 0},
  ]);
  expect(others).toEqual({spread: 3, zero: null});
});
