import {describe, expect, test} from 'vitest';
import {splitRows} from '../../../pipeline/core/dataset/split.ts';
import {evaluateModel} from '../../../pipeline/core/evaluation/evaluate-model.ts';
import {Evaluation} from '../../../pipeline/core/evaluation/evaluation.ts';
import {fitLinearRegression} from '../../../pipeline/core/fit/regression.ts';
import {countDigits} from '../../helpers/exact-regression.ts';
import {failureOf} from '../../helpers/failure-of.ts';
import {spread} from '../../helpers/ill-conditioned.ts';
import {fitIris} from '../../helpers/iris-model.ts';

const iris = fitIris(['sepal_length', 'sepal_width', 'petal_width'], ['petal_length']);
const evaluation = evaluateModel(iris);
const numbersOf = ({
  mse,
  rmse,
  mae,
  medianAbsoluteError,
  maxError,
  r2,
  bias,
}: Evaluation['targets'][string]) => [mse, rmse, mae, medianAbsoluteError, maxError, r2 ?? Number.NaN, bias];

// scikit-learn 1.9.1 on its own LinearRegression and split: mean_squared_error, root_mean_squared_error,
// mean_absolute_error, median_absolute_error, max_error, r2_score; NumPy's mean(prediction − actual).
describe('the evaluation of iris is that of scikit-learn:', () => {
  test('scores on the test rows, and of predicting the mean', () => {
    expect(evaluation.rows).toBe(30);
    expect(
      countDigits(
        [...numbersOf(evaluation), evaluation.baseline.mse],
        [
          0.12991981605759947, 0.3604439152733744, 0.26061732392888853, 0.1691441234927442,
          1.0287835646699515, 0.9603587427485161, 0.09764161469840064, 3.301672916666667,
        ],
      ),
    ).toBeGreaterThan(13);
    const {targets} = evaluation;
    expect(numbersOf(evaluation)).toEqual(numbersOf(targets.petal_length as Evaluation['targets'][string]));
  });

  test('scores of each class', () => {
    const [group] = evaluation.groups;
    expect(group?.column).toBe('class');
    const expected = [
      {
        value: 'Iris-setosa',
        rows: 10,
        scores: [
          0.0780326310164706, 0.2793432136574479, 0.2162038053928291, 0.17600584504021388, 0.5639231993541975,
          -5.049041164067487, 0.1399351941066397,
        ],
      },
      {
        value: 'Iris-versicolor',
        rows: 9,
        scores: [
          0.11000095976762564, 0.33166392593652033, 0.264599240715794, 0.1605382986053261, 0.5709202287425592,
          0.332078130346501, -0.04653477205723449,
        ],
      },
      {
        value: 'Iris-virginica',
        rows: 11,
        scores: [
          0.1933872303322407, 0.4397581498190121, 0.2977353179542017, 0.16403427011002591, 1.0287835646699515,
          0.4099885307564016, 0.1771554044000666,
        ],
      },
    ];
    expect(group?.values.map(({value, rows}) => ({value, rows}))).toEqual(
      expected.map(({value, rows}) => ({value, rows})),
    );
    for (const [i, {scores}] of expected.entries()) {
      const found = group?.values[i];
      expect(countDigits(numbersOf(found?.scores as Evaluation['targets'][string]), scores)).toBeGreaterThan(
        12,
      );
    }
  });

  test('the worst rows, by their numbers in the file', () => {
    expect(evaluation.worst.map(({row}) => row)).toEqual([142, 146, 74, 32, 69, 56, 37, 132, 46, 65]);
    expect(evaluation.worst[0]).toEqual({
      row: 142,
      target: 'petal_length',
      actual: 5.1,
      predicted: expect.closeTo(6.128783564669951, 12),
    });
  });

  test('the worst rows of two targets, each in units of its own rmse', () => {
    const two = evaluateModel(fitIris(['sepal_length', 'sepal_width'], ['petal_length', 'petal_width']));
    expect(two.worst.map(({row, target}) => `${row} ${target}`)).toEqual([
      '37 petal_length',
      '69 petal_length',
      '32 petal_length',
      '77 petal_width',
      '77 petal_length',
      '37 petal_width',
      '105 petal_width',
      '19 petal_length',
      '144 petal_width',
      '133 petal_width',
    ]);
    expect(
      countDigits([two.mse, two.baseline.mse], [(0.3501043961040307 + 0.12290992506217026) / 2, 1.97193125]),
    ).toBeGreaterThan(13);
  });
});

test('the interval holds the mse, and is narrower on more rows', () => {
  const width = ({interval}: Evaluation) => (interval?.upper ?? Number.NaN) - (interval?.lower ?? 0);
  expect(evaluation.interval?.lower).toBeLessThan(evaluation.mse);
  expect(evaluation.interval?.upper).toBeGreaterThan(evaluation.mse);
  const half = evaluateModel({
    ...iris,
    split: splitRows(150, {testSize: 0.9, seed: 42}),
  });
  expect(width(half)).toBeLessThan(width(evaluation));
});

test('an evaluation survives metrics.json, and is the same every time', () => {
  const text = JSON.stringify(evaluation);
  expect(Evaluation.parse(JSON.parse(text))).toEqual(evaluation);
  expect(JSON.stringify(evaluateModel(iris))).toBe(text);
});

test('a test part of one row has no interval and no r2', () => {
  const split = splitRows(150, {testSize: 1 / 150, seed: 42});
  const single = evaluateModel({...iris, split});
  expect(single).toMatchObject({rows: 1, interval: null, r2: null, groups: [{values: [{rows: 1}]}]});
});

test('scores beyond a double are refused', () => {
  const {descriptor, table, split} = iris;
  const huge = {...table, targets: table.targets.map(([value = 0]) => [value * 1e200])};
  const model = fitLinearRegression({
    featureNames: descriptor.features,
    targetNames: descriptor.targets,
    x: split.train.map(row => huge.features[row] ?? []),
    y: split.train.map(row => huge.targets[row] ?? []),
  });
  const {message, ...failure} = failureOf(() => evaluateModel({descriptor, table: huge, split, model}));
  expect(failure).toEqual({
    kind: 'data',
    code: 'EVALUATION_OVERFLOW',
    fix: 'Give the columns in units that bring their values closer to 1.',
  });
  expect(message).toMatch(/^The model's scores are too large for a double \(above 1\.8e308\): mse, rmse, /);
});

test('the evaluation of 200,000 rows with as many categories is no longer than that of 150', () => {
  const names = Array.from({length: 10}, (_, j) => `x${j}`);
  const features = Array.from({length: 200_000}, (_, i) =>
    names.map((_, j) => spread(i, 7919 + 13 * j) + (i % 7)),
  );
  const targets = features.map((row, i) => [row.reduce((a, b) => a + b) + spread(i, 611_953)]);
  const split = splitRows(features.length, {testSize: 0.2, seed: 42});
  const pick = (rows: number[][]) => split.train.map(row => rows[row] ?? []);
  const model = fitLinearRegression({
    featureNames: names,
    targetNames: ['y'],
    x: pick(features),
    y: pick(targets),
  });
  const table = {
    ...iris.table,
    rowNumbers: features.map((_, i) => i + 1),
    features,
    targets,
    categories: [{name: 'id', values: features.map((_, i) => String(i))}],
  };
  const large = evaluateModel({descriptor: iris.descriptor, table, split, model});
  expect(JSON.stringify(large).length).toBeLessThan(10_000);
}, 60_000);
