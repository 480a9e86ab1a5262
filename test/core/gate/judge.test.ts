import {describe, expect, test} from 'vitest';
import type {Comparison} from '../../../pipeline/core/champion/comparison.ts';
import type {PairedDifference} from '../../../pipeline/core/champion/paired-difference.ts';
import {judge, judgeWithoutImage} from '../../../pipeline/core/gate/judge.ts';
import {listMetricNames} from '../../../pipeline/core/gate/name-metrics.ts';
import type {Rule} from '../../../pipeline/core/gate/rules.ts';
import {Verdict} from '../../../pipeline/core/gate/verdict.ts';
import {evaluation, image} from '../../helpers/gate-evidence.ts';

const comparison = {status: 'none'} as const;
const evidence = {evaluation, image, comparison};
const judgeBy = (...rules: Rule[]) => judge({rules}, evidence);

/** A comparison with a champion of this mse on the same 30 rows, and this interval of the paired difference. */
function compared(mse: number, interval: PairedDifference['interval']): Comparison {
  const before = {mse, rmse: 0.5, mae: 0.4, r2: 0.9};
  return {
    status: 'compared',
    champion: {
      reference: 'registry/iris',
      digest: `sha256:${'d'.repeat(64)}`,
      tag: 'ba9876543210-76543210',
      version: 'ba9876543210',
    },
    metrics: {...before, targets: {height: before}, baseline: {mse: 2.5}},
    difference: {of: 'squared error', mean: evaluation.mse - mse, interval, rows: interval === null ? 1 : 30},
    overlap: {rows: 0, reason: null},
    ownFeatures: {champion: [], challenger: []},
  };
}
const noise = {level: 0.95, low: -0.1, high: 0.2} as const;
const worse = {level: 0.95, low: 0.01, high: 0.2} as const;

describe('the gate', () => {
  test('passes when every rule does, limits included', () => {
    expect(judgeBy({metric: 'mse', max: 0.25}, {metric: 'r2', min: 0.9})).toEqual({
      passed: true,
      rules: [
        {metric: 'mse', value: 0.25, max: 0.25, passed: true},
        {metric: 'r2', value: 0.9, min: 0.9, passed: true},
      ],
      comparison,
    });
  });

  test('fails when one rule does, and still lists the others', () => {
    const verdict = judgeBy({metric: 'mse', max: 0.2}, {metric: 'r2', min: 0.5});
    expect(verdict.passed).toBe(false);
    expect(verdict.rules.map(rule => rule.passed)).toEqual([false, true]);
  });

  test('has a value for every metric that a rule may name', () => {
    const subjects = {targets: ['height'], categories: [{name: 'size', values: ['tall']}]};
    const verdict = judgeBy(...listMetricNames(subjects).map(metric => ({metric, max: 1e9})));
    expect(Object.fromEntries(verdict.rules.map(({metric, value}) => [metric, value]))).toEqual({
      mse: 0.25,
      rmse: 0.5,
      mae: 0.4,
      r2: 0.9,
      medianAbsoluteError: 0.35,
      maxError: 0.8,
      bias: -0.1,
      'mse.height': 0.25,
      'rmse.height': 0.5,
      'mae.height': 0.4,
      'r2.height': 0.9,
      'medianAbsoluteError.height': 0.35,
      'maxError.height': 0.8,
      'bias.height': -0.1,
      'mse.ci.lower': 0.2,
      'mse.ci.upper': 0.3,
      'cv.mse.mean': 0.26,
      'cv.mse.sd': 0.02,
      adjustedR2: 0.94,
      residualStandardError: 0.5,
      'adjustedR2.height': 0.94,
      'residualStandardError.height': 0.5,
      'vif.max': 2.25,
      condition: 3,
      'mse@size=tall': 0.5,
      'rmse@size=tall': 0.5,
      'mae@size=tall': 0.4,
      'r2@size=tall': null,
      'medianAbsoluteError@size=tall': 0.35,
      'maxError@size=tall': 0.8,
      'bias@size=tall': -0.1,
      'mse.height@size=tall': 0.5,
      'rmse.height@size=tall': 0.5,
      'mae.height@size=tall': 0.4,
      'r2.height@size=tall': null,
      'medianAbsoluteError.height@size=tall': 0.35,
      'maxError.height@size=tall': 0.8,
      'bias.height@size=tall': -0.1,
      'baseline.mse': 2.5,
      'baseline.ratio': 0.1,
      'image.layerMiB': 0.5,
      'image.sizeMiB': 150,
      'smoke.startupMs': 120,
      'smoke.p50Ms': 0.5,
      'smoke.p99Ms': 2,
    });
  });

  test('has no value of one target for several', () => {
    const {statistics} = evaluation;
    const [height] = statistics.targets;
    const targets = height === undefined ? [] : [height, {...height, target: 'width'}];
    const several = {...evaluation, statistics: {...statistics, targets}};
    const rules = [
      {metric: 'adjustedR2', min: 0},
      {metric: 'adjustedR2.width', min: 0},
    ];
    const verdict = judge({rules}, {...evidence, evaluation: several});
    expect(verdict.rules.map(({value}) => value)).toEqual([null, 0.94]);
  });

  test('judges a model that was not built anew by the rules that need no image', () => {
    const rules = [
      {metric: 'mse', max: 0.1},
      {metric: 'image.sizeMiB', max: 1},
    ];
    expect(judgeWithoutImage({rules}, {evaluation, comparison})).toEqual({
      passed: false,
      rules: [{metric: 'mse', value: 0.25, max: 0.1, passed: false}],
      comparison,
    });
    expect(judgeWithoutImage({rules: rules.slice(1)}, {evaluation, comparison})).toMatchObject({
      passed: true,
      rules: [],
    });
  });

  test('fails a rule whose metric has no value', () => {
    const noRows = judgeBy({metric: 'mse@size=small', max: 1}, {metric: 'r2@size=tall', min: 0});
    expect(noRows.rules.map(({value, passed}) => ({value, passed}))).toEqual([
      {value: null, passed: false},
      {value: null, passed: false},
    ]);
    const rules = [{metric: 'image.sizeMiB', max: 1e9}];
    const verdict = judge({rules}, {...evidence, image: {...image, sizeBytes: null}});
    expect(verdict.rules).toEqual([{metric: 'image.sizeMiB', value: null, max: 1e9, passed: false}]);
  });
});

describe("the champion's rule", () => {
  const judgeAgainst = (
    against: Comparison,
    rule: {maxIncrease: number; significant?: boolean; metric?: string},
  ) =>
    judge(
      {rules: [{metric: 'mse', max: 1}], champion: {metric: 'mse', ...rule}},
      {...evidence, comparison: against},
    );
  const increaseOf = (...args: Parameters<typeof judgeAgainst>) => judgeAgainst(...args).rules.at(-1);

  // 0.25 / 0.2 − 1 = 0.25, both ends of the limit included
  test('compares relative to the champion, limit included', () => {
    expect(increaseOf(compared(0.2, worse), {maxIncrease: 0.25})).toEqual({
      metric: 'champion.mse.increase',
      value: expect.closeTo(0.25, 15),
      max: 0.25,
      passed: true,
    });
    const rejected = judgeAgainst(compared(0.2, noise), {maxIncrease: 0.24});
    expect(rejected).toMatchObject({passed: false, rules: [{passed: true}, {passed: false}]});
    expect(increaseOf(compared(0.5, noise), {maxIncrease: 0})).toMatchObject({value: -0.5, passed: true});
  });

  test('reads the metric of one target where the rule names one', () => {
    const result = increaseOf(compared(0.2, worse), {metric: 'mse.height', maxIncrease: 0.1});
    expect(result).toMatchObject({metric: 'champion.mse.height.increase', value: expect.closeTo(0.25, 15)});
    expect(increaseOf(compared(0.2, worse), {metric: 'mae', maxIncrease: 0})).toMatchObject({
      value: 0,
      passed: true,
    });
  });

  test('rejects only a significant increase where the rule asks for it', () => {
    const judgeIt = (interval: PairedDifference['interval'], maxIncrease = 0.02) =>
      increaseOf(compared(0.2, interval), {maxIncrease, significant: true})?.passed;
    expect(judgeIt(worse)).toBe(false);
    expect(judgeIt(noise)).toBe(true);
    expect(judgeIt(worse, 0.5)).toBe(true);
    // from 0 upwards: 0 itself is within the interval
    expect(judgeIt({level: 0.95, low: 0, high: 0.2})).toBe(true);
    // one row has no interval, which excludes nothing
    expect(judgeIt(null)).toBe(true);
  });

  test('takes any increase over a champion without error for too large', () => {
    const exact = compared(0, worse);
    expect(increaseOf(exact, {maxIncrease: 9})).toMatchObject({value: null, passed: false});
    expect(increaseOf(exact, {maxIncrease: 9, significant: true})).toMatchObject({
      value: null,
      passed: false,
    });
    expect(increaseOf(compared(0, noise), {maxIncrease: 9, significant: true})).toMatchObject({passed: true});
    const perfect = {...evidence, evaluation: {...evaluation, mse: 0}, comparison: compared(0, noise)};
    const rules = [{metric: 'mse', max: 1}];
    expect(judge({rules, champion: {metric: 'mse', maxIncrease: 0}}, perfect).rules[1]).toMatchObject({
      value: 0,
      passed: true,
    });
  });

  test.each<Comparison>([
    {status: 'none'},
    {status: 'first'},
    {
      status: 'incomparable',
      champion: {reference: 'r', digest: `sha256:${'d'.repeat(64)}`, tag: 't', version: 'v'},
      reasons: ['features'],
    },
  ])('leaves the decision to the absolute rules where the comparison is $status', against => {
    const verdict = judgeAgainst(against, {maxIncrease: 0});
    expect(verdict.rules.map(({metric}) => metric)).toEqual(['mse']);
    expect(verdict).toMatchObject({passed: true, comparison: against});
  });

  test('makes a verdict that survives verdict.json', () => {
    const verdict = judgeAgainst(compared(0.2, null), {maxIncrease: 0.3});
    expect(Verdict.parse(JSON.parse(JSON.stringify(verdict)))).toEqual(verdict);
  });
});
