import type {Evaluation, GroupScores} from '../core/evaluation/evaluation.ts';
import {measureScores} from '../core/gate/measure.ts';
import type {Metric} from '../core/gate/metrics.ts';
import {type Block, left, paragraph, right, type Section, type Table, tabulate} from './document.ts';
import {formatCount, formatNumber, formatScore} from './number-text.ts';

/** Says for each category column how the model does on the test rows of each of its values. */
export function describeGroups({groups}: Evaluation, table: readonly Metric[]): Section[] {
  return groups.map((group, index) => ({
    id: `group-${index}`,
    title: `Test rows by ${group.column}`,
    blocks: [tabulateGroup(group, table)],
  }));
}

function tabulateGroup({column, values}: GroupScores, table: readonly Metric[]): Block {
  if (values.length === 0) return paragraph('No test row has a value in this column.');
  const names = table.flatMap(({name, scope}) => (scope === 'test rows' ? [name] : []));
  const rows = values.map(({value, rows, scores}) => [
    value,
    formatCount(rows),
    ...measureScores({...scores, targets: {}}, table).map(({value: score}) => formatScore(score)),
  ]);
  return tabulate(`Scores by ${column}`, [...left(column), ...right('rows', ...names)], rows);
}

/** Lists the test rows that are predicted worst. */
export function describeWorst(evaluation: Evaluation): Section {
  const blocks =
    evaluation.worst.length === 0
      ? [paragraph('Every test row is predicted exactly.')]
      : [
          tabulateWorst(evaluation),
          paragraph(
            'Rows are counted in the file from 1, without its header. The last column is the size of the error beside the rmse.',
            'full',
          ),
        ];
  return {id: 'worst', title: 'Worst test rows', blocks};
}

function tabulateWorst({worst, targets}: Evaluation): Table {
  const rmses = new Map(Object.entries(targets).map(([target, {rmse}]) => [target, rmse]));
  const hasSeveral = rmses.size > 1;
  const rows = worst.map(({row, target, actual, predicted}) => {
    const rmse = rmses.get(target) ?? 0;
    return [
      String(row),
      ...(hasSeveral ? [target] : []),
      ...[actual, predicted, actual - predicted].map(value => formatNumber(value)),
      rmse > 0 ? `${formatNumber(Math.abs(actual - predicted) / rmse, 3)} ×` : '',
    ];
  });
  const columns = left('data row', ...(hasSeveral ? ['target'] : []));
  const numbers = right('actual', 'predicted', 'actual − predicted', 'in rmse');
  return tabulate('Worst test rows', [...columns, ...numbers], rows, 3);
}
