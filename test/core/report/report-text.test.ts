import {describe, expect, test} from 'vitest';
import type {Comparison} from '../../../pipeline/core/champion/comparison.ts';
import {formatReport} from '../../../pipeline/core/report/report-text.ts';
import {type Result, summariseChampion} from '../../../pipeline/result.ts';
import {champion, compared, promoted} from '../../helpers/promoted-run.ts';

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
