/**
 * Least-squares coefficients (the intercept's, then one per column of `x`) of the very doubles given, solved
 * from the normal equations in whole numbers without any rounding, and rounded to doubles once at the end.
 */
export function solveExactly(x: number[][], y: number[]): number[] {
  const width = x[0]?.length ?? 0;
  const design = [
    toWholeNumbers(x.map(() => 1)),
    ...Array.from({length: width}, (_, j) => toWholeNumbers(x.map(row => row[j] as number))),
  ];
  const target = toWholeNumbers(y);
  const equations = design.map(({values}) =>
    [...design, target].map(other => values.reduce((sum, v, i) => sum + v * (other.values[i] as bigint), 0n)),
  );
  const {solutions, divisor} = eliminate(equations);
  return solutions.map((solution, j) =>
    roundQuotient(solution, divisor, target.exponent - (design[j]?.exponent ?? 0)),
  );
}

/** Decimal digits in which the worst of the values agrees with its expectation (log relative error). */
export function countDigits(values: number[], expected: number[]): number {
  return Math.min(
    ...expected.map((value, j) => {
      const error = Math.abs((values[j] as number) - value);
      return error === 0 ? 16 : -Math.log10(value === 0 ? error : error / Math.abs(value));
    }),
  );
}

/** Doubles as whole numbers times one power of two. */
function toWholeNumbers(doubles: number[]): {values: bigint[]; exponent: number} {
  const parts = doubles.map(double => {
    const [bits] = new BigUint64Array(Float64Array.of(double).buffer) as unknown as [bigint];
    const biased = Number((bits >> 52n) & 0x7ffn);
    const fraction = bits & 0xf_ffff_ffff_ffffn;
    const significand = biased === 0 ? fraction : fraction | 0x10_0000_0000_0000n;
    return {significand: double < 0 ? -significand : significand, exponent: Math.max(biased, 1) - 1075};
  });
  const exponent = Math.min(...parts.map(part => part.exponent));
  return {
    values: parts.map(part => part.significand << BigInt(part.exponent - exponent)),
    exponent,
  };
}

/** Bareiss' fraction-free elimination, above the diagonal too: the solutions are over one divisor. */
function eliminate(equations: bigint[][]): {solutions: bigint[]; divisor: bigint} {
  let rows = equations;
  let previous = 1n;
  for (const k of equations.keys()) {
    const pivotRow = rows[k] as bigint[];
    const pivot = pivotRow[k] as bigint;
    if (pivot === 0n) throw new Error(`Column ${k} is exactly collinear.`);
    const divisor = previous;
    rows = rows.map((row, i) =>
      i === k ? row : row.map((v, j) => (v * pivot - (row[k] as bigint) * (pivotRow[j] as bigint)) / divisor),
    );
    previous = pivot;
  }
  return {solutions: rows.map(row => row.at(-1) as bigint), divisor: previous};
}

/** numerator / denominator · 2^exponent as the nearest double. */
function roundQuotient(numerator: bigint, denominator: bigint, exponent: number): number {
  if (numerator === 0n) return 0;
  const magnitude = numerator < 0n ? -numerator : numerator;
  // A quotient of 64 or 65 bits. Whatever remains, however small, decides a tie: it becomes the last bit.
  const shift = 64 + denominator.toString(2).length - magnitude.toString(2).length;
  const dividend = magnitude << BigInt(Math.max(0, shift));
  const divisor = denominator << BigInt(Math.max(0, -shift));
  const quotient = (dividend / divisor) | (dividend % divisor === 0n ? 0n : 1n);
  return (numerator < 0n ? -1 : 1) * Number(quotient) * 2 ** (exponent - shift);
}
