import {describe, expect, test} from 'vitest';
import {splitRows} from '../../../pipeline/core/dataset/split.ts';
import {fitLinearRegression} from '../../../pipeline/core/fit/regression.ts';
import {createHalfWidth} from '../../../serve/model/interval.ts';
import {predictRow} from '../../../serve/model/predict.ts';
import {readIrisMeasurements} from '../../helpers/iris-rows.ts';
import {irisArtifact} from '../../helpers/server-artifact.ts';

const rows = readIrisMeasurements();
const {train} = splitRows(rows.length, {testSize: 0.2, seed: 42});
const training = train.map(i => rows[i] ?? []);

/** The bounds of a model of the 120 iris training rows, for targets given by column number. */
function findBounds(targets: number[], features: number[], row: number[], level: number) {
  const pick = (columns: number[]) => training.map(values => columns.map(j => values[j] ?? Number.NaN));
  const model = fitLinearRegression({
    featureNames: features.map(String),
    targetNames: targets.map(String),
    x: pick(features),
    y: pick(targets),
  });
  const artifact = {
    ...irisArtifact(),
    features: model.features.map(feature => ({...feature, unit: null})),
    uncertainty: {
      degreesOfFreedom: model.degreesOfFreedom,
      residualStandardErrors: model.targets.map(({residualStandardError}) => residualStandardError),
      inverseFactor: model.inverseFactor,
    },
  };
  const widths = createHalfWidth(artifact, level)?.(row) ?? [];
  return predictRow(model, row).map((value, k) => [value - (widths[k] ?? 0), value + (widths[k] ?? 0)]);
}

describe('a prediction interval', () => {
  // statsmodels 0.15: OLS(petal_length ~ the other three).get_prediction(row).summary_frame(alpha), obs_ci_*
  test.each([
    [[5.1, 3.5, 0.2], 0.95, 0.8729706647585791, 2.1054504836220804],
    [[5.1, 3.5, 0.2], 0.99, 0.6743889043616632, 2.304032244018996],
    [[5.1, 3.5, 0.2], 0.5, 1.2786940704471155, 1.6997270779335438],
    [[7.9, 2, 2.5], 0.95, 7.2071049149591, 8.497655736846253],
    [[7.9, 2, 2.5], 0.99, 6.999166537251335, 8.70559411455402],
    [[0, 0, 0], 0.95, -1.116016219270221, 0.6150843542972955],
  ])('of %j at level %d is that of statsmodels', (row, level, lower, upper) => {
    const [[low = Number.NaN, high = Number.NaN] = []] = findBounds([2], [0, 1, 3], row, level);
    expect(Math.abs(low - lower)).toBeLessThan(1e-9);
    expect(Math.abs(high - upper)).toBeLessThan(1e-9);
  });

  // the mean of n values is a regression on nothing: ± t · s · √(1 + 1/n) at the mean of any feature
  test('at the mean of its only feature is as wide as that formula says', () => {
    const x = [1, 2, 3, 4].map(value => [value]);
    const y = [1, 3, 2, 4].map(value => [value]);
    const {features, degreesOfFreedom, targets, inverseFactor} = fitLinearRegression({
      featureNames: ['x'],
      targetNames: ['y'],
      x,
      y,
    });
    // slope 0.8, residuals -0.3, 0.9, -0.9, 0.3: s² = 1.8 / 2; t(0.975, 2) = 4.302652729749462
    const artifact = {
      ...irisArtifact(),
      features: features.map(feature => ({...feature, unit: null})),
      uncertainty: {
        degreesOfFreedom,
        residualStandardErrors: targets.map(({residualStandardError}) => residualStandardError),
        inverseFactor,
      },
    };
    const [width = Number.NaN] = createHalfWidth(artifact, 0.95)?.([2.5]) ?? [];
    expect(width).toBeCloseTo(4.302652729749462 * Math.sqrt(0.9 * 1.25), 12);
  });

  test('of each of several targets is that of the target alone', () => {
    const row = [5.1, 3.5];
    expect(findBounds([2, 3], [0, 1], row, 0.9)).toEqual([
      ...findBounds([2], [0, 1], row, 0.9),
      ...findBounds([3], [0, 1], row, 0.9),
    ]);
  });

  test('is not to be had from a model without residual degrees of freedom', () => {
    const {uncertainty: _, ...artifact} = irisArtifact();
    expect(createHalfWidth(artifact, 0.95)).toBeUndefined();
  });
});
