import {describe, expect, test} from 'vitest';
import {formatEstimate, formatNumber} from '../../../serve/page/number-text.ts';

describe('a number for people', () => {
  test.each([
    [0, '0'],
    [-0.5, '−0.5'],
    [0.1 + 0.2, '0.3'],
    [4.300000190734863, '4.3'],
    [123_456_789, '123457000'],
    [0.0001, '0.0001'],
    [0.00001, '1 × 10⁻⁵'],
    [-2_000_000_000_000, '−2 × 10¹²'],
    [Number.MAX_VALUE, '1.79769 × 10³⁰⁸'],
    [5e-324, '5 × 10⁻³²⁴'],
  ])('says %d as %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  test.each([
    [[1.4892105741903334, 0.8729706647585791, 2.1054504836220804], 0.616, ['1.489', '0.873', '2.105']],
    [[13, 5.897, 20.103], 7.103, ['13.00', '5.90', '20.10']],
    [[206_855.8, 100_000, 310_000], 105_000, ['206856', '100000', '310000']],
    [[-0.04, -1.04, 0.96], 1, ['−0.04', '−1.04', '0.96']],
    [[1e-10, 0, 2e-10], 1e-10, ['1 × 10⁻¹⁰', '0', '2 × 10⁻¹⁰']],
    [[3e12, 2e12, 4e12], 1e12, ['3 × 10¹²', '2 × 10¹²', '4 × 10¹²']],
  ])('says %j with a half-width of %d as %j', (values, halfWidth, texts) => {
    expect(formatEstimate(values, halfWidth)).toEqual(texts);
  });

  test('has four digits where no interval says how many mean something', () => {
    expect(formatEstimate([1.4892105741903334], undefined)).toEqual(['1.489']);
    // a model that fits its rows exactly has intervals of no width
    expect(formatEstimate([2, 2, 2], 0)).toEqual(['2', '2', '2']);
  });
});
