import {type Metric, metrics} from './metrics.ts';

/** What the names of metrics speak of. */
export interface MetricSubject {
  targets: readonly string[];
  /** Category columns, with their values where they are declared. */
  categories: readonly {name: string; values?: readonly string[] | undefined}[];
}

/**
 * Lists every metric that a gate rule may name: scores over all targets, per target (`mse.petal_length`) and on the
 * test rows of a category (`mse@class=Iris-setosa`), and the rest of the table.
 *
 * @param asked a name whose value (what follows "=") counts for a category column that declares none.
 */
export function listMetricNames(
  {targets, categories}: MetricSubject,
  asked = '',
  table: readonly Metric[] = metrics,
): string[] {
  const [, askedValue = ''] = /=(.+)$/s.exec(asked) ?? [];
  const groups = categories.flatMap(({name, values = askedValue === '' ? [] : [askedValue]}) =>
    values.map(value => nameGroup(name, value)),
  );
  const scores = table.filter(({scope}) => scope === 'test rows').map(({name}) => name);
  const scoresByTarget = targets.flatMap(target => scores.map(score => nameOfTarget(score, target)));
  return [
    ...table.flatMap(({name, scope}) =>
      scope === 'target fit' ? nameFits(name, targets).map(([fit]) => fit) : [name],
    ),
    ...scoresByTarget,
    ...groups.flatMap(group => [...scores, ...scoresByTarget].map(score => score + group)),
  ];
}

/** Lists the metrics in which a challenger is compared with the champion. */
export function listChampionMetricNames(
  targets: readonly string[],
  table: readonly Metric[] = metrics,
): string[] {
  const compared = table.flatMap(metric =>
    metric.scope === 'test rows' && metric.compared === true ? [metric.name] : [],
  );
  return [...compared, ...targets.flatMap(target => compared.map(name => nameOfTarget(name, target)))];
}

/** Names a metric of the fit for each target, and by itself where there is one target only. */
export function nameFits(metric: string, targets: readonly string[]): [name: string, target: string][] {
  return [
    ...(targets.length === 1 ? targets.map((target): [string, string] => [metric, target]) : []),
    ...targets.map((target): [string, string] => [nameOfTarget(metric, target), target]),
  ];
}

/** Names a metric of one target: `mse.petal_length`. */
export function nameOfTarget(metric: string, target: string): string {
  return `${metric}.${target}`;
}

/** What follows the name of a score on the rows of a category: `@class=Iris-setosa`. */
export function nameGroup(column: string, value: string): string {
  return `@${column}=${value}`;
}
