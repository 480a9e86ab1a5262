import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {splitRows} from '../../../pipeline/core/dataset/split.ts';
import type {FittedModel, TrainingData} from '../../../pipeline/core/fit/fitted-model.ts';
import {fitLinearRegression} from '../../../pipeline/core/fit/regression.ts';
import longley from '../../fixtures/nist/longley.json' with {type: 'json'};
import pontius from '../../fixtures/nist/pontius.json' with {type: 'json'};
import wampler1 from '../../fixtures/nist/wampler1.json' with {type: 'json'};
import wampler3 from '../../fixtures/nist/wampler3.json' with {type: 'json'};
import {countDigits, solveExactly} from '../../helpers/exact-regression.ts';
import {failureOf} from '../../helpers/failure-of.ts';
import {illConditioned, spread} from '../../helpers/ill-conditioned.ts';

describe('the coefficients', () => {
  // Certified by the NIST Statistical Reference Datasets, to 15 digits. Pontius and Longley hold decimal
  // fractions: the exact solution of the nearest doubles agrees with theirs to 13.5 and 14.6 digits.
  test.each([
    {set: pontius, digits: 13.5},
    {set: longley, digits: 14.6},
    {set: wampler1, digits: 15.9},
    {set: wampler3, digits: 15.9},
  ])('agree to $digits digits with those that NIST certifies for $set.name', ({set, digits}) => {
    const coefficients = fitOne(set.x, set.y);
    expect(countDigits(coefficients, set.certified.coefficients)).toBeGreaterThan(digits);
    expect(coefficients).toEqual(solveExactly(set.x, set.y));
  });

  test.each(illConditioned)('are the exact solution to the last digit for $name', testCase => {
    const {x, y, scikitLearnDigits} = testCase;
    const digits = countDigits(fitOne(x, y), solveExactly(x, y));
    expect(digits).toBeGreaterThan(15.5);
    expect(digits).toBeGreaterThan(scikitLearnDigits);
  });

  // scikit-learn's values: LinearRegression and StandardScaler on its train_test_split of the same file.
  test('are those of scikit-learn for iris, and so is the test mse', () => {
    const text = readFileSync(new URL('../../../data/iris.data', import.meta.url), 'utf8');
    const rows = text
      .trim()
      .split('\n')
      .map(line => line.split(',').slice(0, 4).map(Number));
    const x = rows.map(row => [0, 1, 3].map(j => row[j] ?? Number.NaN));
    const y = rows.map(row => row[2] ?? Number.NaN);
    const {train, test} = splitRows(rows.length, {testSize: 0.2, seed: 42});
    const model = fitLinearRegression({
      featureNames: ['sepal_length', 'sepal_width', 'petal_width'],
      targetNames: ['petal_length'],
      x: x.filter((_, i) => train.includes(i)),
      y: y.filter((_, i) => train.includes(i)).map(value => [value]),
    });
    const close = (value: number) => expect.closeTo(value, 12);
    expect(model).toMatchObject({
      features: [
        {
          name: 'sepal_length',
          mean: close(5.809166666666666),
          scale: close(0.8203653488267014),
          min: 4.3,
          max: 7.7,
        },
        {
          name: 'sepal_width',
          mean: close(3.0574999999999997),
          scale: close(0.44453393196320423),
          min: 2,
          max: 4.4,
        },
        {
          name: 'petal_width',
          mean: close(1.1824999999999999),
          scale: close(0.7502957750114284),
          min: 0.1,
          max: 2.5,
        },
      ],
      targets: [
        {
          name: 'petal_length',
          intercept: close(-0.2504659324864589),
          coefficients: [close(0.7241730561968364), close(-0.6419629967310787), close(1.4663220431585142)],
        },
      ],
    });
    const squares = test.map(i => ((y[i] ?? Number.NaN) - predict(model, x[i] ?? [])) ** 2);
    expect(squares.reduce((sum, square) => sum + square) / squares.length).toBeCloseTo(
      0.12991981605759936,
      12,
    );
  });

  // y = 2a + 3b + 5, at five points.
  const points = [1, 2, 3, 4, 0].map(a => [a, (a * a) % 7]);
  const planeAt = ([a = 0, b = 0]: number[]) => 2 * a + 3 * b + 5;

  test('recover y = 2a + 3b + 5 and, from the same rows, z = 7 - b', () => {
    const {targets} = fitLinearRegression({
      featureNames: ['a', 'b'],
      targetNames: ['y', 'z'],
      x: points,
      y: points.map(point => [planeAt(point), 7 - (point[1] ?? 0)]),
    });
    expect(targets).toMatchObject([
      {name: 'y', intercept: 5, coefficients: [2, 3]},
      {name: 'z', intercept: 7, coefficients: [expect.closeTo(0, 25), -1]},
    ]);
  });

  test('of several targets are those of each target alone', () => {
    const {x} = longley;
    const second = longley.y.map((_, i) => spread(i, 7919));
    const {targets} = fitLinearRegression({
      featureNames: longley.features,
      targetNames: ['first', 'second'],
      x,
      y: longley.y.map((value, i) => [value, second[i] ?? Number.NaN]),
    });
    expect(targets.map(({intercept, coefficients}) => [intercept, ...coefficients])).toEqual([
      solveExactly(x, longley.y),
      solveExactly(x, second),
    ]);
  });

  test('pass through the points when the rows are as many as the coefficients', () => {
    expect(fitOne([[1], [3]], [10, 20])).toEqual([5, 5]);
  });

  test('are zero, and the intercept the value, when the target is constant', () => {
    expect(
      fitOne(
        points,
        points.map(() => 0.1),
      ),
    ).toEqual([0.1, 0, 0]);
  });

  // Scaling by powers of two changes no digit.
  test('keep their digits whatever the units are', () => {
    const [small, large] = [2 ** -900, 2 ** 900];
    const x = points.map(([a = 0, b = 0]) => [a * small, b * large]);
    const y = points.map(point => planeAt(point) * 2 ** 10);
    expect(fitOne(x, y)).toEqual([5 * 2 ** 10, 2 ** 911, 3 * 2 ** -890]);
  });
});

describe('the features', () => {
  // Closed formulas: 1 … 9 has the mean 5 and the population variance (81 − 1) / 12.
  test('are described by mean, population standard deviation and range, also far from zero', () => {
    const x = Array.from({length: 9}, (_, i) => [i + 1, 1e8 + 1 + ((i * 2) % 9), ((i * 4) % 9) * 1e300]);
    const {features} = fitLinearRegression(
      toData(
        x,
        x.map((_, i) => i * i),
      ),
    );
    expect(features).toEqual([
      {name: 'x1', mean: 5, scale: Math.sqrt(80 / 12), min: 1, max: 9},
      {name: 'x2', mean: 1e8 + 5, scale: Math.sqrt(80 / 12), min: 1e8 + 1, max: 1e8 + 9},
      {name: 'x3', mean: 4e300, scale: Math.sqrt(80 / 12) * 1e300, min: 0, max: 8e300},
    ]);
  });
});

describe('refused before fitting:', () => {
  test('values that are not finite, by row and column', () => {
    const data = {...toData([[1, 2], [Number.NaN, 3], [4, Number.POSITIVE_INFINITY], [5]], [1, 2, 3, 4])};
    data.y[0] = [Number.NEGATIVE_INFINITY];
    expect(failureOf(() => fitLinearRegression(data))).toMatchInlineSnapshot(`
      {
        "code": "VALUE_NOT_FINITE",
        "fix": "Correct these values, or leave their rows out.",
        "kind": "data",
        "message": "Only finite numbers can be fitted, found 4 values that are not: row 1 "y": -Infinity; row 2 "x1": NaN; row 3 "x2": Infinity; row 4 "x2": undefined.",
      }
    `);
    expect(
      failureOf(() => fitLinearRegression({...data, rowNumbers: [17, 4, 90, 2]})).message,
    ).toMatchInlineSnapshot(
      `"Only finite numbers can be fitted, found 4 values that are not: row 17 "y": -Infinity; row 4 "x1": NaN; row 90 "x2": Infinity; row 2 "x2": undefined."`,
    );
  });

  test('more than 20 such values, with the first 20 and the count', () => {
    const x = Array.from({length: 30}, (_, i) => [i < 22 ? Number.NaN : i]);
    expect(refusalOf(x).message).toMatchInlineSnapshot(
      `"Only finite numbers can be fitted, found 22 values that are not: row 1 "x1": NaN; row 2 "x1": NaN; row 3 "x1": NaN; row 4 "x1": NaN; row 5 "x1": NaN; row 6 "x1": NaN; row 7 "x1": NaN; row 8 "x1": NaN; row 9 "x1": NaN; row 10 "x1": NaN; row 11 "x1": NaN; row 12 "x1": NaN; row 13 "x1": NaN; row 14 "x1": NaN; row 15 "x1": NaN; row 16 "x1": NaN; row 17 "x1": NaN; row 18 "x1": NaN; row 19 "x1": NaN; row 20 "x1": NaN; and 2 more."`,
    );
  });

  test('fewer rows than coefficients', () => {
    expect(refusalOf([1, 3].map(value => [value, value ** 2]))).toMatchInlineSnapshot(`
      {
        "code": "TOO_FEW_ROWS",
        "fix": "Give more rows, a smaller --test-size, or fewer features with --features.",
        "kind": "data",
        "message": "Fitting an intercept and 2 features ("x1" and "x2") needs at least 3 training rows, found 2.",
      }
    `);
  });

  test('features without variation, all of them', () => {
    const x = Array.from({length: 5}, (_, i) => [5, i, i < 2 ? 0.3 : 0.1 + 0.2, 0]);
    expect(refusalOf(x)).toMatchInlineSnapshot(`
      {
        "code": "CONSTANT_FEATURES",
        "fix": "Leave "x1", "x3" and "x4" out of the features (--features, or "features" in the descriptor).",
        "kind": "data",
        "message": "The training rows do not determine a coefficient for "x1", "x3" and "x4": "x1" is constant (every value is 5); "x3" is constant but for rounding (from 0.3 to 0.30000000000000004); "x4" is constant (every value is 0).",
      }
    `);
  });

  test('linear functions of other features, all of them, each with the features it is made of', () => {
    const x = Array.from({length: 30}, (_, i) => {
      const [a, b, c] = [spread(i, 7919), spread(i, 104_729), spread(i, 1299)];
      return [a, b, c, a + b, 3 - 2 * c, 7];
    });
    expect(refusalOf(x)).toMatchInlineSnapshot(`
      {
        "code": "COLLINEAR_FEATURES",
        "fix": "Leave "x4", "x5" and "x6" out of the features (--features, or "features" in the descriptor).",
        "kind": "data",
        "message": "The training rows do not determine a coefficient for "x4", "x5" and "x6": "x4" is a linear function of "x1" and "x2"; "x5" is a linear function of "x3"; "x6" is constant (every value is 7).",
      }
    `);
  });

  const dependent: {name: string; of: (a: number, b: number) => number; on: string}[] = [
    {name: 'a copy', of: a => a, on: '"x1"'},
    {name: 'another unit', of: a => 1.8 * a + 32, on: '"x1"'},
    {name: 'a far smaller unit', of: a => a * 1e-200, on: '"x1"'},
    {name: 'a far larger unit', of: a => a * 1e200, on: '"x1"'},
    {name: 'a sum', of: (a, b) => a + b, on: '"x1" and "x2"'},
    {name: 'a weighted difference', of: (a, b) => a / 3 - 17 * b + 4, on: '"x1" and "x2"'},
    {
      name: 'a sum written with 15 digits',
      of: (a, b) => Number((a + b).toPrecision(15)),
      on: '"x1" and "x2"',
    },
  ];
  test.each(dependent.flatMap(row => [0, 1e8].map(offset => ({...row, offset}))))(
    '$name of columns offset by $offset',
    ({of, on, offset}) => {
      const x = Array.from({length: 200}, (_, i) => {
        const [a, b] = [offset + spread(i, 7919), offset + spread(i, 104_729)];
        return [a, b, of(a, b)];
      });
      const {code, message} = refusalOf(x);
      expect({code, message}).toEqual({
        code: 'COLLINEAR_FEATURES',
        message: `The training rows do not determine a coefficient for "x3": "x3" is a linear function of ${on}.`,
      });
    },
  );

  // The tolerance is the rounding of 15 significant digits. That what exceeds it is fitted, the accuracy tests
  // above show: Wampler's powers up to the fifth, powers up to the tenth, columns that differ by 1e-12.
  test('columns that differ by 1e-15 of their size', () => {
    const x = Array.from({length: 60}, (_, i) => {
      const a = 1 + spread(i, 7919);
      return [a, a + 2e-15 * spread(i, 104_729)];
    });
    expect(refusalOf(x).code).toBe('COLLINEAR_FEATURES');
  });

  test('units so far apart that a coefficient exceeds a double', () => {
    expect(refusalOf([[1e-200], [2e-200], [3e-200]], [1e200, 2e200, 3e200])).toMatchInlineSnapshot(`
      {
        "code": "COEFFICIENT_OVERFLOW",
        "fix": "Give the columns in units that bring their values closer to 1.",
        "kind": "data",
        "message": "Coefficients are too large for a double (above 1.8e308): "x1" for "y".",
      }
    `);
  });
});

/** Features x1, x2, … and the target y. */
function toData(x: number[][], y: number[]): TrainingData {
  const width = x[0]?.length ?? 0;
  return {
    featureNames: Array.from({length: width}, (_, j) => `x${j + 1}`),
    targetNames: ['y'],
    x,
    y: y.map(value => [value]),
  };
}

function refusalOf(x: number[][], y = x.map((_, i) => i)) {
  return failureOf(() => fitOne(x, y));
}

/** Intercept and coefficients of a single target. */
function fitOne(x: number[][], y: number[]): number[] {
  return fitLinearRegression(toData(x, y)).targets.flatMap(target => [
    target.intercept,
    ...target.coefficients,
  ]);
}

function predict({targets: [target]}: FittedModel, row: number[]): number {
  return row.reduce(
    (sum, value, j) => sum + value * (target?.coefficients[j] ?? Number.NaN),
    target?.intercept ?? 0,
  );
}
