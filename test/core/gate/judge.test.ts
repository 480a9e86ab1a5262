import {describe, expect, test} from 'vitest';
import type {Comparison} from '../../../pipeline/core/champion/comparison.ts';
import type {PairedDifference} from '../../../pipeline/core/champion/paired-difference.ts';
import type {Evaluation} from '../../../pipeline/core/evaluation/evaluation.ts';
import {describeRule, judge, overrideRules, type Rule} from '../../../pipeline/core/gate/judge.ts';
import {listMetricNames} from '../../../pipeline/core/gate/metric-names.ts';
import {type BuildEvidence, type SmokeEvidence, Verdict} from '../../../pipeline/core/release/evidence.ts';

const subject = {kind: 'image', engine: 'docker', id: `sha256:${'a'.repeat(64)}`} as const;
const build: BuildEvidence = {
  subject,
  tag: '0123456789ab-01234567',
  imageName: 'iris:0123456789ab-01234567',
  modelVersion: '0123456789ab',
  serverSha256: 'b'.repeat(64),
  layerBytes: 524_288,
  sizeBytes: 150 * 1_048_576,
  base: {name: 'base', digest: `sha256:${'c'.repeat(64)}`},
};
const smoke: SmokeEvidence = {subject, passed: true, checks: [], startupMs: 120, p50Ms: 0.5, p99Ms: 2};
const scores = {
  mse: 0.25,
  rmse: 0.5,
  mae: 0.4,
  medianAbsoluteError: 0.35,
  maxError: 0.8,
  r2: 0.9,
  bias: -0.1,
};
const tallScores = {...scores, mse: 0.5, r2: null};
const evaluation: Evaluation = {
  rows: 30,
  ...scores,
  targets: {height: scores},
  baseline: {mse: 2.5},
  interval: {level: 0.95, lower: 0.2, upper: 0.3, resamples: 1000, seed: 42},
  crossValidation: {folds: 2, seed: 42, mse: {mean: 0.26, sd: 0.02}, values: [0.25, 0.27]},
  groups: [
    {column: 'size', values: [{value: 'tall', rows: 1, scores: tallScores, targets: {height: tallScores}}]},
  ],
  worst: [],
  statistics: {
    rows: 120,
    degreesOfFreedom: 117,
    conditionNumber: 3,
    varianceInflation: [
      {feature: 'a', value: 1.5},
      {feature: 'b', value: 2.25},
    ],
    targets: [
      {target: 'height', residualStandardError: 0.5, r2: 0.95, adjustedR2: 0.94, f: null, coefficients: []},
    ],
  },
};
const comparison = {status: 'none'} as const;
const evidence = {evaluation, build, smoke, comparison};
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
      subject,
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

  test('says that a group has no rows', () => {
    const rules = [
      {metric: 'mse@size=small', max: 1},
      {metric: 'r2@size=tall', min: 0},
      {metric: 'cv.mse.mean', max: 1},
    ];
    const verdict = judge({rules}, {...evidence, evaluation: {...evaluation, crossValidation: null}});
    expect(verdict.passed).toBe(false);
    expect(verdict.rules.map(describeRule)).toEqual([
      'mse@size=small has no value (no test row has size=small, or the column has too many values to be scored by), expected at most 1',
      'r2@size=tall has no value (fewer than two test rows have size=tall, or the column has too many values to be scored by), expected at least 0',
      'cv.mse.mean has no value, expected at most 1',
    ]);
  });

  test('fails a rule whose metric has no value', () => {
    const rules = [{metric: 'image.sizeMiB', max: 1e9}];
    const verdict = judge({rules}, {...evidence, build: {...build, sizeBytes: null}});
    expect(verdict.rules).toEqual([{metric: 'image.sizeMiB', value: null, max: 1e9, passed: false}]);
  });

  test('asks for better than the mean where nothing is declared', () => {
    expect(judgeBy().rules).toEqual([{metric: 'baseline.ratio', value: 0.1, max: 1, passed: true}]);
    expect(judge({rules: []}, {...evidence, evaluation: {...evaluation, mse: 3}}).passed).toBe(false);
  });

  test('puts the limits of the command line in the place of declared ones', () => {
    const declared = [
      {metric: 'mse', max: 0.2},
      {metric: 'r2', min: 0.9},
      {metric: 'mae', max: 1},
    ];
    expect(overrideRules(declared, {maxMse: 0.1})).toEqual([
      {metric: 'mse', max: 0.1},
      {metric: 'r2', min: 0.9},
      {metric: 'mae', max: 1},
    ]);
    expect(overrideRules(declared, {minR2: 0.5})).toEqual([
      {metric: 'r2', min: 0.5},
      {metric: 'mse', max: 0.2},
      {metric: 'mae', max: 1},
    ]);
    expect(overrideRules(declared, {})).toEqual(declared);
  });

  test('says by how much a rule was missed', () => {
    expect(
      judgeBy(
        {metric: 'mse', max: 0.2},
        {metric: 'r2', min: 0.95},
        {metric: 'mae', min: 0.1, max: 0.5},
      ).rules.map(describeRule),
    ).toEqual([
      'mse 0.25 is not at most 0.2: off by 0.05',
      'r2 0.9 is not at least 0.95: off by 0.05',
      'mae 0.4 is at most 0.5 and at least 0.1',
    ]);
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
