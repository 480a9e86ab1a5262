import {describe, expect, test} from 'vitest';
import {describeRule} from '../../pipeline/report/rule-text.ts';

test('says by how much a rule was missed', () => {
  expect(
    [
      {metric: 'mse', value: 0.25, max: 0.2, passed: false},
      {metric: 'r2', value: 0.9, min: 0.95, passed: false},
      {metric: 'mae', value: 0.4, min: 0.1, max: 0.5, passed: true},
    ].map(rule => describeRule(rule)),
  ).toEqual([
    'mse 0.25 is not at most 0.2: off by 0.05',
    'r2 0.9 is not at least 0.95: off by 0.05',
    'mae 0.4 is at most 0.5 and at least 0.1',
  ]);
});

test('says that a group has no rows', () => {
  expect(
    [
      {metric: 'mse@size=small', value: null, max: 1, passed: false},
      {metric: 'r2@size=tall', value: null, min: 0, passed: false},
      {metric: 'cv.mse.mean', value: null, max: 1, passed: false},
    ].map(rule => describeRule(rule)),
  ).toEqual([
    'mse@size=small has no value (no test row has size=small, or the column has too many values to be scored by), expected at most 1',
    'r2@size=tall has no value (fewer than two test rows have size=tall, or the column has too many values to be scored by), expected at least 0',
    'cv.mse.mean has no value, expected at most 1',
  ]);
});

describe("the champion's rule", () => {
  test.each([
    {value: 0.0312, passed: false, text: "mse is 3.1 % above the champion's, at most 2 % allowed"},
    {value: 0.0112, passed: true, text: "mse is 1.1 % above the champion's, at most 2 % allowed"},
    {value: 0.02004, passed: false, text: "mse is 2.004 % above the champion's, at most 2 % allowed"},
    {value: -0.02, passed: true, text: "mse is 2 % below the champion's, at most 2 % above it allowed"},
    {value: 0, passed: true, text: "mse equals the champion's, at most 2 % above it allowed"},
    {
      value: 0.156,
      passed: true,
      text: "mse is 16 % above the champion's, but not significantly, at most 2 % allowed",
    },
    {
      value: null,
      passed: false,
      text: "mse is above the champion's, which is next to 0, at most 2 % allowed",
    },
  ])('says $text', ({value, passed, text}) => {
    expect(describeRule({metric: 'champion.mse.increase', value, max: 0.02, passed})).toBe(text);
  });
});
