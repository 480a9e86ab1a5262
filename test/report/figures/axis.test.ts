import {expect, test} from 'vitest';
import {chooseAxis, fitTicks, listNames} from '../../../pipeline/report/figures/axis.ts';

// the ticks are those of d3's `ticks`: multiples of 1, 2 or 5 times a power of ten
test.each([
  {values: [0, 7], texts: ['0', '2', '4', '6']},
  {values: [-0.5, 1], texts: ['−0.5', '0', '0.5', '1']},
  {
    values: [499_999_996, 500_000_006],
    texts: ['499,999,996', '499,999,998', '500,000,000', '500,000,002', '500,000,004', '500,000,006'],
  },
  {values: [-1e-7, 2e-7], texts: ['−1e−7', '−5e−8', '0', '5e−8', '1e−7', '1.5e−7', '2e−7']},
  {values: [0, 4.5e12], texts: ['0', '1e12', '2e12', '3e12', '4e12']},
  {values: [0, 40_000], texts: ['0', '10,000', '20,000', '30,000', '40,000']},
])('writes as many digits as tell the ticks between $values apart', ({values, texts}) => {
  expect(chooseAxis('', values).ticks.map(({text}) => text)).toEqual(texts);
});

test.each([{values: [0, 0]}, {values: [5, 5]}, {values: []}, {values: [-3]}, {values: [-1e308, 1e308]}])(
  'has a width for $values',
  ({values}) => {
    const [low, high] = chooseAxis('', values).domain;
    expect(high).toBeGreaterThan(low);
    expect(high - low).toBeLessThan(Number.POSITIVE_INFINITY);
  },
);

test('cuts long names', () => {
  expect(listNames(['a', 'b'.repeat(30)]).ticks).toEqual([
    {place: 0, text: 'a'},
    {place: 1, text: `${'b'.repeat(21)}…`},
  ]);
});

test('has as many ticks as there is room for', () => {
  const axis = chooseAxis('', [-0.65, 0.7]);
  const textsIn = (roomPx: number) => fitTicks(axis, roomPx).ticks.map(({text}) => text);
  expect(textsIn(400)).toEqual(['−0.6', '−0.4', '−0.2', '0', '0.2', '0.4', '0.6']);
  expect(textsIn(200)).toEqual(['−0.5', '0', '0.5']);
});
