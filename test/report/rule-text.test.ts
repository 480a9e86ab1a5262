import {describe, expect, test} from 'vitest';
import {describeGateFix, describeRule} from '../../pipeline/report/rule-text.ts';

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

test('rounds to six digits, and to more where they tell a value from its limit', () => {
  expect(
    [
      {metric: 'mse', value: 0.1299198160575994, max: 0.2, passed: true},
      {metric: 'mse', value: 0.2000000041, max: 0.2, passed: false},
      {metric: 'smoke.p99Ms', value: 5.25, max: 5, passed: false},
    ].map(rule => describeRule(rule)),
  ).toEqual([
    'mse 0.12992 is at most 0.2',
    'mse 0.200000004 is not at most 0.2: off by 4.1e-9',
    'smoke.p99Ms 5.25 is not at most 5: off by 0.25',
  ]);
});

test.each([
  {
    value: 1.678400728300738,
    testRows: 10,
    text: 'worse than predicting the mean (mse 1.68 times as large) on 10 test rows',
  },
  {
    value: 1.00004,
    testRows: 1,
    text: 'worse than predicting the mean (mse 1.00004 times as large) on 1 test row',
  },
  {
    value: 0.1931,
    testRows: 30,
    text: 'better than predicting the mean (mse 0.193 times as large) on 30 test rows',
  },
  {value: 1, testRows: 30, text: 'as good as predicting the mean on 30 test rows'},
  {value: 2, testRows: undefined, text: 'worse than predicting the mean (mse 2 times as large)'},
])('puts the ratio $value to the mean into words', ({value, testRows, text}) => {
  const rule = {metric: 'baseline.ratio', value, max: 1, passed: value <= 1};
  expect(describeRule(rule, {testRows})).toBe(text);
});

test('puts a ratio with another limit into words', () => {
  const rule = {metric: 'baseline.ratio', value: 0.68125, max: 0.5, passed: false};
  expect(describeRule(rule, {testRows: 10})).toBe(
    'mse 0.681 times as large as that of predicting the mean on 10 test rows, expected at most 0.5 times',
  );
  const none = {metric: 'baseline.ratio', value: null, max: 1, passed: false};
  expect(describeRule(none)).toBe('baseline.ratio has no value, expected at most 1');
});

describe('what to do about a rejection', () => {
  const start = 'Nothing was pushed and the channel has not moved. Train a better model';
  const fixFor = (...failed: Parameters<typeof describeGateFix>[0]) =>
    describeGateFix(failed, {
      rules: [
        {metric: 'mse', max: 0.1, from: '--max-mse'},
        {metric: 'r2', min: 0.99, from: '--min-r2'},
        {metric: 'mae', max: 0.2, from: 'descriptor'},
        {metric: 'baseline.ratio', max: 1, from: 'default'},
      ],
      descriptor: 'data/iris.json',
    });

  test('names the option that set the limit, with a value that would pass', () => {
    expect(fixFor({metric: 'mse', value: 0.12992, max: 0.1, passed: false})).toBe(
      `${start}, or allow more: --max-mse 0.13`,
    );
    expect(fixFor({metric: 'r2', value: 0.9603, min: 0.99, passed: false})).toBe(
      `${start}, or allow less: --min-r2 0.96`,
    );
    expect(fixFor({metric: 'mse', value: 129_920, max: 0.1, passed: false})).toBe(
      `${start}, or allow more: --max-mse 130000`,
    );
    expect(fixFor({metric: 'mse', value: 1.55e-7, max: 1e-7, passed: false})).toBe(
      `${start}, or allow more: --max-mse 1.6e-7`,
    );
    expect(fixFor({metric: 'r2', value: -0.289, min: 0.99, passed: false})).toBe(
      `${start}, or allow less: --min-r2 -0.29`,
    );
    expect(fixFor({metric: 'r2', value: null, min: 0.99, passed: false})).toBe(
      `${start}, or leave out --min-r2`,
    );
  });

  test('names the descriptor and the rule in it', () => {
    expect(fixFor({metric: 'mae', value: 0.5, max: 0.2, passed: false})).toBe(
      `${start}, or change the gate's rule about "mae" in data/iris.json`,
    );
    expect(fixFor({metric: 'champion.mse.increase', value: 0.5, max: 0.2, passed: false})).toBe(
      `${start}, or change "champion" under "gate" in data/iris.json`,
    );
  });

  test('says that no rule was declared', () => {
    expect(fixFor({metric: 'baseline.ratio', value: 2, max: 1, passed: false})).toBe(
      `${start}, from columns that tell more of the target. No gate rule was declared, so the model must beat predicting the mean; with a limit of your own, such as --max-mse NUMBER, it need not.`,
    );
  });

  test('speaks of each failed rule once', () => {
    expect(
      fixFor(
        {metric: 'mse', value: 0.12, max: 0.1, passed: false},
        {metric: 'mae', value: 0.5, max: 0.2, passed: false},
      ),
    ).toBe(
      `${start}, or allow more: --max-mse 0.12; or change the gate's rule about "mae" in data/iris.json`,
    );
  });
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
