import {describe, expect, test} from 'vitest';
import type {Comparison} from '../../../pipeline/core/champion/comparison.ts';
import {Verdict} from '../../../pipeline/core/gate/verdict.ts';
import {VerdictEvidence} from '../../../pipeline/core/release/evidence.ts';
import {compared} from '../../helpers/promoted-run.ts';

const met = {metric: 'mse', value: 0.1, max: 0.2, passed: true};
const missed = {metric: 'r2', value: 0.5, min: 0.9, passed: false};
const increase = {metric: 'champion.mse.increase', value: 0.25, max: 0.02, passed: true};
const comparison: Comparison = {status: 'none'};

/** What is said of a verdict; nothing of one that agrees with itself. */
function complain(verdict: object): string[] {
  const {error} = Verdict.safeParse({comparison, ...verdict});
  return error?.issues.map(({message}) => message) ?? [];
}

describe('a verdict', () => {
  test('that agrees with itself is taken', () => {
    expect(complain({passed: true, rules: [met]})).toEqual([]);
    expect(complain({passed: false, rules: [met, missed]})).toEqual([]);
    expect(complain({passed: false, rules: [{metric: 'r2', value: null, min: 0, passed: false}]})).toEqual(
      [],
    );
  });

  test('that passed above a failed rule is refused', () => {
    expect(complain({passed: true, rules: [met, missed]})).toEqual([
      'it passed, and its rule about r2 failed',
    ]);
  });

  test('that failed above rules that all passed is refused', () => {
    expect(complain({passed: false, rules: [met]})).toEqual(['it failed, and each of its rules passed']);
  });

  test('that passed without a rule is refused', () => {
    expect(complain({passed: true, rules: []})).toEqual(['it has no rule']);
  });

  test('is refused where a rule passed though its value misses the limit', () => {
    const rules = [
      {...missed, passed: true},
      {metric: 'mae', value: null, max: 1, passed: true},
      {metric: 'rmse', value: 9, passed: true},
    ];
    expect(complain({passed: true, rules})).toEqual([
      'the rule about r2 passed, and its value 0.5 is below 0.9',
      'the rule about mae passed, and it has no value',
      'the rule about rmse has no limit',
    ]);
    expect(complain({passed: true, rules: [{...met, max: 0.05}]})).toEqual([
      'the rule about mse passed, and its value 0.1 is above 0.05',
    ]);
  });

  test('is refused where a rule failed though its value is within the limit', () => {
    expect(complain({passed: false, rules: [{...met, passed: false}]})).toEqual([
      'the rule about mse failed, and its value 0.1 is within its limit',
    ]);
  });

  test('may excuse an increase that is not significant, and no other', () => {
    const rules = [increase];
    expect(complain({passed: true, rules, comparison: compared})).toEqual([]);
    const interval = {level: 0.95, low: 0.01, high: 0.1};
    const significant = {...compared, difference: {...compared.difference, interval}};
    const found = 'the rule about champion.mse.increase passed, and its value 0.25 is above 0.02';
    expect(complain({passed: true, rules, comparison: significant})).toEqual([found]);
    expect(complain({passed: true, rules})).toEqual([found]);
  });

  test('about a subject is refused for the same', () => {
    const subject = {kind: 'bundle', sha256: 'a'.repeat(64)};
    expect(VerdictEvidence.safeParse({subject, comparison, passed: true, rules: [met]}).success).toBe(true);
    expect(VerdictEvidence.safeParse({subject, comparison, passed: true, rules: [missed]}).success).toBe(
      false,
    );
  });
});
