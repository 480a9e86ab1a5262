import {describe, expect, test} from 'vitest';
import {predictRow, predictRows, verifyHeldOut} from '../../../serve/model/predict.ts';
import {irisArtifact, pairArtifact, planeArtifact} from '../../helpers/server-artifact.ts';

describe('predictRow', () => {
  // Closed formula: y = 2a + 3b + 5, exact in doubles for these values.
  test.each([
    [[0, 0], 5],
    [[1, 1], 10],
    [[-2, 0.5], 2.5],
    [[1e6, -1e6], -999_995],
  ])('answers 2a + 3b + 5 for %j', (row, expected) => {
    expect(predictRow(planeArtifact(), row)).toEqual([expected]);
  });

  // Value of scikit-learn's LinearRegression.predict for the same coefficients.
  test('answers what scikit-learn does for iris', () => {
    const [petalLength] = predictRow(irisArtifact(), [5.1, 3.5, 0.2]);
    expect(Math.abs((petalLength ?? 0) - 1.4892105741903334)).toBeLessThanOrEqual(1e-12);
  });

  test('answers one number per target, in the order of the targets', () => {
    expect(predictRow(pairArtifact(), [5, 3])).toEqual([8, 2]);
  });

  test('adds the products to the intercept in the order of the features', () => {
    // (1 + 2⁵³) + 1 rounds to 2⁵³ twice; any other order gives 2⁵³ + 2.
    const model = {targets: [{name: 'y', unit: null, intercept: 1, coefficients: [2 ** 53, 1]}]};
    expect(predictRow(model, [1, 1])).toEqual([2 ** 53]);
  });
});

describe('predictRows', () => {
  test('answers one number per row for a single target', () => {
    const rows = [
      [0, 0],
      [1, 1],
    ];
    expect(predictRows(planeArtifact(), rows)).toEqual({status: 'predicted', values: [5, 10]});
  });

  test('answers one list per row for several targets', () => {
    const rows = [
      [5, 3],
      [1, 1],
    ];
    expect(predictRows(pairArtifact(), rows)).toEqual({
      status: 'predicted',
      values: [
        [8, 2],
        [2, 0],
      ],
    });
  });

  test('names the rows whose prediction overflows instead of answering them', () => {
    const rows = [
      [1e308, 0],
      [1, 1],
      [0, -1e308],
    ];
    expect(predictRows(planeArtifact(), rows)).toEqual({status: 'overflowed', rows: [0, 2]});
    const opposite = [[1e308, 1e308]];
    expect(predictRows(pairArtifact(), opposite)).toEqual({status: 'overflowed', rows: [0]});
  });

  test('counts a sum of opposite infinities as an overflow', () => {
    expect(predictRows(planeArtifact(), [[1.7e308, -1.7e308]])).toEqual({status: 'overflowed', rows: [0]});
  });
});

describe('verifyHeldOut', () => {
  test('agrees with an artifact whose predictions are its own', () => {
    expect(verifyHeldOut(planeArtifact())).toEqual({status: 'agrees', checked: 2, maxError: 0});
    expect(verifyHeldOut(pairArtifact())).toEqual({status: 'agrees', checked: 1, maxError: 0});
  });

  test('names the rows of the data that disagree, and by how much at most', () => {
    const artifact = planeArtifact();
    const heldOut = artifact.heldOut.map(example => {
      return example.row === 7 ? {...example, prediction: [10.5 * (1 + 1e-6)]} : example;
    });
    const check = verifyHeldOut({...artifact, heldOut});
    expect(check).toMatchObject({status: 'disagrees', checked: 2, rows: [7]});
    expect(check.maxError).toBeCloseTo(1e-6, 9);
  });

  test('tolerates 1e-12, relative to the prediction or absolute below 1', () => {
    const accepts = (prediction: number, error: number) => {
      const targets = [{name: 'y', unit: null, intercept: prediction + error, coefficients: [0]}];
      const heldOut = [{row: 1, features: [1], actual: [0], prediction: [prediction]}];
      return verifyHeldOut({targets, heldOut}).status === 'agrees';
    };
    expect(accepts(1e6, 0.5e-6)).toBe(true);
    expect(accepts(1e6, 2e-6)).toBe(false);
    expect(accepts(0.001, 0.5e-12)).toBe(true);
    expect(accepts(0.001, 2e-12)).toBe(false);
  });

  test('disagrees when an answer is not finite', () => {
    const targets = [{name: 'y', unit: null, intercept: 0, coefficients: [1e308]}];
    const heldOut = [{row: 4, features: [10], actual: [0], prediction: [1]}];
    expect(verifyHeldOut({targets, heldOut})).toEqual({
      status: 'disagrees',
      checked: 1,
      maxError: Number.POSITIVE_INFINITY,
      rows: [4],
    });
  });
});
