import type {Metrics} from '../../serve/artifact.ts';
import type {Descriptor} from './descriptor-schema.ts';
import type {BuildEvidence, RuleResult, SmokeEvidence, Verdict} from './evidence.ts';

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
 * @returns the verdict about `build.subject`; it passes when every rule does.
 */
export function judge(
  rules: readonly Rule[],
  evidence: {metrics: Metrics; build: BuildEvidence; smoke: SmokeEvidence},
): Verdict {
  const values = listMetrics(evidence);
  const results = (rules.length > 0 ? rules : defaultRules).map((rule): RuleResult => {
    const value = values.get(rule.metric) ?? null;
    const passed =
      value !== null &&
      (rule.max === undefined || value <= rule.max) &&
      (rule.min === undefined || value >= rule.min);
    return {metric: rule.metric, value, ...limitsOf(rule), passed};
  });
  return {subject: evidence.build.subject, passed: results.every(({passed}) => passed), rules: results};
}

/** One line about a rule: its value, its limit, and by how much a failed one missed it. */
export function describeRule({metric, value, max, min, passed}: RuleResult): string {
  const bounds = [max === undefined ? '' : `at most ${max}`, min === undefined ? '' : `at least ${min}`];
  const limit = bounds.filter(bound => bound !== '').join(' and ');
  if (value === null) return `${metric} has no value, expected ${limit}`;
  if (passed) return `${metric} ${value} is ${limit}`;
  const excess = max !== undefined && value > max ? value - max : (min ?? value) - value;
  return `${metric} ${value} is not ${limit}: off by ${Number(excess.toPrecision(4))}`;
}

/** Every value that a rule can name; the names are those of metric-names.ts. */
function listMetrics({
  metrics,
  build,
  smoke,
}: {
  metrics: Metrics;
  build: BuildEvidence;
  smoke: SmokeEvidence;
}): Map<string, number | null> {
  const values = new Map<string, number | null>();
  for (const score of ['mse', 'rmse', 'mae', 'r2'] as const) {
    values.set(score, metrics[score]);
    for (const [target, scores] of Object.entries(metrics.targets))
      values.set(`${score}.${target}`, scores[score]);
  }
  const baseline = metrics.baseline.mse;
  values.set('baseline.mse', baseline);
  values.set('baseline.ratio', baseline > 0 ? metrics.mse / baseline : null);
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
