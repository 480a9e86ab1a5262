import {listLimitProblems, type Parts} from '../dataset/descriptor-contradictions.ts';
import {listNearest, suggestName} from '../dataset/nearest.ts';
import {type Metric, metrics} from './metrics.ts';
import {listChampionMetricNames, listMetricNames, type MetricSubject} from './name-metrics.ts';

/** Lists what is wrong with the gate of a descriptor, one line each: unknown metrics, limits that are none. */
export function listRuleProblems(
  {gate, targets, columns}: Parts,
  table: readonly Metric[] = metrics,
): string[] {
  if (gate === undefined || targets === undefined) return [];
  const categories = columns?.filter(column => column.type === 'category');
  const problems = gate.rules.flatMap((rule, i) => [
    ...(categories === undefined
      ? []
      : checkRuleMetric(rule.metric, {targets, categories}, `gate.rules[${i}].metric`, table)),
    ...(rule.min === undefined && rule.max === undefined
      ? [`gate.rules[${i}]: expected "min", "max" or both, found neither`]
      : listLimitProblems(rule, `gate.rules[${i}]`)),
  ]);
  if (gate.champion === undefined) return problems;
  return [...problems, ...checkChampionMetric(gate.champion.metric, targets, table)];
}

function checkRuleMetric(
  metric: string,
  subject: MetricSubject,
  at: string,
  table: readonly Metric[],
): string[] {
  const names = listMetricNames(subject, metric, table);
  if (names.includes(metric)) return [];
  const nearest = listNearest(metric, names).map(show).join(', ');
  return [`${at}: expected the name of a metric, found ${show(metric)}. The nearest are ${nearest}.`];
}

function checkChampionMetric(metric: string, targets: readonly string[], table: readonly Metric[]): string[] {
  const allowed = listChampionMetricNames(targets, table);
  if (allowed.includes(metric)) return [];
  return [
    `gate.champion.metric: expected one of ${allowed.join(', ')}; found "${metric}".${suggestName(metric, allowed)}`,
  ];
}

function show(text: string): string {
  return JSON.stringify(text);
}
