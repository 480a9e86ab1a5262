// One way to write each number for people, so that all reports agree to the digit; files for machines keep all digits.

/** A number of at most six significant digits, with separators of thousands: "1,234,570"; from 10¹⁵ on as "1.5e+21". */
export function formatNumber(value: number, digits = 6): string {
  const rounded = Number(value.toPrecision(digits));
  if (Math.abs(rounded) >= 1e15) return rounded.toExponential();
  return String(rounded).replace(/\d+/, whole => whole.replace(/\B(?=(\d{3})+$)/g, ','));
}

/** A score; “undefined” for none. */
export function formatScore(value: number | null): string {
  return value === null ? 'undefined' : formatNumber(value);
}

/** A whole number with all its digits, and what is counted: “30”, “1 row”, “30 rows”. */
export function formatCount(count: number, of = ''): string {
  return `${formatNumber(count, 15)} ${of}${of === '' || count === 1 ? '' : 's'}`.trimEnd();
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
