import {expect, test} from 'vitest';
import {
  formatCount,
  formatInterval,
  formatNumber,
  formatProbability,
  formatScore,
} from '../../pipeline/report/number-text.ts';

test.each([
  [0.12991981605759936, '0.12992'],
  [-0.2504659324864589, '-0.250466'],
  [1234567, '1,234,570'],
  [-1249.9512, '-1,249.95'],
  [12345.678, '12,345.7'],
  [123, '123'],
  [1e-7, '1e-7'],
  [1.5e21, '1.5e+21'],
  [0, '0'],
  [-0, '0'],
])('writes %d with six significant digits at most', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test('writes a score that is not defined, and an interval, as words', () => {
  expect([formatScore(0.5), formatScore(null)]).toEqual(['0.5', 'undefined']);
  expect(formatInterval({lower: -1.5, upper: 0.1234567})).toBe('-1.5 to 0.123457');
});

// R's printCoefmat has the same limit: eps = .Machine$double.eps, 2.2e-16
test.each([
  [0.4219016853, '0.422'],
  [7.29830099e-15, '7.3e-15'],
  [1e-16, '< 2e-16'],
  [0, '< 2e-16'],
  [null, 'undefined'],
])('writes the p-value %d as %s', (p, text) => {
  expect(formatProbability(p)).toBe(text);
});

test('counts with all digits, and in the singular', () => {
  expect([
    formatCount(1_234_567),
    formatCount(1, 'row'),
    formatCount(0, 'row'),
    formatCount(40_000, 'row'),
  ]).toEqual(['1,234,567', '1 row', '0 rows', '40,000 rows']);
});
