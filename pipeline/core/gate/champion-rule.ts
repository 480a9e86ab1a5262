import type {Metrics} from '../../../serve/artifact/artifact.ts';
import type {Comparison} from '../champion/comparison.ts';
import type {Descriptor} from '../dataset/descriptor-schema.ts';
import {listScores} from '../evaluation/metrics.ts';
import type {RuleResult} from '../release/evidence.ts';

export type ChampionRule = NonNullable<Descriptor['gate']['champion']>;
type Compared = Extract<Comparison, {status: 'compared'}>;

/**
 * Judges how much worse than the champion a challenger is: its metric, relative to the champion's on the same
 * rows, may be at most `maxIncrease` more.
 *
 * A rule that asks for significance fails only when also the 95 % interval of the mean difference of squared
 * errors lies above 0; a single test row has no interval, and so never fails it. Where the champion's metric is
 * 0, an equal challenger has the increase 0 and any other none that could be told (value null), which exceeds
 * every limit.
 */
export function judgeIncrease(rule: ChampionRule, challenger: Metrics, champion: Compared): RuleResult {
  const before = listScores(champion.metrics).get(rule.metric) ?? null;
  const today = listScores(challenger).get(rule.metric) ?? null;
  const value = before === null || today === null ? null : findIncrease(before, today);
  const isWithin = value !== null && value <= rule.maxIncrease;
  const mayBeChance = rule.significant === true && (champion.difference.interval?.low ?? 0) <= 0;
  return {
    metric: `champion.${rule.metric}.increase`,
    value,
    max: rule.maxIncrease,
    passed: isWithin || (today !== null && mayBeChance),
  };
}

/** The metric in `champion.<metric>.increase`; null for the name of another rule. */
export function readIncreaseName(name: string): string | null {
  return /^champion\.(.+)\.increase$/s.exec(name)?.[1] ?? null;
}

/** One line about the champion's rule: "mse is 3.1 % above the champion's, at most 2 % allowed". */
export function describeIncrease(metric: string, {value, max = 0, passed}: RuleResult): string {
  const limit = `at most ${formatPercent(max)} ${value === null || value > 0 ? '' : 'above it '}allowed`;
  const isWithin = value !== null && value <= max;
  const excuse = passed && !isWithin ? ', but not significantly' : '';
  if (value === null) return `${metric} is above the champion's, which is next to 0${excuse}, ${limit}`;
  if (value === 0) return `${metric} equals the champion's, ${limit}`;
  const amount = formatPercentBeside(Math.abs(value), value > 0 ? max : null);
  return `${metric} is ${amount} ${value > 0 ? 'above' : 'below'} the champion's${excuse}, ${limit}`;
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

/** The increase relative to the champion, exact where the two are close; null where it has no finite value. */
function findIncrease(champion: number, challenger: number): number | null {
  if (challenger === champion) return 0;
  const increase = (challenger - champion) / champion;
  return Number.isFinite(increase) ? increase : null;
}
