import {permuteRows} from '../dataset/split.ts';
import {mean} from '../fit/compensated.ts';
import type {FittedModel} from '../fit/fitted-model.ts';
import {dot, subtractMultiple} from '../fit/orthonormal.ts';
import type {CrossValidation} from './evaluation.ts';

/**
 * The least share of what all rows tell of a direction in the features that the rows outside a fold must tell, or
 * the fold counts as one that cannot be fitted; rounding is some 1e-15 of it.
 */
const leastInformation = 1e-10;

/**
 * Cross-validates a fit on its own training rows: each fold is predicted by the fit to the rows outside it.
 *
 * The folds are those of scikit-learn's `KFold(folds, shuffle=True, random_state=seed)`. No fold is fitted anew: the
 * errors of the rows I that a fit leaves out are (1 − H_I)⁻¹ times their residuals in the fit to all rows, where H_I
 * is their block of H = Q·Qᵀ (Cook & Weisberg, "Residuals and Influence in Regression", 1982, 3.6), and
 * (1 − Q_I·Q_Iᵀ)⁻¹ = 1 + Q_I·(1 − Q_Iᵀ·Q_I)⁻¹·Q_Iᵀ has a matrix of the size of the coefficients only.
 *
 * @returns null when a fold's other rows do not determine every coefficient.
 */
export function crossValidate(
  model: FittedModel,
  {seed, folds = 5}: {seed: number; folds?: number},
): CrossValidation | null {
  const {q, targets} = model;
  const rows = q[0]?.length ?? 0;
  if (rows < folds || rows - Math.ceil(rows / folds) < q.length) return null;
  const values: number[] = [];
  for (const fold of cutFolds(permuteRows(rows, seed), folds)) {
    const basis = q.map(column => pick(column, fold));
    const factor = factorRemainder(basis);
    if (factor === null) return null;
    const errors = targets.map(({residuals}) => predictAnew(pick(residuals, fold), basis, factor));
    values.push(mean(errors.map(column => mean(column.map(error => error * error)))));
  }
  return {folds, seed, mse: describe(values), values};
}

/** Consecutive parts of an order of rows, the first ones longer by one where the rows do not go into it evenly. */
function cutFolds(order: number[], folds: number): number[][] {
  const size = Math.floor(order.length / folds);
  const longer = order.length % folds;
  const startOf = (fold: number) => fold * size + Math.min(fold, longer);
  return Array.from({length: folds}, (_, fold) => order.slice(startOf(fold), startOf(fold + 1)));
}

function pick(column: Float64Array, rows: number[]): Float64Array {
  return Float64Array.from(rows, row => column[row] as number);
}

/** The Cholesky factor L of 1 − BᵀB, row by row; null where a fit to the other rows is not determined. */
function factorRemainder(basis: Float64Array[]): number[][] | null {
  const factor: number[][] = [];
  for (const [i, column] of basis.entries()) {
    const row: number[] = [];
    for (let j = 0; j < i; j++) {
      const other = factor[j] as number[];
      const rest = -dot(column, basis[j] as Float64Array) - multiply(row, other, j);
      row.push(rest / (other[j] as number));
    }
    const pivot = 1 - dot(column, column) - multiply(row, row, i);
    if (!(pivot > leastInformation)) return null;
    factor.push([...row, Math.sqrt(pivot)]);
  }
  return factor;
}

/** The errors of a fold's rows in the fit to the others. */
function predictAnew(residuals: Float64Array, basis: Float64Array[], factor: number[][]): Float64Array {
  const known = basis.map(column => dot(column, residuals));
  const lower: number[] = [];
  for (const [i, row] of factor.entries())
    lower.push(((known[i] as number) - multiply(row, lower, i)) / (row[i] as number));
  const solution = [...lower];
  for (let i = factor.length - 1; i >= 0; i--) {
    let rest = lower[i] as number;
    for (let k = i + 1; k < factor.length; k++) rest -= (factor[k]?.[i] as number) * (solution[k] as number);
    solution[i] = rest / (factor[i]?.[i] as number);
  }
  for (const [j, column] of basis.entries()) subtractMultiple(residuals, -(solution[j] as number), column);
  return residuals;
}

/** Σ a · b over the first elements. */
function multiply(a: number[], b: number[], length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

function describe(values: number[]): CrossValidation['mse'] {
  const centre = mean(values);
  const squares = values.map(value => (value - centre) ** 2);
  return {mean: centre, sd: Math.sqrt((mean(squares) * values.length) / (values.length - 1))};
}
