import {type AskedRule, type RuleOrigin, readIncreaseName} from '../core/gate/rules.ts';
import type {RuleResult} from '../core/gate/verdict.ts';
import {formatNumber} from './number-text.ts';

interface Limits {
  max?: number | undefined;
  min?: number | undefined;
}

/**
 * One line about a rule: its value, its limit, and by how much a failed one missed it.
 *
 * @param testRows how many rows the model was scored on, where the reader should be told.
 */
export function describeRule(rule: RuleResult, {testRows}: {testRows?: number | undefined} = {}): string {
  const {metric, value, max, min, passed} = rule;
  const compared = readIncreaseName(metric);
  if (compared !== null) return describeIncrease(compared, rule);
  const limit = describeLimit(rule);
  if (value === null) return `${metric} has no value${explainMissing(metric)}, expected ${limit}`;
  if (metric === 'baseline.ratio') return describeRatio(value, rule, testRows);
  const isAbove = max !== undefined && value > max;
  const missed = isAbove ? max : (min ?? value);
  if (passed) return `${metric} ${formatNumber(value)} is ${limit}`;
  const excess = formatNumber(Math.abs(value - missed), 4);
  return `${metric} ${formatBeside(value, missed)} is not ${limit}: off by ${excess}`;
}

/** A rule's limits: "at most 0.2". */
export function describeLimit({max, min}: Limits): string {
  const bounds = [
    ...(max === undefined ? [] : [`at most ${formatNumber(max, 15)}`]),
    ...(min === undefined ? [] : [`at least ${formatNumber(min, 15)}`]),
  ];
  return bounds.join(' and ');
}

/**
 * What to do about rules that failed: train better, or change each where it was declared.
 *
 * @param descriptor the file that declared those of them that came from one.
 */
export function describeGateFix(
  failed: readonly RuleResult[],
  {rules, descriptor}: {rules: readonly AskedRule[]; descriptor: string},
): string {
  const origins = failed.map(({metric}) => rules.find(rule => rule.metric === metric)?.from);
  const ways = failed.map((rule, i) => describeWay(rule, origins[i] ?? 'descriptor', descriptor));
  const start = 'Nothing was pushed and the channel has not moved. Train a better model';
  if (origins.includes('default')) {
    return `${start}, from columns that tell more of the target. No gate rule was declared, so the model must beat predicting the mean; with a limit of your own, such as --max-mse NUMBER, it need not.`;
  }
  return `${start}, or ${[...new Set(ways)].join('; or ')}`;
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

/** What would make a failed rule pass. */
function describeWay({metric, value}: RuleResult, from: RuleOrigin, descriptor: string): string {
  if (from === 'descriptor') {
    const rule =
      readIncreaseName(metric) === null ? `the gate's rule about "${metric}"` : '"champion" under "gate"';
    return `change ${rule} in ${descriptor}`;
  }
  if (value === null) return `leave out ${from}`;
  return from === '--max-mse'
    ? `allow more: ${from} ${roundUp(value)}`
    : `allow less: ${from} ${-roundUp(-value)}`;
}

/** The next number from here upwards that has two significant digits. */
function roundUp(value: number): number {
  const near = Number(value.toPrecision(2));
  if (near >= value) return near;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(near))) - 1);
  return Number((near + step).toPrecision(2));
}

/** Says how a model stands to predicting the mean of the training rows. */
function describeRatio(value: number, limits: Limits, testRows: number | undefined): string {
  const rows = testRows === undefined ? '' : ` on ${testRows} test ${testRows === 1 ? 'row' : 'rows'}`;
  const times = `${formatBeside(value, 1, 3)} times as large`;
  if (limits.max !== 1 || limits.min !== undefined)
    return `mse ${times} as that of predicting the mean${rows}, expected ${describeLimit(limits)} times`;
  if (value === 1) return `as good as predicting the mean${rows}`;
  return `${value > 1 ? 'worse' : 'better'} than predicting the mean (mse ${times})${rows}`;
}

/** A number with as few digits, at least so many, as tell it from the other. */
function formatBeside(value: number, other: number, leastDigits = 6): string {
  for (let digits = leastDigits; digits < 17; digits++) {
    const text = formatNumber(value, digits);
    if (value === other || text !== formatNumber(other, digits)) return text;
  }
  return formatNumber(value, 17);
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
