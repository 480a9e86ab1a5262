import type {OtherScore} from '../evaluation/error-scores.ts';
import type {Evaluation, KnownScores} from '../evaluation/evaluation.ts';
import {type ImageFigures, type Metric, metrics} from './metrics.ts';
import {nameFits, nameGroup, nameOfTarget} from './name-metrics.ts';

/** What metrics are computed from. */
export interface MetricEvidence {
  evaluation: Evaluation;
  /** Left out before an image was built and tested: its metrics are then not listed. */
  image?: ImageFigures | undefined;
}

/** The value of a metric in one of its places. */
export interface Measurement {
  /** As a gate rule names it: `mse`, `mse.petal_length`, `mse@class=Iris-setosa`. */
  name: string;
  metric: Metric;
  /** null over all targets, and for what is not about targets. */
  target: string | null;
  /** The rows of a category that it is about; null for all. */
  group: {column: string; value: string; rows: number} | null;
  /** null where it is undefined. */
  value: number | null;
}

/** Scores over all targets and of each; model.json and comparisons hold only some of them. */
export interface ScoreSet extends KnownScores {
  targets: Record<string, KnownScores>;
}

/**
 * Computes every metric of the table: first each over all targets, in the table's order, then the scores of each
 * target, then the scores on the rows of each category.
 */
export function measure(
  {evaluation, image}: MetricEvidence,
  table: readonly Metric[] = metrics,
): Measurement[] {
  return [
    ...table.flatMap(metric => measureWhole(metric, {evaluation, image})),
    ...measureTargets(evaluation, table),
    ...evaluation.groups.flatMap(({column, values}) =>
      values.flatMap(({value, rows, scores, targets}) =>
        measureScores({...scores, targets}, table).map(measurement => ({
          ...measurement,
          name: measurement.name + nameGroup(column, value),
          group: {column, value, rows},
        })),
      ),
    ),
  ];
}

/** Every value that a gate rule can name; null where it is undefined. */
export function listMetricValues(
  evidence: MetricEvidence,
  table: readonly Metric[] = metrics,
): Map<string, number | null> {
  return new Map(measure(evidence, table).map(({name, value}) => [name, value]));
}

/** The scores of the table that an evaluation has to compute besides the usual ones. */
export function listOtherScores(table: readonly Metric[] = metrics): OtherScore[] {
  return table.flatMap(metric => ('compute' in metric ? [{name: metric.name, compute: metric.compute}] : []));
}

/** The values of some scores by the names that a gate rule uses. */
export function listScoreValues(
  scores: ScoreSet,
  table: readonly Metric[] = metrics,
): Map<string, number | null> {
  return new Map(measureScores(scores, table).map(({name, value}) => [name, value]));
}

/** Computes the metrics of some scores, over all targets and of each; those that the scores do not hold are left out. */
export function measureScores(scores: ScoreSet, table: readonly Metric[] = metrics): Measurement[] {
  return [
    ...table.flatMap(metric => measureScore(metric, metric.name, scores, null)),
    ...measureTargets(scores, table),
  ];
}

function measureTargets({targets}: ScoreSet, table: readonly Metric[]): Measurement[] {
  return Object.entries(targets).flatMap(([target, scores]) =>
    table.flatMap(metric => measureScore(metric, nameOfTarget(metric.name, target), scores, target)),
  );
}

function measureScore(
  metric: Metric,
  name: string,
  scores: KnownScores,
  target: string | null,
): Measurement[] {
  if (metric.scope !== 'test rows') return [];
  const value = 'compute' in metric ? scores.others?.[metric.name] : metric.value(scores);
  return value === undefined ? [] : [{name, metric, target, group: null, value}];
}

function measureWhole(metric: Metric, {evaluation, image}: MetricEvidence): Measurement[] {
  const {name} = metric;
  const one = (value: number | null): Measurement[] => [{name, metric, target: null, group: null, value}];
  switch (metric.scope) {
    case 'test rows':
      return measureScore(metric, name, evaluation, null);
    case 'evaluation':
      return one(metric.value(evaluation));
    case 'fit':
      return one(metric.value(evaluation.statistics));
    case 'target fit': {
      const {targets} = evaluation.statistics;
      const fits = new Map(targets.map(fit => [fit.target, metric.value(fit)]));
      return nameFits(name, [...fits.keys()]).map(([fitName, target]) => {
        return {name: fitName, metric, target, group: null, value: fits.get(target) ?? null};
      });
    }
    case 'image':
      return image === undefined ? [] : one(metric.value(image));
  }
}
