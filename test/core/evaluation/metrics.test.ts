import {expect, test} from 'vitest';
import {evaluatePredictions, pickMetrics} from '../../../pipeline/core/evaluation/metrics.ts';

/** Evaluates the predictions of one target, y, against a training mean of 0. */
function evaluateOne(actual: number[], predicted: number[]) {
  const rows = (values: number[]) => values.map(value => [value]);
  const named = {targetNames: ['y'], trainingMeans: [0]};
  return pickMetrics(evaluatePredictions({actual: rows(actual), predicted: rows(predicted), ...named}));
}

// The example of scikit-learn's documentation of mean_squared_error and r2_score; 0.9486081370449679 is 1.9.1's.
test('scores one target as scikit-learn does', () => {
  const scores = {mse: 0.375, rmse: Math.sqrt(0.375), mae: 0.5, r2: expect.closeTo(0.9486081370449679, 15)};
  expect(evaluateOne([3, -0.5, 2, 7], [2.5, 0, 2, 8])).toEqual({
    ...scores,
    targets: {y: scores},
    // (3² + 0.5² + 2² + 7²) / 4
    baseline: {mse: 15.5625},
  });
});

// The multi-output example of the same pages, computed with scikit-learn 1.9.1 for each multioutput option.
test('scores several targets each and, over all, by the plain mean', () => {
  const close = (value: number) => expect.closeTo(value, 14);
  expect(
    pickMetrics(
      evaluatePredictions({
        actual: [
          [0.5, 1],
          [-1, 1],
          [7, -6],
        ],
        predicted: [
          [0, 2],
          [-1, 2],
          [8, -5],
        ],
        targetNames: ['first', 'second'],
        trainingMeans: [1, -1],
      }),
    ),
  ).toEqual({
    mse: close(0.7083333333333334),
    rmse: close(0.8227486121839513),
    mae: 0.75,
    r2: close(0.9368005266622779),
    targets: {
      first: {mse: close(5 / 12), rmse: close(Math.sqrt(5 / 12)), mae: 0.5, r2: close(0.9654377880184332)},
      second: {mse: 1, rmse: 1, mae: 1, r2: close(0.9081632653061225)},
    },
    // ((0.5² + 2² + 6²) / 3 + (2² + 2² + 5²) / 3) / 2
    baseline: {mse: close(73.25 / 6)},
  });
});

test('leaves r2 undefined for a single row', () => {
  const scores = {mse: 4, rmse: 2, mae: 2, r2: null};
  expect(evaluateOne([3], [5])).toEqual({...scores, targets: {y: scores}, baseline: {mse: 9}});
});

// scikit-learn's r2_score with force_finite. Three times 0.1 shows the convention kept where a rounded mean
// would differ from the values: 1.9.1 itself answers -1.7e31 there.
test.each([
  {actual: [-2, -2, -2], predicted: [-2, -2, -2], r2: 1},
  {actual: [-2, -2, -2], predicted: [-2, -2, -2 + 1e-8], r2: 0},
  {actual: [0.1, 0.1, 0.1], predicted: [0.1, 0.2, 0.1], r2: 0},
])('gives a constant target $actual an r2 of $r2 for $predicted', ({actual, predicted, r2}) => {
  expect(evaluateOne(actual, predicted).r2).toBe(r2);
});

// Closed formulas. Summed in doubles, 1e16 + 1 + 1 is 1e16.
test('loses no digits to the size or the number of the values', () => {
  const {mse, mae} = evaluateOne([0, 0, 0], [1e8, 1, 1]);
  expect(mse).toBe((1e16 + 2) / 3);
  expect(mae).toBe(100_000_002 / 3);
  expect(evaluateOne(Array(100_000).fill(0), Array(100_000).fill(0.1)).mae).toBe(0.1);
  // Nine consecutive numbers have the variance (81 − 1) / 12, wherever they begin; errors of 1 have the mse 1.
  const values = Array.from({length: 9}, (_, i) => 1e12 + i);
  const predicted = values.map(value => value + 1);
  expect(evaluateOne(values, predicted).r2).toBeCloseTo(1 - 12 / 80, 15);
});
