import type {Comparison} from '../champion/comparison.ts';
import {isSurelyWorse} from '../champion/paired-difference.ts';
import {listScoreValues, type ScoreSet} from './measure.ts';
import {type Metric, metrics} from './metrics.ts';
import {type ChampionRule, nameIncrease} from './rules.ts';
import type {RuleResult} from './verdict.ts';

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
export function judgeIncrease(
  rule: ChampionRule,
  challenger: ScoreSet,
  champion: Compared,
  table: readonly Metric[] = metrics,
): RuleResult {
  const before = listScoreValues(champion.metrics, table).get(rule.metric) ?? null;
  const today = listScoreValues(challenger, table).get(rule.metric) ?? null;
  const value = before === null || today === null ? null : findIncrease(before, today);
  const isSmall = value !== null && value <= rule.maxIncrease;
  const mayBeChance = rule.significant === true && !isSurelyWorse(champion.difference);
  return {
    metric: nameIncrease(rule.metric),
    value,
    max: rule.maxIncrease,
    passed: isSmall || (today !== null && mayBeChance),
  };
}

/** The increase relative to the champion, exact where the two are close; null where it has no finite value. */
function findIncrease(champion: number, challenger: number): number | null {
  if (challenger === champion) return 0;
  const increase = (challenger - champion) / champion;
  return Number.isFinite(increase) ? increase : null;
}
