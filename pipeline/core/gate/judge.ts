import type {Comparison} from '../champion/comparison.ts';
import type {Evaluation} from '../evaluation/evaluation.ts';
import {judgeIncrease} from './champion-rule.ts';
import {listMetricValues, type MetricEvidence} from './measure.ts';
import {type ImageFigures, type Metric, metrics} from './metrics.ts';
import {type ChampionRule, dropImageRules, isWithin, type Rule} from './rules.ts';
import type {RuleResult, Verdict} from './verdict.ts';

/** What is asked; `chooseRules` makes it. */
interface Asked {
  rules: readonly Rule[];
  champion?: ChampionRule | undefined;
}

/**
 * Judges a model and its image by rules; limits are inclusive, and a metric without a value fails its rule.
 *
 * The champion's rule counts only where there is a champion that could be scored. The verdict passes when every rule
 * does.
 */
export function judge(
  asked: Asked,
  evidence: {evaluation: Evaluation; image: ImageFigures; comparison: Comparison},
  table: readonly Metric[] = metrics,
): Verdict {
  return judgeRules(asked, evidence, table);
}

/** Judges by the rules that need no image, which is all that can be asked of a model that was not built anew. */
export function judgeWithoutImage(
  asked: Asked,
  evidence: {evaluation: Evaluation; comparison: Comparison},
  table: readonly Metric[] = metrics,
): Verdict {
  return judgeRules({...asked, rules: dropImageRules(asked.rules, table)}, evidence, table);
}

function judgeRules(
  {rules, champion}: Asked,
  {comparison, ...evidence}: MetricEvidence & {comparison: Comparison},
  table: readonly Metric[],
): Verdict {
  const values = listMetricValues(evidence, table);
  const results = rules.map(rule => judgeRule(rule, values.get(rule.metric) ?? null));
  if (champion !== undefined && comparison.status === 'compared') {
    results.push(judgeIncrease(champion, evidence.evaluation, comparison, table));
  }
  return {passed: results.every(({passed}) => passed), rules: results, comparison};
}

function judgeRule({metric, max, min}: Rule, value: number | null): RuleResult {
  return {
    metric,
    value,
    ...(max === undefined ? {} : {max}),
    ...(min === undefined ? {} : {min}),
    passed: isWithin(value, {max, min}),
  };
}
