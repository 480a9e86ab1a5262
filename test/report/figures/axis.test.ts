import {expect, test} from 'vitest';
import {chooseAxis} from '../../../pipeline/report/figures/axis.ts';

test.each([
  {values: [0, 7], ticks: [0, 2.5, 5], texts: ['0', '2.5', '5']},
  {values: [-0.5, 1], ticks: [-0.5, 0.30000000000000004], texts: ['−0.5', '0.3']},
  {values: [499_999_996, 500_000_006], ticks: [499_999_998], texts: ['499999998']},
  {values: [-1e-7, 2e-7], ticks: [-1e-7, 2.7e-23, 1.5e-7], texts: ['−1e−7', '0', '1.5e−7']},
  {values: [0, 4.5e12], ticks: [0, 2e12], texts: ['0', '2e12']},
])('writes as many digits as tell the ticks between $values apart', ({values, ticks, texts}) => {
  const {tickFormat} = chooseAxis(values);
  expect(ticks.map(tickFormat)).toEqual(texts);
});

test.each([{values: [0, 0]}, {values: [5, 5]}, {values: []}, {values: [-3]}])(
  'has a width for $values',
  ({values}) => {
    const [low, high] = chooseAxis(values).domain;
    expect(high).toBeGreaterThan(low);
    for (const value of values) expect(value > low && value < high).toBe(true);
  },
);
