import {html} from 'hono/html';
import type {Evaluation} from '../../core/evaluation/evaluation.ts';
import {scoreNames} from '../evaluation-text.ts';
import {formatNumber, formatScore} from '../number-text.ts';
import {type Html, left, renderTable, right} from './elements.ts';
import type {ReportFacts} from './report-facts.ts';

/** A category column with more values than this shows the first of them. */
const maxValues = 50;

/** Renders the scores on the test rows of each category, and the rows that are predicted worst. */
export function renderRows({evaluation, artifact}: ReportFacts): Html | string {
  if (evaluation === null) return '';
  const several = artifact.targets.length > 1;
  return html`${evaluation.groups.map((group, index) => renderGroup(group, index))}${renderWorst(evaluation, several)}`;
}

function renderGroup({column, values}: Evaluation['groups'][number], index: number): Html {
  const more = values.length - maxValues;
  return html`<section aria-labelledby="group-${index}">
<h2 id="group-${index}" class="ruled">Test rows by ${column}</h2>
${
  values.length === 0
    ? html`<p>No test row has a value in this column.</p>`
    : renderTable(
        `Scores by ${column}`,
        [left(column), right('rows'), ...scoreNames.map(right)],
        values
          .slice(0, maxValues)
          .map(({value, rows, scores}) => [
            value,
            String(rows),
            ...scoreNames.map(name => formatScore(scores[name])),
          ]),
      )
}
${more > 0 ? html`<p>And ${more} more values in metrics.json.</p>` : ''}
</section>
`;
}

function renderWorst({worst, targets}: Evaluation, several: boolean): Html {
  return html`<section aria-labelledby="worst">
<h2 id="worst" class="ruled">Worst test rows</h2>
${worst.length === 0 ? html`<p>Every test row is predicted exactly.</p>` : renderWorstTable(worst, targets, several)}
</section>
`;
}

function renderWorstTable(
  worst: Evaluation['worst'],
  targets: Evaluation['targets'],
  several: boolean,
): Html {
  const rmses = new Map(Object.entries(targets).map(([target, {rmse}]) => [target, rmse]));
  return html`${renderTable(
    'Worst test rows',
    [
      left('data row'),
      ...(several ? [left('target')] : []),
      ...['actual', 'predicted', 'actual − predicted', 'in rmse'].map(right),
    ],
    worst.map(({row, target, actual, predicted}) => {
      const rmse = rmses.get(target) ?? 0;
      return [
        String(row),
        ...(several ? [target] : []),
        ...[actual, predicted, actual - predicted].map(value => formatNumber(value)),
        rmse > 0 ? `${formatNumber(Math.abs(actual - predicted) / rmse, 3)} ×` : '',
      ];
    }),
  )}
<p>Rows are counted in the file from 1, without its header. The last column is the size of the error beside the rmse.</p>`;
}
