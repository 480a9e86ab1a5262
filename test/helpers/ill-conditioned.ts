/**
 * Regressions that lose digits, each with the digits that scikit-learn 1.9.1's LinearRegression (NumPy 2.4.6)
 * keeps of the exact solution, the least over all coefficients, rounded down to one decimal.
 */
export const illConditioned: {name: string; x: number[][]; y: number[]; scikitLearnDigits: number}[] = [
  {
    name: 'powers 1 to 10 of 82 values from -8.78 to -3.13, as in NIST Filip, exact target',
    ...regress(82, i => powers(-8.78 + i * 0.0697, 10), 0),
    scikitLearnDigits: 0,
  },
  {
    name: 'powers 1 to 10 of 82 values from -8.78 to -3.13, as in NIST Filip, noisy target',
    ...regress(82, i => powers(-8.78 + i * 0.0697, 10), 1),
    scikitLearnDigits: 0,
  },
  {
    name: 'powers 1 to 10 of 0 to 20, noise of the size of the target',
    ...regress(21, i => powers(i, 10), 1e13),
    scikitLearnDigits: 0,
  },
  ...[
    {gap: 1e-4, scikitLearnDigits: 11.2},
    {gap: 1e-8, scikitLearnDigits: 0},
    {gap: 1e-12, scikitLearnDigits: 0},
  ].map(({gap, scikitLearnDigits}) => ({
    name: `columns that differ by ${gap}, noisy target`,
    ...regress(60, i => [spread(i, 7919), spread(i, 7919) + gap * spread(i, 104_729), spread(i, 1299)], 1),
    scikitLearnDigits,
  })),
  {
    name: 'columns offset by 1e8, noisy target',
    ...regress(100, i => [1e8 + spread(i, 7919), 1e8 + spread(i, 104_729), spread(i, 1299)], 1),
    scikitLearnDigits: 11.5,
  },
  {
    name: 'columns offset by 1e8 that differ by 1e-4, noisy target',
    ...regress(100, i => [1e8 + spread(i, 7919), 1e8 + spread(i, 7919) + 1e-4 * spread(i, 104_729)], 1),
    scikitLearnDigits: 4.8,
  },
];

/** Rows of features; the target is their sum plus 1 plus noise between 0 and `noise`. */
function regress(
  rows: number,
  features: (i: number) => number[],
  noise: number,
): {x: number[][]; y: number[]} {
  const x = Array.from({length: rows}, (_, i) => features(i));
  return {x, y: x.map((row, i) => row.reduce((sum, value) => sum + value, 1) + noise * spread(i, 611_953))};
}

/** Numbers between 0 and 1 without a pattern that another step would share. */
export function spread(i: number, step: number): number {
  return ((i * i * 31 + i * step) % 1009) / 1009;
}

/** x, x², … x^highest by multiplication, which is exact for whole numbers up to 2^53. */
function powers(x: number, highest: number): number[] {
  const result: number[] = [];
  for (let power = x; result.length < highest; power *= x) result.push(power);
  return result;
}
