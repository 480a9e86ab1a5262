/** Writes a number for people: at most `digits` significant digits, a typographic minus, and 2 × 10¹² for what is very large or small. */
export function formatNumber(value: number, digits = 6): string {
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  if (size === 0 || (size >= 1e-4 && size < 1e9)) return replaceMinus(String(rounded));
  const [mantissa = '', exponent = ''] = rounded.toExponential().split('e');
  return `${replaceMinus(mantissa)} × 10${exponent.replace(/./g, character => superscripts[character] ?? '')}`;
}

/**
 * Writes the numbers of a prediction for people, all with the same decimals: those that the interval leaves a meaning.
 *
 * @param halfWidth of the prediction interval; undefined without one, and then each number gets four significant digits.
 */
export function formatEstimate(values: readonly number[], halfWidth: number | undefined): string[] {
  const decimals =
    halfWidth === undefined || halfWidth === 0 ? Number.NaN : 2 - Math.floor(Math.log10(halfWidth));
  const isPlain = decimals <= 7 && values.every(value => Math.abs(value) < 1e9);
  return values.map(value =>
    isPlain ? replaceMinus(value.toFixed(Math.max(0, decimals))) : formatNumber(value, 4),
  );
}

const superscripts: Record<string, string> = {'-': '⁻', ...Object.fromEntries([...'⁰¹²³⁴⁵⁶⁷⁸⁹'].entries())};

function replaceMinus(text: string): string {
  return text.replace('-', '−');
}
