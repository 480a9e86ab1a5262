import type {Artifact} from '../../serve/artifact/artifact.ts';
import {nameChampion} from './comparison-text.ts';
import {type Block, code, keep, paragraph, type Section, say, type Text} from './document.ts';
import {formatCount, formatInterval, formatNumber, formatScore} from './number-text.ts';
import type {RunFacts} from './run-facts.ts';
import {findCommonUnit, squareUnit} from './units.ts';

type Outcome = RunFacts['outcome'];

/** Names how a run ended: "Rolled back". */
export function nameOutcome(outcome: Outcome): string {
  return outcome.charAt(0).toUpperCase() + outcome.slice(1).replace('_', ' ');
}

/** Says how a run ended, why where it ended badly, and the few numbers that say most of its model. */
export function describeOutcome(facts: RunFacts): Section {
  const {outcome, error, artifact} = facts;
  return {
    id: 'outcome',
    title: nameOutcome(outcome),
    blocks: keep<Block>(
      paragraph(explain(facts)[outcome]),
      error && {type: 'problem', ...error},
      artifact && {type: 'numbers', extent: 'full', numbers: listKeyNumbers(artifact, facts)},
    ),
  };
}

function explain({release, comparison}: RunFacts): Record<Outcome, Text> {
  const channel = code(release?.channel ?? '');
  const ref = code(release?.ref ?? '');
  const champion = nameChampion(comparison);
  return {
    fetched: 'The data were fetched and checked; training on them was not asked for.',
    trained: 'The model was trained and written; promoting it was not asked for.',
    built: 'Model and server were put together; whether they serve was not tested yet.',
    tested: 'What was built serves; the gate was not asked about it yet.',
    accepted: 'The model may be promoted: every rule of the gate is met.',
    promoted: say`The channel ${channel} now holds ${ref}${champion ? say`, in the place of ${champion}` : ''}.`,
    unchanged: say`The channel ${channel} already holds this model, server and base: nothing was pushed.`,
    rolled_back: say`The channel ${channel} holds ${ref} again.`,
    rejected: 'Nothing was promoted: this run has not moved the channel.',
    failed: 'The run did not reach its end.',
  };
}

function listKeyNumbers({metrics, targets, provenance}: Artifact, {evaluation}: RunFacts) {
  const {interval, crossValidation} = evaluation ?? {};
  const unit = findCommonUnit(targets);
  const mse = unit === null ? 'mse' : `mse in ${squareUnit(unit)}`;
  const rmse = unit === null ? 'rmse' : `rmse in ${unit}`;
  const mean = targets.length > 1 ? `, mean of ${targets.length} targets` : '';
  const level = interval
    ? `${formatNumber(100 * interval.level)} % interval ${formatInterval(interval)}`
    : '';
  const rows = formatCount(provenance.split.test, 'test row');
  return keep(
    {
      label: `${rmse} on ${rows}${mean}`,
      value: formatNumber(metrics.rmse),
      note: `r2 ${formatScore(metrics.r2)}`,
    },
    {label: mse, value: formatNumber(metrics.mse), note: level},
    crossValidation && {
      label: `${mse} in cross-validation`,
      value: formatNumber(crossValidation.mse.mean),
      note: `± ${formatNumber(crossValidation.mse.sd)} over ${crossValidation.folds} folds`,
    },
    {
      label: `${mse} of predicting the mean`,
      value: formatNumber(metrics.baseline.mse),
      note: 'the mean of the training rows',
    },
  );
}
