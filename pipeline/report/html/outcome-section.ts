import {html} from 'hono/html';
import {formatInterval, formatNumber, formatScore} from '../number-text.ts';
import {findCommonUnit, squareUnit} from '../units.ts';
import type {Html} from './elements.ts';
import {renderAwaitedGate, renderGate} from './gate-part.ts';
import type {ReportFacts} from './report-facts.ts';

/** Says in a word how the run ended. */
export function nameOutcome({outcome, gate}: ReportFacts): string {
  if (outcome !== 'trained' || gate === null) return titles[outcome];
  return gate.passed ? 'Passed the gate' : 'Rejected';
}

/** Renders how the run ended, the gate's rules, and the few numbers that say most. */
export function renderOutcome(facts: ReportFacts): Html {
  const {outcome, error, gate} = facts;
  const isBad = outcome === 'failed' || outcome === 'rejected' || gate?.passed === false;
  return html`<section aria-labelledby="outcome">
<h2 id="outcome" class="${isBad ? 'verdict outside' : 'verdict'}"><span aria-hidden="true">${isBad ? '✕' : '✓'}</span> ${nameOutcome(facts)}</h2>
<p class="lead">${describeOutcome(facts)}</p>
${error === null ? '' : html`<p class="problem"><code>${error.code}</code> ${error.message}<br>${error.fix}</p>`}
${renderKeyNumbers(facts)}
${gate === null ? renderAwaitedGate(facts) : renderGate(gate)}
</section>
`;
}

const titles = {
  promoted: 'Promoted',
  unchanged: 'Unchanged',
  rejected: 'Rejected',
  trained: 'Trained',
  fetched: 'Fetched',
  built: 'Built',
  tested: 'Tested',
  accepted: 'Accepted',
  rolled_back: 'Rolled back',
  failed: 'Failed',
};

function describeOutcome({outcome, release, gate, comparison}: ReportFacts): Html | string {
  const champion = comparison !== undefined && 'champion' in comparison ? comparison.champion : undefined;
  switch (outcome) {
    case 'promoted':
      return html`The channel <code>${release?.channel ?? ''}</code> now holds <code>${release?.ref ?? ''}</code>${
        champion === undefined
          ? ''
          : html`, in the place of <code>${champion.tag === '' ? champion.version : champion.tag}</code>`
      }.`;
    case 'unchanged':
      return html`The channel <code>${release?.channel ?? ''}</code> already holds this model, server and base: nothing was pushed.`;
    case 'rejected':
      return 'Nothing was promoted: this run has not moved the channel.';
    case 'fetched':
    case 'built':
    case 'tested':
    case 'accepted':
    case 'rolled_back':
    case 'trained':
      if (gate === null) return 'The model was trained and written; promoting it was not asked for.';
      return gate.passed
        ? 'The model may be promoted: every rule of the gate is met.'
        : 'The model may not be promoted: a rule of the gate is not met.';
    case 'failed':
      return 'The run did not reach its end.';
  }
}

function renderKeyNumbers({artifact, evaluation}: ReportFacts): Html {
  const {metrics, targets, provenance} = artifact;
  const unit = findCommonUnit(targets);
  const {interval = null, crossValidation = null} = evaluation ?? {};
  const mean = targets.length > 1 ? `, mean of ${targets.length} targets` : '';
  const mse = unit === null ? 'mse' : `mse in ${squareUnit(unit)}`;
  return html`<dl class="key">
<div><dt>${mse} on ${provenance.split.test} test ${provenance.split.test === 1 ? 'row' : 'rows'}${mean}</dt>
<dd class="value">${formatNumber(metrics.mse)}</dd>
<dd>${interval === null ? '' : `${formatNumber(100 * interval.level)} % interval ${formatInterval(interval)}`}</dd></div>
<div><dt>r2</dt>
<dd class="value">${metrics.r2 === null ? '–' : formatNumber(metrics.r2)}</dd>
<dd>rmse ${formatScore(metrics.rmse)} ${unit ?? ''}</dd></div>
${
  crossValidation === null
    ? ''
    : html`<div><dt>${mse} in cross-validation</dt>
<dd class="value">${formatNumber(crossValidation.mse.mean)}</dd>
<dd>± ${formatNumber(crossValidation.mse.sd)} over ${crossValidation.folds} folds</dd></div>
`
}<div><dt>${mse} of predicting the mean</dt>
<dd class="value plain">${formatNumber(metrics.baseline.mse)}</dd>
<dd>the mean of the training rows</dd></div>
</dl>`;
}
