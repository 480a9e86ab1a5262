import type {Comparison} from '../champion/comparison.ts';
import type {Descriptor} from '../dataset/descriptor-schema.ts';
import type {Evaluation} from '../evaluation/evaluation.ts';
import type {BuildEvidence, RuleResult, SmokeEvidence, Verdict} from '../release/evidence.ts';
import {type ChampionRule, describeIncrease, judgeIncrease, readIncreaseName} from './champion-rule.ts';
import {listMetricValues} from './metric-values.ts';

export type Rule = Descriptor['gate']['rules'][number];

const bytesPerMiB = 2 ** 20;

/** What the gate asks where the descriptor asks nothing: the model must beat predicting the training mean. */
const defaultRules: Rule[] = [{metric: 'baseline.ratio', max: 1}];

/** Rules as declared, with the limits given on the command line in place of the declared ones. */
export function overrideRules(declared: readonly Rule[], limits: {maxMse?: number; minR2?: number}): Rule[] {
  const given: Rule[] = [];
  if (limits.maxMse !== undefined) given.push({metric: 'mse', max: limits.maxMse});
  if (limits.minR2 !== undefined) given.push({metric: 'r2', min: limits.minR2});
  const isReplaced = (rule: Rule) => given.some(({metric}) => metric === rule.metric);
  return [...given, ...declared.filter(rule => !isReplaced(rule))];
}

/**
 * Judges one subject by rules; limits are inclusive, and a metric without a value fails its rule.
 *
 * The champion's rule counts only where there is a champion that could be scored.
 *
 * @returns the verdict about `build.subject`; it passes when every rule does.
 */
export function judge(
  {rules, champion}: {rules: readonly Rule[]; champion?: ChampionRule | undefined},
  evidence: {evaluation: Evaluation; build: BuildEvidence; smoke: SmokeEvidence; comparison: Comparison},
): Verdict {
  const {evaluation, build, comparison} = evidence;
  const values = listMetrics(evidence);
  const results = (rules.length > 0 ? rules : defaultRules).map((rule): RuleResult => {
    const value = values.get(rule.metric) ?? null;
    const passed =
      value !== null &&
      (rule.max === undefined || value <= rule.max) &&
      (rule.min === undefined || value >= rule.min);
    return {metric: rule.metric, value, ...limitsOf(rule), passed};
  });
  if (champion !== undefined && comparison.status === 'compared') {
    results.push(judgeIncrease(champion, evaluation, comparison));
  }
  return {
    subject: build.subject,
    passed: results.every(({passed}) => passed),
    rules: results,
    comparison,
  };
}

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
export function describeLimit({max, min}: Pick<RuleResult, 'max' | 'min'>): string {
  const bounds = [max === undefined ? '' : `at most ${max}`, min === undefined ? '' : `at least ${min}`];
  return bounds.filter(bound => bound !== '').join(' and ');
}

/** Every value that a rule can name; the names are those of metric-names.ts. */
function listMetrics({
  evaluation,
  build,
  smoke,
}: {
  evaluation: Evaluation;
  build: BuildEvidence;
  smoke: SmokeEvidence;
}): Map<string, number | null> {
  const values = listMetricValues(evaluation);
  values.set('image.layerMiB', build.layerBytes / bytesPerMiB);
  values.set('image.sizeMiB', build.sizeBytes === null ? null : build.sizeBytes / bytesPerMiB);
  values.set('smoke.startupMs', smoke.startupMs);
  values.set('smoke.p50Ms', smoke.p50Ms);
  values.set('smoke.p99Ms', smoke.p99Ms);
  return values;
}

function limitsOf({max, min}: Rule): {max?: number; min?: number} {
  return {...(max === undefined ? {} : {max}), ...(min === undefined ? {} : {min})};
}

/** Why a score on the rows of a category may be missing; other metrics speak for themselves. */
function explainMissing(metric: string): string {
  const [, score = '', group] = /^([^@]*)@(.*)$/s.exec(metric) ?? [];
  if (group === undefined) return '';
  const few = score.startsWith('r2') ? 'fewer than two test rows have' : 'no test row has';
  return ` (${few} ${group}, or the column has too many values to be scored by)`;
}
