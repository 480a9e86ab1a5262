import {readIncreaseName} from '../core/gate/rules.ts';
import type {RuleResult} from '../core/gate/verdict.ts';
import {formatNumber, formatScore} from './number-text.ts';
import {describeLimit, formatPercent, formatPercentBeside} from './rule-text.ts';

/** What a table of gate rules says about one of them. */
export function describeRuleCells(rule: RuleResult): {value: string; limit: string; result: string} {
  const {metric, value, max, passed} = rule;
  const result = passed ? 'passed' : 'failed';
  if (readIncreaseName(metric) === null || max === undefined)
    return {value: formatScore(value), limit: describeLimit(rule), result};
  const isExcused = passed && (value === null || value > max);
  return {
    value: value === null ? 'undefined' : formatPercentBeside(value, max),
    limit: `at most ${formatPercent(max)}`,
    result: isExcused ? 'passed: not significant' : result,
  };
}

/** What the challenger's score is above the champion's; for errors also as a share of it. Empty where one has none. */
export function formatChange(name: string, value: number | null, before: number | null): string {
  if (value === null || before === null) return '';
  const change = value - before;
  const sign = (amount: number) => (amount > 0 ? '+' : '');
  const absolute = `${sign(change)}${formatNumber(change)}`;
  const share = change / before;
  if (name.startsWith('r2') || !Number.isFinite(share)) return absolute;
  return `${absolute} (${sign(share)}${formatPercent(share, 2)})`;
}
