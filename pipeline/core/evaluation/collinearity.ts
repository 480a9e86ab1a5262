import {SingularValueDecomposition} from 'ml-matrix';
import type {FittedModel} from '../fit/fitted-model.ts';

/**
 * The condition number of the standardised features Z: its largest by its smallest singular value, as
 * `numpy.linalg.cond(Z)`.
 *
 * They are those of its factor R, whose inverse the model carries: the largest of one is the smallest of the other.
 */
export function findConditionNumber({inverseFactor}: FittedModel): number {
  const factor = inverseFactor
    .slice(1)
    .map((row, i, {length}) => [...row.slice(1), ...Array<number>(length - 1 - i).fill(0)]);
  const {diagonal} = new SingularValueDecomposition(factor, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
  });
  return Math.max(...diagonal) / Math.min(...diagonal);
}

/**
 * The variance inflation factor of each feature, 1 / (1 − R²) of it on the others: a feature's diagonal element of
 * (ZᵀZ)⁻¹ by n, the squared length of a standardised column (Belsley, Kuh & Welsch, "Regression Diagnostics", 3.2).
 */
export function findVarianceInflation({features, inverseFactor, q}: FittedModel) {
  const rows = q[0]?.length ?? 0;
  return features.map(({name}, j) => {
    const column = inverseFactor.map(row => row[j + 1] ?? 0);
    const inflation = rows * column.reduce((sum, value) => sum + value * value, 0);
    // it is at least 1, and rounding would make it less
    return {feature: name, value: Math.max(1, inflation)};
  });
}
