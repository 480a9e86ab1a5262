// One way to write each number, so that report.html, report.md, the model card and the terminal agree to the digit.

/** A number rounded to so many significant digits. */
export function formatNumber(value: number, digits = 6): string {
  return String(Number(value.toPrecision(digits)));
}

/** A score; “undefined” for none. */
export function formatScore(value: number | null): string {
  return value === null ? 'undefined' : formatNumber(value);
}

/** The bounds of an interval: “0.0691 to 0.204”. */
export function formatInterval({lower, upper}: {lower: number; upper: number}): string {
  return `${formatNumber(lower)} to ${formatNumber(upper)}`;
}

/** A p-value with three digits; below 2e-16, where R stops too, only that it is; “undefined” for none. */
export function formatProbability(p: number | null): string {
  if (p === null) return 'undefined';
  return p < 2e-16 ? '< 2e-16' : formatNumber(p, 3);
}
