// Error-free transformations of IEEE 754 doubles: Knuth's two-sum, Veltkamp's split and Dekker's product, as in
// Ogita, Rump & Oishi, "Accurate sum and dot product" (SIAM J. Sci. Comput. 26, 2005). What is built on them
// is as exact as twice the precision of a double. Values must stay below 2^996, or the split overflows.

/** The unevaluated sum `hi + lo`, `lo` being too small to change `hi`. */
export interface DoubleDouble {
  hi: number;
  lo: number;
}

/** The rounding error of `sum = a + b`: what the double `sum` lost. */
export function sumError(a: number, b: number, sum: number): number {
  const part = sum - a;
  return a - (sum - part) + (b - part);
}

/** The rounding error of `product = a * b`. */
export function productError(a: number, b: number, product: number): number {
  const aHi = upperHalf(a);
  const aLo = a - aHi;
  const bHi = upperHalf(b);
  const bLo = b - bHi;
  return aHi * bHi - product + aHi * bLo + aLo * bHi + aLo * bLo;
}

/** `a + b`, rounded to a double-double. */
export function addDoubleDouble(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const hi = a.hi + b.hi;
  return normalise(hi, sumError(a.hi, b.hi, hi) + a.lo + b.lo);
}

/** `a · b` of two doubles, exact. */
export function multiplyExactly(a: number, b: number): DoubleDouble {
  const hi = a * b;
  return {hi, lo: productError(a, b, hi)};
}

/** The mean of at least one value, as if summed and divided without rounding and then rounded once. */
export function mean(values: ArrayLike<number>): number {
  const n = values.length;
  const {hi, lo} = sumExactly(values);
  const quotient = hi / n;
  const multiple = quotient * n;
  return quotient + (hi - multiple - productError(quotient, n, multiple) + lo) / n;
}

function sumExactly(values: ArrayLike<number>): DoubleDouble {
  let hi = 0;
  let lo = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const sum = hi + value;
    lo += sumError(hi, value, sum);
    hi = sum;
  }
  return normalise(hi, lo);
}

function normalise(hi: number, lo: number): DoubleDouble {
  const sum = hi + lo;
  return {hi: sum, lo: sumError(hi, lo, sum)};
}

/** The upper 26 bits of a double's significand; the lower half is the exact difference. */
function upperHalf(value: number): number {
  const shifted = value * 134_217_729; // 2^27 + 1
  return shifted - (shifted - value);
}
