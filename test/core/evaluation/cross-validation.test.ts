import {describe, expect, test} from 'vitest';
import {crossValidate} from '../../../pipeline/core/evaluation/cross-validation.ts';
import {CrossValidation} from '../../../pipeline/core/evaluation/evaluation.ts';
import {fitLinearRegression} from '../../../pipeline/core/fit/regression.ts';
import {countDigits} from '../../helpers/exact-regression.ts';
import {spread} from '../../helpers/ill-conditioned.ts';
import {fitIris} from '../../helpers/iris-model.ts';

// scikit-learn 1.9.1: cross_val_score(LinearRegression(), …, cv=KFold(folds, shuffle=True, random_state=seed),
// scoring="neg_mean_squared_error") on the training rows of train_test_split with seed 42; NumPy's std(ddof=1).
describe('agrees with scikit-learn', () => {
  test.each([
    {
      name: 'three features',
      model: fitIris(['sepal_length', 'sepal_width', 'petal_width'], ['petal_length']).model,
      options: {seed: 42},
      values: [
        0.12845962661084617, 0.11820466725570633, 0.08212292690517842, 0.10552012225092693,
        0.06860577772579711,
      ],
      mean: 0.10058262414969099,
      sd: 0.024876302410756224,
    },
    {
      name: 'seven folds of unequal sizes and another seed',
      model: fitIris(['sepal_length', 'sepal_width', 'petal_width'], ['petal_length']).model,
      options: {seed: 3, folds: 7},
      values: [
        0.11161394248426593, 0.0666364504458534, 0.07195109901594296, 0.08201178893032202,
        0.10853079970863459, 0.15750618089564333, 0.0906379094545355,
      ],
      mean: 0.09841259584788539,
      sd: 0.0311128907995766,
    },
    {
      name: 'two targets',
      model: fitIris(['sepal_length', 'sepal_width'], ['petal_length', 'petal_width']).model,
      options: {seed: 42},
      values: [
        0.34547807375508005, 0.24507574091565537, 0.24666088478393644, 0.43104718025444455,
        0.2717561836505556,
      ],
      mean: 0.30800361267193443,
      sd: 0.07996996026021193,
    },
    {
      name: 'one feature',
      model: fitIris(['petal_width'], ['petal_length']).model,
      options: {seed: 42},
      values: [
        0.11747056903791246, 0.32502471575171094, 0.18163834949672855, 0.3071154637661138,
        0.20822922847231098,
      ],
      mean: 0.22789566530495536,
      sd: 0.08722103931674838,
    },
  ])('on iris: $name', ({model, options, values, mean, sd}) => {
    const found = CrossValidation.parse(crossValidate(model, options));
    expect(found).toMatchObject({folds: options.folds ?? 5, seed: options.seed});
    expect(countDigits(found.values, values)).toBeGreaterThan(12);
    expect(countDigits([found.mse.mean, found.mse.sd], [mean, sd])).toBeGreaterThan(12);
  });
});

/** Cross-validates y on x with one row a fold, which is what a closed formula speaks of. */
function leaveOneOut(x: number[][], y: number[]) {
  const model = fitLinearRegression({
    featureNames: (x[0] ?? []).map((_, j) => `x${j + 1}`),
    targetNames: ['y'],
    x,
    y: y.map(value => [value]),
  });
  return crossValidate(model, {seed: 42, folds: x.length});
}

// Refitted without each row in turn.
test('is the fit to the other rows, also for ill-conditioned data', () => {
  const x = Array.from({length: 40}, (_, i) => [1, 2, 3, 4, 5, 6].map(power => (i / 4) ** power));
  const y = x.map((row, i) => row.reduce((a, b) => a + b, 1) + 1e5 * spread(i, 7919));
  const featureNames = ['x1', 'x2', 'x3', 'x4', 'x5', 'x6'];
  const refitted = x.map((row, i) => {
    const [target] = fitLinearRegression({
      featureNames,
      targetNames: ['y'],
      x: x.filter((_, k) => k !== i),
      y: y.filter((_, k) => k !== i).map(value => [value]),
    }).targets;
    const predicted = row.reduce(
      (sum, value, j) => sum + value * (target?.coefficients[j] ?? 0),
      target?.intercept ?? 0,
    );
    return (predicted - (y[i] ?? 0)) ** 2;
  });
  const sorted = (values: number[]) => values.sort((a, b) => a - b);
  expect(countDigits(sorted(leaveOneOut(x, y)?.values ?? []), sorted(refitted))).toBeGreaterThan(8);
});

// y = 2a + 3b + 5 in every fold
test('finds no error where every fold lies on the plane', () => {
  const x = Array.from({length: 20}, (_, i) => [spread(i, 7919), spread(i, 104_729)]);
  const y = x.map(([a = 0, b = 0]) => 2 * a + 3 * b + 5);
  expect(leaveOneOut(x, y)?.mse.mean).toBeCloseTo(0, 25);
});

describe('is left out', () => {
  test('where a fold leaves fewer rows than coefficients, or has none itself', () => {
    expect(leaveOneOut([[1], [2]], [1, 3])).toBeNull();
    const model = fitLinearRegression({
      featureNames: ['a'],
      targetNames: ['y'],
      x: [[1], [2], [4], [3]],
      y: [[1], [2], [3], [5]],
    });
    expect(crossValidate(model, {seed: 42})).toBeNull();
    expect(crossValidate(model, {seed: 42, folds: 2})?.values).toHaveLength(2);
  });

  test('where a feature is constant without a fold', () => {
    const x = Array.from({length: 12}, (_, i) => [i, i === 5 ? 1 : 0]);
    expect(
      leaveOneOut(
        x,
        x.map((_, i) => i ** 2),
      ),
    ).toBeNull();
  });
});
