import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {chooseStep, placeOnStrip, readFromStrip} from '../../../serve/page/strip.ts';

describe('the strip of a feature', () => {
  test('has the training range from 10 to 90 %, and the edges for what is far outside', () => {
    const range = {min: 0.1, max: 2.5};
    expect([0.1, 1.3, 2.5].map(value => placeOnStrip(value, range))).toEqual([10, 50, 90]);
    expect([-1e300, 1e300].map(value => placeOnStrip(value, range))).toEqual([3, 97]);
    expect(placeOnStrip(7, {min: 7, max: 7})).toBe(50);
  });

  test.each([
    [0.1, 2.5, 0.1],
    [0, 1, 0.01],
    [-2e-7, 1e-7, 1e-8],
    [0, 4e12, 1e11],
    [7, 7, 1],
    [-1e308, 1e308, 1],
  ])('from %d to %d has steps of %d', (min, max, step) => {
    expect(chooseStep({min, max})).toBe(step);
  });

  test('gives back the number at a place to within a step', () => {
    const ranges = fc
      .record({
        min: fc.double({min: -1e6, max: 1e6, noNaN: true}),
        width: fc.double({min: 1e-3, max: 1e6, noNaN: true}),
      })
      .map(({min, width}) => ({min, max: min + width}));
    fc.assert(
      fc.property(ranges, fc.double({min: 0, max: 1, noNaN: true}), (range, share) => {
        const value = range.min + share * (range.max - range.min);
        const found = readFromStrip(placeOnStrip(value, range), range);
        expect(Math.abs(found - value)).toBeLessThan(1.01 * chooseStep(range));
      }),
    );
  });
});
