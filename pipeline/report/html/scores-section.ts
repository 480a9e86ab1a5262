import {html} from 'hono/html';
import {listCaveats} from '../../core/champion/caveats.ts';
import type {ErrorScores, Evaluation} from '../../core/evaluation/evaluation.ts';
import {listScoreValues} from '../../core/gate/measure.ts';
import {formatChange} from '../comparison-cells.ts';
import {describeDifference} from '../comparison-text.ts';
import {scoreNames} from '../evaluation-text.ts';
import {formatInterval, formatNumber, formatScore} from '../number-text.ts';
import {findCommonUnit, labelWithUnit, squareUnit} from '../units.ts';
import {type Html, left, renderFacts, renderFigure, renderTable, right} from './elements.ts';
import type {ReportFacts} from './report-facts.ts';

/** More targets than this are compared by their mse alone. */
const maxComparedTargets = 6;

/** Renders the scores on the test rows, beside the champion's where it could be scored, and how sure they are. */
export function renderScores(facts: ReportFacts): Html {
  const {artifact, evaluation, figures} = facts;
  const {test} = artifact.provenance.split;
  const figure = figures?.figures.find(({kind}) => kind === 'errors');
  return html`<section aria-labelledby="scores">
<h2 id="scores" class="ruled">Scores on ${test} test ${test === 1 ? 'row' : 'rows'}</h2>
<div class="${figure === undefined || facts.comparison?.status === 'compared' ? 'stack' : 'pair'}">
<div>
${renderScoreTable(facts)}
${describeComparison(facts)}
</div>
${figure === undefined ? '' : renderFigure(figure)}
</div>
${artifact.targets.length > 1 ? renderTargets(facts) : ''}
${evaluation === null ? '' : renderUncertainty(evaluation)}
</section>
`;
}

function renderScoreTable({artifact, evaluation, comparison}: ReportFacts): Html {
  const {metrics, targets} = artifact;
  const unit = findCommonUnit(targets);
  const before = comparison?.status === 'compared' ? listScoreValues(comparison.metrics) : null;
  const scores: Partial<ErrorScores> = evaluation ?? metrics;
  const rows = scoreNames.flatMap(name => {
    const value = scores[name];
    if (value === undefined) return [];
    const champion = before?.get(name);
    return [
      [
        html`<code>${name}</code>`,
        html`${formatScore(value)} <span class="unit">${unitOf(name, unit)}</span>`,
        ...(before === null
          ? []
          : champion === undefined
            ? ['', '']
            : [formatScore(champion), formatChange(name, value, champion)]),
        name === 'mse' ? formatNumber(metrics.baseline.mse) : '',
      ],
    ];
  });
  const numbers = before === null ? ['this model'] : ['this model', 'champion', 'difference'];
  return renderTable('Scores', [left('score'), ...[...numbers, 'predicting the mean'].map(right)], rows);
}

/** The unit of a score of targets that share theirs. */
export function unitOf(score: keyof ErrorScores, unit: string | null): string {
  if (score === 'r2') return '';
  return score === 'mse' ? squareUnit(unit) : (unit ?? '');
}

function describeComparison({comparison, artifact}: ReportFacts): Html | string {
  switch (comparison?.status) {
    case 'compared': {
      const {champion, difference} = comparison;
      return html`<p>The champion is <code>${champion.tag === '' ? champion.version : champion.tag}</code>, scored on the same rows.</p>
<ul>
${[describeDifference(difference), ...listCaveats(comparison)].map(line => html`<li>${startSentence(line)}.</li>\n`)}</ul>
${artifact.targets.length > 1 ? html`<p>The scores are plain means over the targets.</p>` : ''}`;
    }
    case 'incomparable':
      return html`<p>The champion <code>${comparison.champion.tag === '' ? comparison.champion.version : comparison.champion.tag}</code> cannot be scored on these rows, so only the absolute rules decide:</p>
<ul>
${comparison.reasons.map(reason => html`<li>${reason}</li>\n`)}</ul>`;
    case 'first':
      return html`<p>There was no champion to compare with: the channel has no release before this one.</p>`;
    default:
      return artifact.targets.length > 1 ? html`<p>The scores are plain means over the targets.</p>` : '';
  }
}

function renderTargets({artifact, evaluation, comparison}: ReportFacts): Html {
  const {targets, metrics} = artifact;
  const scores: Record<string, Partial<ErrorScores>> = evaluation?.targets ?? metrics.targets;
  const names = scoreNames.filter(name => Object.values(scores).every(score => score[name] !== undefined));
  const champion = comparison?.status === 'compared' ? comparison.metrics.targets : null;
  return html`<h3>Each target</h3>
${renderTable(
  'Scores of each target',
  [
    left('target'),
    ...names.map(right),
    ...(champion === null || targets.length > maxComparedTargets ? [] : [right("champion's mse")]),
  ],
  targets.map(({name, unit}) => {
    const own = new Map(Object.entries(scores)).get(name) ?? {};
    const before = champion === null ? undefined : new Map(Object.entries(champion)).get(name);
    return [
      labelWithUnit(name, unit),
      ...names.map(score => formatScore(own[score] ?? null)),
      ...(champion === null || targets.length > maxComparedTargets
        ? []
        : [before === undefined ? '' : formatNumber(before.mse)]),
    ];
  }),
)}`;
}

function renderUncertainty({interval, crossValidation}: Evaluation): Html {
  const facts: [string, string][] = [];
  if (interval !== null) {
    const {level, resamples, seed} = interval;
    facts.push([
      'mse interval',
      `${formatInterval(interval)}: ${formatNumber(100 * level)} %, bootstrap of the test rows with ${resamples} resamples, seed ${seed}`,
    ]);
  }
  if (crossValidation !== null) {
    const {folds, seed, mse, values} = crossValidation;
    facts.push([
      'cross-validation',
      `mse ${formatNumber(mse.mean)} ± ${formatNumber(mse.sd)} over ${folds} folds of the training rows, seed ${seed}: ${values.map(value => formatNumber(value)).join(', ')}`,
    ]);
  }
  return facts.length === 0 ? html`` : renderFacts(facts);
}

function startSentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
