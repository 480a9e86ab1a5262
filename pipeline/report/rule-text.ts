import {readIncreaseName} from '../core/gate/champion-rule.ts';
import type {RuleResult} from '../core/gate/verdict.ts';

/** One line about a rule: its value, its limit, and by how much a failed one missed it. */
export function describeRule(rule: RuleResult): string {
  const {metric, value, max, min, passed} = rule;
  const compared = readIncreaseName(metric);
  if (compared !== null) return describeIncrease(compared, rule);
  const limit = describeLimit(rule);
  if (value === null) return `${metric} has no value${explainMissing(metric)}, expected ${limit}`;
  if (passed) return `${metric} ${value} is ${limit}`;
  const excess = max !== undefined && value > max ? value - max : (min ?? value) - value;
  return `${metric} ${value} is not ${limit}: off by ${Number(excess.toPrecision(4))}`;
}

/** A rule's limits: "at most 0.2". */
export function describeLimit({max, min}: {max?: number | undefined; min?: number | undefined}): string {
  const bounds = [max === undefined ? '' : `at most ${max}`, min === undefined ? '' : `at least ${min}`];
  return bounds.filter(bound => bound !== '').join(' and ');
}

/** A share in percent with as few digits as tell it from the other: 2.004 % beside 2 %. */
export function formatPercentBeside(share: number, other: number | null): string {
  for (let digits = 2; digits < 15; digits++) {
    const text = formatPercent(share, digits);
    if (other === null || share === other || text !== formatPercent(other)) return text;
  }
  return formatPercent(share, 15);
}

/** A share in percent, rounded to so many significant digits. */
export function formatPercent(share: number, digits = 12): string {
  return `${Number((100 * share).toPrecision(digits))} %`;
}

/** One line about the champion's rule: "mse is 3.1 % above the champion's, at most 2 % allowed". */
function describeIncrease(metric: string, {value, max = 0, passed}: RuleResult): string {
  const limit = `at most ${formatPercent(max)} ${value === null || value > 0 ? '' : 'above it '}allowed`;
  const isWithin = value !== null && value <= max;
  const excuse = passed && !isWithin ? ', but not significantly' : '';
  if (value === null) return `${metric} is above the champion's, which is next to 0${excuse}, ${limit}`;
  if (value === 0) return `${metric} equals the champion's, ${limit}`;
  const amount = formatPercentBeside(Math.abs(value), value > 0 ? max : null);
  return `${metric} is ${amount} ${value > 0 ? 'above' : 'below'} the champion's${excuse}, ${limit}`;
}

/** Why a score on the rows of a category may be missing; other metrics speak for themselves. */
function explainMissing(metric: string): string {
  const [, score = '', group] = /^([^@]*)@(.*)$/s.exec(metric) ?? [];
  if (group === undefined) return '';
  const few = score.startsWith('r2') ? 'fewer than two test rows have' : 'no test row has';
  return ` (${few} ${group}, or the column has too many values to be scored by)`;
}
