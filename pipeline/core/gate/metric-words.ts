import {type Metric, metrics} from './metrics.ts';

/** Words about metrics for the descriptor's JSON Schema. */
interface MetricWords {
  /** About a gate rule's metric. */
  rule: string;
  /** About the metric of the champion's rule. */
  champion: string;
}

/** Says which metrics a descriptor may name, and in which forms. */
export function describeMetrics(table: readonly Metric[] = metrics): MetricWords {
  const list = (...scopes: Metric['scope'][]) =>
    table.flatMap(({name, scope}) => (scopes.includes(scope) ? [name] : [])).join(', ');
  const compared = table.filter(metric => metric.scope === 'test rows' && metric.compared === true);
  return {
    rule: [
      `On the test rows: ${list('test rows')}, each also per target ("mse.petal_length") and on the rows of a category ("mse@class=Iris-setosa", "mse.petal_length@class=Iris-setosa")`,
      `of the model: ${list('evaluation', 'fit')}`,
      `of the fit, with several targets per target ("adjustedR2.petal_length"): ${list('target fit')}`,
      `of the image: ${list('image')}.`,
    ].join('; '),
    champion: `An error of the model: ${compared.map(({name}) => name).join(', ')}, or one of them per target ("mse.petal_length").`,
  };
}
