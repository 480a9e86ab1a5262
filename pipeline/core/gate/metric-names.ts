/** Errors where less is better, in which a challenger is compared with the champion. */
const comparedErrors = ['mse', 'rmse', 'mae'];
/** What is scored over all targets, per target, and on the rows of each category. */
export const scoreNames = ['mse', 'rmse', 'mae', 'r2', 'medianAbsoluteError', 'maxError', 'bias'] as const;

/** What the names of metrics speak of. */
export interface MetricSubject {
  targets: readonly string[];
  /** Category columns, with their values where they are declared. */
  categories: readonly {name: string; values?: readonly string[] | undefined}[];
}

/**
 * Lists every metric that a gate rule may name: scores over all targets, per target (`mse.petal_length`) and on the
 * test rows of a category (`mse@class=Iris-setosa`), what is known of the fit, of the mean baseline, and what the
 * image and the smoke test measured.
 *
 * @param asked a name whose value (what follows "=") counts for a category column that declares none.
 */
export function listMetricNames({targets, categories}: MetricSubject, asked = ''): string[] {
  const scores = withTargets(scoreNames, targets);
  const fits = ['adjustedR2', 'residualStandardError'];
  const [, askedValue = ''] = /=(.+)$/s.exec(asked) ?? [];
  const groups = categories.flatMap(({name, values = askedValue === '' ? [] : [askedValue]}) =>
    values.map(value => nameGroup(name, value)),
  );
  return [
    ...scores,
    'mse.ci.lower',
    'mse.ci.upper',
    'cv.mse.mean',
    'cv.mse.sd',
    ...(targets.length === 1 ? fits : []),
    ...targets.flatMap(target => fits.map(metric => `${metric}.${target}`)),
    'vif.max',
    'condition',
    ...groups.flatMap(group => scores.map(score => score + group)),
    'baseline.mse',
    'baseline.ratio',
    'image.layerMiB',
    'image.sizeMiB',
    'smoke.startupMs',
    'smoke.p50Ms',
    'smoke.p99Ms',
  ];
}

/** Lists the metrics in which a challenger is compared with the champion: the errors, where less is better. */
export function listChampionMetricNames(targets: readonly string[]): string[] {
  return withTargets(comparedErrors, targets);
}

/** What follows the name of a score that is about the rows of a category: `@class=Iris-setosa`. */
export function nameGroup(column: string, value: string): string {
  return `@${column}=${value}`;
}

function withTargets(metrics: readonly string[], targets: readonly string[]): string[] {
  return [...metrics, ...targets.flatMap(target => metrics.map(metric => `${metric}.${target}`))];
}
