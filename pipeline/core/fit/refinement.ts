import {addDoubleDouble, type DoubleDouble, multiplyExactly, productError, sumError} from './compensated.ts';
import {dot, solveLower, solveUpper, subtractMultiple} from './orthonormal.ts';

/** A column and the numbers that standardise it: (values − mean) / scale. */
interface StandardisableColumn {
  values: Float64Array;
  mean: number;
  scale: number;
}

/** Columns of a design, the first all ones (mean 0, scale 1), and Q·R of what standardising makes of them. */
export interface FactoredDesign {
  columns: StandardisableColumn[];
  q: Float64Array[];
  r: number[][];
}

/**
 * Improves a target's least-squares coefficients until what is left to lose is their rounding to doubles.
 *
 * Iterative refinement of the augmented system (Björck, "Iterative refinement of linear least squares
 * solutions I", BIT 7, 1967): coefficients and residuals are corrected together, and both right-hand sides
 * come from the unstandardised values in twice the precision of a double. A step multiplies the error by
 * about the rounding unit times the condition number of the standardised columns.
 *
 * @param weights the fitted coefficients of the centred target on the columns of Q.
 * @returns one coefficient per (unstandardised) column, and the residuals that belong to them.
 */
export function refineCoefficients(
  {columns, q, r}: FactoredDesign,
  target: {values: Float64Array; mean: number},
  weights: number[],
): {coefficients: DoubleDouble[]; residuals: Float64Array} {
  const residuals = target.values.map(value => value - target.mean);
  subtractMultiples(residuals, weights, q);
  const start = solveUpper(r, weights);
  const coefficients = columns.map((_, j) => ({hi: j === 0 ? target.mean : 0, lo: 0}));
  addStep(coefficients, start, columns);
  const size = largest(start);
  let previous = size;
  for (let round = 0; round < maxRounds; round++) {
    const missing = subtractFit(target.values, residuals, coefficients, columns);
    const leaning = columns.map(({values, mean, scale}) => centredDot(values, mean, residuals) / scale);
    const back = solveLower(r, leaning);
    const change = q.map((column, j) => dot(column, missing) + (back[j] as number));
    subtractMultiples(missing, change, q);
    subtractMultiple(residuals, -1, missing);
    const step = solveUpper(r, change);
    addStep(coefficients, step, columns);
    const length = largest(step);
    // A next step would shrink as this one did. Stop when it could not be seen, or when steps no longer shrink.
    if (length * length <= negligible * size * previous || length > previous / 2) break;
    previous = length;
  }
  return {coefficients, residuals};
}

const maxRounds = 20;
/** Share of the largest standardised coefficient: coefficients 10⁻¹⁴ of its size still get all their digits. */
const negligible = 2 ** -100;

function largest(values: number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function subtractMultiples(values: Float64Array, factors: number[], columns: Float64Array[]): void {
  for (const [j, column] of columns.entries()) subtractMultiple(values, factors[j] as number, column);
}

/** Adds a step in the coefficients of the standardised columns to those of the columns themselves. */
function addStep(coefficients: DoubleDouble[], step: number[], columns: StandardisableColumn[]): void {
  const add = (j: number, change: DoubleDouble) => {
    coefficients[j] = addDoubleDouble(coefficients[j] as DoubleDouble, change);
  };
  for (const [j, {mean, scale}] of columns.entries()) {
    const change = (step[j] as number) / scale;
    add(j, {hi: change, lo: 0});
    add(0, multiplyExactly(-change, mean));
  }
}

/** target − residuals − Σ coefficient · column, computed in twice the precision of a double, then rounded. */
function subtractFit(
  target: Float64Array,
  residuals: Float64Array,
  coefficients: DoubleDouble[],
  columns: StandardisableColumn[],
): Float64Array {
  const hi = new Float64Array(target.length);
  const lo = new Float64Array(target.length);
  for (let i = 0; i < target.length; i++) {
    const value = target[i] as number;
    const residual = -(residuals[i] as number);
    const sum = value + residual;
    hi[i] = sum;
    lo[i] = sumError(value, residual, sum);
  }
  for (const [j, {values}] of columns.entries()) {
    const coefficient = coefficients[j] as DoubleDouble;
    const factor = -coefficient.hi;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      const product = factor * value;
      const before = hi[i] as number;
      const sum = before + product;
      hi[i] = sum;
      lo[i] =
        (lo[i] as number) +
        (sumError(before, product, sum) + productError(factor, value, product) - coefficient.lo * value);
    }
  }
  return hi.map((value, i) => value + (lo[i] as number));
}

/** Σ (value − mean) · factor in twice the precision of a double, then rounded. */
function centredDot(values: Float64Array, mean: number, factors: Float64Array): number {
  let hi = 0;
  let lo = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const factor = factors[i] as number;
    const centred = value - mean;
    const product = centred * factor;
    const sum = hi + product;
    lo +=
      sumError(hi, product, sum) +
      productError(centred, factor, product) +
      sumError(value, -mean, centred) * factor;
    hi = sum;
  }
  return hi + lo;
}
