import {html} from 'hono/html';
import type {Artifact} from '../../../serve/artifact/artifact.ts';
import type {TargetStatistics} from '../../core/evaluation/evaluation.ts';
import {describeFit} from '../evaluation-text.ts';
import {formatInterval, formatNumber, formatProbability, formatScore} from '../number-text.ts';
import {labelWithUnit} from '../units.ts';
import {type Html, left, renderFigure, renderTable, right} from './elements.ts';
import type {ReportFacts} from './report-facts.ts';

/** Renders, for each target, how it fits and what its coefficients are. */
export function renderFits(facts: ReportFacts): Html {
  return html`${facts.artifact.targets.map((target, index) => renderTarget(facts, target, index))}`;
}

function renderTarget(
  {artifact, evaluation, figures}: ReportFacts,
  target: Artifact['targets'][number],
  index: number,
): Html {
  const own = figures?.figures.filter(figure => figure.target === target.name) ?? [];
  const several = artifact.targets.length > 1;
  const statistics = evaluation?.statistics.targets.find(({target: name}) => name === target.name);
  const inflation = new Map(
    evaluation?.statistics.varianceInflation.map(({feature, value}) => [feature, value]),
  );
  const degreesOfFreedom = evaluation?.statistics.degreesOfFreedom ?? 0;
  const conditionNumber = evaluation?.statistics.conditionNumber;
  const whisker = own.find(({kind}) => kind === 'coefficients');
  const others = own.filter(({kind}) => kind !== 'coefficients');
  return html`<section aria-labelledby="fit-${index}">
<h2 id="fit-${index}" class="ruled">How ${several ? labelWithUnit(target.name, target.unit) : 'it'} fits</h2>
${
  others.length === 0
    ? html`<p>${figures === null ? noFigures : 'There are figures for the first targets only.'}</p>`
    : html`<div class="figures">
${others.map(renderFigure)}</div>${others.some(({kind}) => kind === 'distribution') ? '' : html`<p>Every residual of the training rows is the same: they have no distribution to show.</p>`}`
}
</section>
<section aria-labelledby="coefficients-${index}">
<h2 id="coefficients-${index}" class="ruled">Coefficients${several ? ` for ${target.name}` : ''}</h2>
${
  statistics === undefined
    ? html`<p>${evaluation === null ? 'Their statistics cannot be read from metrics.json.' : 'As many coefficients as rows leave nothing to estimate their errors from.'}</p>
${renderBareCoefficients(artifact, target)}`
    : html`<p>On the training rows: ${describeFit(statistics, degreesOfFreedom)}${
        conditionNumber === undefined
          ? ''
          : `; condition number of the standardised features ${formatNumber(conditionNumber)}`
      }.</p>
<div class="${whisker === undefined ? '' : 'stack'}">
${whisker === undefined ? '' : renderFigure(whisker)}
${renderCoefficients(artifact, target, statistics, inflation)}
</div>`
}
</section>
`;
}

/** What stands in the place of figures that were not drawn. */
export const noFigures =
  'The figures are missing: this version folder holds no figures.json. Train again to draw them: npm run train.';

function renderCoefficients(
  {features}: Artifact,
  target: Artifact['targets'][number],
  {coefficients}: TargetStatistics,
  inflation: ReadonlyMap<string, number>,
): Html {
  const units = new Map(features.map(({name, unit}) => [name, unit]));
  return renderTable(
    `Coefficients for ${target.name}`,
    [
      left('coefficient'),
      ...['estimate', 'standard error', 't', 'p', '95 % interval', 'standardised', 'vif'].map(right),
    ],
    coefficients.map(({feature, estimate, standardError, t, p, standardised, ...bounds}) => {
      const unit = unitOfCoefficient(target.unit, feature === null ? null : (units.get(feature) ?? null));
      return [
        html`${feature ?? 'intercept'}${unit === '' ? '' : html` <span class="unit">${unit}</span>`}`,
        formatNumber(estimate),
        formatNumber(standardError),
        formatScore(t),
        formatProbability(p),
        formatInterval(bounds),
        standardised === null ? '' : formatNumber(standardised),
        feature === null ? '' : formatScore(inflation.get(feature) ?? null),
      ];
    }),
  );
}

function renderBareCoefficients({features}: Artifact, target: Artifact['targets'][number]): Html {
  return renderTable(
    `Coefficients for ${target.name}`,
    [left('coefficient'), right('estimate')],
    [
      ['intercept', formatNumber(target.intercept)],
      ...features.map(({name}, j) => [name, formatScore(target.coefficients[j] ?? null)]),
    ],
  );
}

/** "cm per kg"; empty where nothing is known, and where the units cancel out. */
function unitOfCoefficient(target: string | null, feature: string | null): string {
  if (feature === null) return target ?? '';
  return target === feature ? '' : `${target ?? '1'} per ${feature}`;
}
