import {describe, expect, test} from 'vitest';
import type {BuildEvidence, SmokeEvidence} from '../../pipeline/core/evidence.ts';
import {describeRule, judge, overrideRules} from '../../pipeline/core/gate.ts';
import {listMetricNames} from '../../pipeline/core/metric-names.ts';
import type {Metrics} from '../../serve/artifact.ts';

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
const metrics: Metrics = {
  mse: 0.25,
  rmse: 0.5,
  mae: 0.4,
  r2: 0.9,
  targets: {height: {mse: 0.25, rmse: 0.5, mae: 0.4, r2: 0.9}},
  baseline: {mse: 2.5},
};
const judgeBy = (...rules: Parameters<typeof judge>[0]) => judge(rules, {metrics, build, smoke});

describe('the gate', () => {
  test('passes when every rule does, limits included', () => {
    expect(judgeBy({metric: 'mse', max: 0.25}, {metric: 'r2', min: 0.9})).toEqual({
      subject,
      passed: true,
      rules: [
        {metric: 'mse', value: 0.25, max: 0.25, passed: true},
        {metric: 'r2', value: 0.9, min: 0.9, passed: true},
      ],
    });
  });

  test('fails when one rule does, and still lists the others', () => {
    const verdict = judgeBy({metric: 'mse', max: 0.2}, {metric: 'r2', min: 0.5});
    expect(verdict.passed).toBe(false);
    expect(verdict.rules.map(rule => rule.passed)).toEqual([false, true]);
  });

  test('has a value for every metric that a rule may name', () => {
    const verdict = judgeBy(...listMetricNames(['height']).map(metric => ({metric, max: 1e9})));
    expect(Object.fromEntries(verdict.rules.map(({metric, value}) => [metric, value]))).toEqual({
      mse: 0.25,
      rmse: 0.5,
      mae: 0.4,
      r2: 0.9,
      'mse.height': 0.25,
      'rmse.height': 0.5,
      'mae.height': 0.4,
      'r2.height': 0.9,
      'baseline.mse': 2.5,
      'baseline.ratio': 0.1,
      'image.layerMiB': 0.5,
      'image.sizeMiB': 150,
      'smoke.startupMs': 120,
      'smoke.p50Ms': 0.5,
      'smoke.p99Ms': 2,
    });
  });

  test('fails a rule whose metric has no value', () => {
    const verdict = judge([{metric: 'image.sizeMiB', max: 1e9}], {
      metrics,
      build: {...build, sizeBytes: null},
      smoke,
    });
    expect(verdict.rules).toEqual([{metric: 'image.sizeMiB', value: null, max: 1e9, passed: false}]);
  });

  test('asks for better than the mean where nothing is declared', () => {
    expect(judgeBy().rules).toEqual([{metric: 'baseline.ratio', value: 0.1, max: 1, passed: true}]);
    expect(judge([], {metrics: {...metrics, mse: 3}, build, smoke}).passed).toBe(false);
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
