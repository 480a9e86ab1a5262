import {expect, test} from 'vitest';
import {findConditionNumber, findVarianceInflation} from '../../../pipeline/core/evaluation/collinearity.ts';
import {fitLinearRegression} from '../../../pipeline/core/fit/regression.ts';
import longley from '../../fixtures/nist/longley.json' with {type: 'json'};
import {countDigits} from '../../helpers/exact-regression.ts';
import {fitIris} from '../../helpers/iris-model.ts';

/** Variance inflation factors and condition number of a design; targets play no part in them. */
function describeDesign(x: number[][]) {
  return describeModel(
    fitLinearRegression({
      featureNames: (x[0] ?? []).map((_, j) => `x${j + 1}`),
      targetNames: ['y'],
      x,
      y: x.map((_, i) => [i]),
    }),
  );
}

function describeModel(model: Parameters<typeof findConditionNumber>[0]) {
  return {
    inflation: findVarianceInflation(model).map(({value}) => value),
    condition: findConditionNumber(model),
  };
}

// statsmodels 0.15.0 variance_inflation_factor, with a constant; NumPy 2.4.6 linalg.cond of the standardised columns
test.each([
  {
    name: 'iris',
    found: describeModel(fitIris(['sepal_length', 'sepal_width', 'petal_width'], ['petal_length']).model),
    inflation: [3.160380969555862, 1.2961248439623336, 3.590046315619584],
    condition: 3.515475733853468,
  },
  {
    name: 'longley',
    found: describeDesign(longley.x),
    inflation: [
      135.53243828000367, 1788.5134827182983, 33.61889059604986, 3.5889301934455418, 399.15102231263205,
      758.9805974069244,
    ],
    condition: 110.5441534423136,
  },
])('agree with statsmodels and NumPy for $name', ({found, inflation, condition}) => {
  expect(countDigits(found.inflation, inflation)).toBeGreaterThan(12);
  expect(countDigits([found.condition], [condition])).toBeGreaterThan(12);
});

test('are 1 for a feature alone', () => {
  expect(describeDesign([[1], [2], [4], [8], [0.1]])).toEqual({inflation: [1], condition: 1});
});

// two columns with the correlation r: 1 / (1 − r²) and √((1 + r) / (1 − r)); here r = 0.6
test('follow from the correlation of two features', () => {
  const signs = [
    [1, 1],
    [1, -1],
    [-1, 1],
    [-1, -1],
  ];
  const {inflation, condition} = describeDesign(
    signs.map(([a = 0, b = 0]) => [100 + 5 * a, 0.6 * a + 0.8 * b]),
  );
  expect(countDigits([...inflation, condition], [1 / 0.64, 1 / 0.64, 2])).toBeGreaterThan(14);
});
