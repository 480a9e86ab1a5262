import {html} from 'hono/html';
import type {CategorySummary, FigureSet, NumberSummary} from '../figures/figure-set.ts';
import {formatNumber, formatScore} from '../number-text.ts';
import {labelWithUnit} from '../units.ts';
import {type Html, left, renderFacts, renderFigure, renderTable, right} from './elements.ts';
import {noFigures} from './fit-section.ts';
import type {ReportFacts} from './report-facts.ts';

/** Renders what the rows are like: how many, their ranges and their correlations. */
export function renderData({artifact, figures}: ReportFacts): Html {
  return html`<section aria-labelledby="data">
<h2 id="data" class="ruled">Data</h2>
${figures === null ? renderFeatures(artifact.features) : renderSummary(figures)}
</section>
`;
}

function renderSummary({data, figures}: FigureSet): Html {
  const {rows, dropped, duplicates, columns} = data;
  const numbers = columns.filter(column => column.type === 'number');
  const categories = columns.filter(column => column.type === 'category');
  const correlations = figures.find(({kind}) => kind === 'correlations');
  return html`<div class="pair">
<div>
${renderFacts([
  ['rows', String(rows)],
  ['dropped', dropped === 0 ? 'none' : `${dropped} more, in which a feature or the target was missing`],
  [
    'duplicates',
    duplicates === 0
      ? 'none'
      : `${duplicates} that ${duplicates === 1 ? 'equals' : 'equal'} an earlier row in every column`,
  ],
  ...categories.map(describeCategory),
])}
</div>
${correlations === undefined ? '' : renderFigure(correlations)}
</div>
${renderNumbers(numbers)}`;
}

function renderNumbers(columns: readonly NumberSummary[]): Html {
  return renderTable(
    'Columns of numbers',
    [left('column'), left('as'), ...['min', 'mean', 'sd', 'max', 'missing'].map(right)],
    columns.map(({name, unit, role, min, mean, sd, max, missing}) => [
      labelWithUnit(name, unit),
      role === 'other' ? 'not used' : role,
      ...[min, mean, sd, max].map(value => formatScore(value)),
      String(missing),
    ]),
  );
}

function describeCategory({name, common, distinct, missing}: CategorySummary): [string, string] {
  const listed = common.map(({value, rows}) => `${value} (${rows})`).join(', ');
  const more = distinct > common.length ? ` and ${distinct - common.length} more values` : '';
  return [name, `${listed}${more}${missing > 0 ? `; missing in ${missing} rows` : ''}`];
}

function renderFeatures(features: ReportFacts['artifact']['features']): Html {
  return html`<p>${noFigures}</p>
${renderTable(
  'Features in the training rows',
  [left('feature'), ...['min', 'mean', 'standard deviation', 'max'].map(right)],
  features.map(({name, unit, min, mean, scale, max}) => [
    labelWithUnit(name, unit),
    ...[min, mean, scale, max].map(value => formatNumber(value)),
  ]),
)}`;
}
