import {describe, expect, test} from 'vitest';
import type {Comparison} from '../../pipeline/core/champion/comparison.ts';
import {formatReport, type ReportDetails} from '../../pipeline/report/report-text.ts';
import {type Result, summariseChampion} from '../../pipeline/run/outcome.ts';
import {evaluation, twoTargets} from '../helpers/evaluation.ts';
import {champion, compared, promoted} from '../helpers/promoted-run.ts';

describe('the report for a terminal', () => {
  /** The lines about the champion: the one with that label, and those below it that have none. */
  const championLines = (change: Partial<Result>) => {
    const lines = formatReport({...promoted, ...change}).split('\n');
    const start = lines.findIndex(line => line.startsWith('  champion'));
    const next = lines.findIndex((line, i) => i > start && !line.startsWith('   '));
    return lines.slice(start, next);
  };

  test('compares on two lines', () => {
    expect(championLines({})).toEqual([
      '  champion  ba9876543210-76543210 mse 0.2 on the same test rows; the champion was trained on 28 of the 30 test rows, which flatters it',
      '            squared error a row, challenger − champion: 0.05 (95 % interval -0.01235 to 0.1123), not distinguishable on 30 rows',
    ]);
  });

  test.each([
    {interval: {low: 0.01, high: 0.2}, words: 'distinguishably worse on 30 rows'},
    {interval: {low: -0.2, high: -0.01}, words: 'distinguishably better on 30 rows'},
    {interval: {low: 0, high: 0}, words: 'the same on 30 rows'},
  ])('calls an interval of $interval.low to $interval.high $words', ({interval, words}) => {
    const difference = {...compared.difference, interval: {level: 0.95, ...interval} as const};
    const [, line] = championLines({champion: summariseChampion({...compared, difference})});
    expect(line).toContain(words);
  });

  test('says what the comparison lacks', () => {
    const comparison: Comparison = {
      ...compared,
      difference: {...compared.difference, interval: null, rows: 1},
      overlap: {rows: null, reason: 'other data'},
      ownFeatures: {champion: ['b'], challenger: ['c', 'd']},
    };
    expect(championLines({champion: summariseChampion(comparison)})).toEqual([
      '  champion  ba9876543210-76543210 mse 0.2 on the same test rows; only the champion uses b; only the challenger uses c, d; how many of the test rows the champion was trained on cannot be told: other data',
      '            squared error a row, challenger − champion: 0.05; one row tells nothing about others',
    ]);
  });

  test('says that there is no champion yet', () => {
    const gate = {passed: true, rules: [], comparison: 'first' as const};
    expect(championLines({champion: null, gate})).toEqual([
      '  champion  none: this channel has no release before this one',
    ]);
    expect(summariseChampion({status: 'first'})).toBeNull();
    expect(summariseChampion({status: 'none'})).toBeNull();
  });

  test('says why the champion was not scored', () => {
    const comparison: Comparison = {status: 'incomparable', champion, reasons: ['features: other ones']};
    expect(championLines({champion: summariseChampion(comparison)})).toEqual([
      '  champion  ba9876543210-76543210 not comparable: features: other ones',
    ]);
  });
});

describe('the tables for a terminal', () => {
  const rules = [
    {metric: 'mse', max: 0.3},
    {metric: 'r2', min: 0.95},
    {metric: 'vif.max', max: 10},
    {metric: 'image.layerMiB', max: 1},
  ];
  const tablesOf = (details: ReportDetails) => {
    const lines = formatReport(promoted, details).split('\n');
    return lines.slice(lines.indexOf('') + 1);
  };

  test('tell each score with its baseline and limit, and each coefficient with its interval', () => {
    expect(`\n${tablesOf({evaluation, rules}).join('\n')}\n`).toMatchInlineSnapshot(`
      "
        score                  model  baseline  limit
        mse                     0.25       2.5  at most 0.3, met
        mse.ci.lower           0.125            95 % interval
        mse.ci.upper           0.375
        rmse                     0.5
        mae                      0.4
        medianAbsoluteError      0.3
        maxError                1.25
        r2                       0.9            at least 0.95, missed
        bias                 -0.0625
        cv.mse.mean             0.26            5 folds
        cv.mse.sd               0.04
        mse@class=x             0.24            29 rows, bias -0.0625
        mse@class=y             0.54            1 row, bias -0.0625
        vif.max                 12.5            at most 10, missed

        coefficient  estimate    95 % interval         p   vif
        intercept         1.5           1 to 2  0.000123
        a                   2     1.75 to 2.25   < 2e-16  12.5
        b                -0.5  -1.125 to 0.125    0.0625  1.25
      "
    `);
  });

  test('are not there where nothing was evaluated', () => {
    const lines = formatReport(promoted, {rules}).split('\n');
    expect(lines).toContain('  rmse      0.5');
    expect(lines).not.toContain('');
  });

  test('have a column for the target where there are several', () => {
    const lines = tablesOf({evaluation: twoTargets});
    expect(lines).toContain('  mse.width               0.75');
    expect(lines).toContain('  width   b                -0.5  -1.125 to 0.125    0.0625  1.25');
  });

  test('stay aligned with names of wide characters', () => {
    const rename = (name: string | null) => (name === 'a' ? '長さ' : name);
    const {statistics} = evaluation;
    const targets = statistics.targets.map(target => {
      const coefficients = target.coefficients.map(known => ({...known, feature: rename(known.feature)}));
      return {...target, coefficients};
    });
    const lines = tablesOf({evaluation: {...evaluation, statistics: {...statistics, targets}}});
    expect(lines).toContain('  長さ                2     1.75 to 2.25   < 2e-16');
    expect(lines).toContain('  b                -0.5  -1.125 to 0.125    0.0625  1.25');
  });

  test('give what is met and what is missed its colour', () => {
    const paint: ReportDetails['paint'] = (style, text) => `<${style}>${text}</${style}>`;
    const report = formatReport({...promoted, outcome: 'rejected'}, {evaluation, rules, paint});
    expect(report).toMatch(/^<bad>REJECTED<\/bad> iris /);
    expect(report).toContain('<good>at most 0.3, met</good>');
    expect(report).toContain('<bad>at least 0.95, missed</bad>');
    expect(report).toMatch(/<title>coefficient +estimate +95 % interval +p +vif<\/title>/);
  });

  test('keep names on one line, and from what a terminal would obey', () => {
    const [group] = evaluation.groups;
    const values = ['\u001b[31mred\nx', 'y'.repeat(60)].flatMap(value =>
      (group?.values ?? []).slice(0, 1).map(known => ({...known, value})),
    );
    const lines = tablesOf({evaluation: {...evaluation, groups: [{column: 'class', values}]}});
    expect(lines.filter(line => line.includes('class='))).toEqual([
      '  mse@class=\ufffd[31mred\ufffdx                         0.24            29 rows, bias -0.0625',
      `  mse@class=${'y'.repeat(29)}…     0.24            29 rows, bias -0.0625`,
    ]);
  });

  test('end after 20 coefficients', () => {
    const {statistics} = evaluation;
    const targets = statistics.targets.map(target => {
      const [, , last] = target.coefficients;
      const coefficients = Array.from({length: 25}, () => last).filter(known => known !== undefined);
      return {...target, coefficients};
    });
    const lines = tablesOf({evaluation: {...evaluation, statistics: {...statistics, targets}}});
    expect(lines.at(-1)).toBe('  and 5 more in report.html');
  });
});
