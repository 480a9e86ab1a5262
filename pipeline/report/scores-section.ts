import type {Evaluation} from '../core/evaluation/evaluation.ts';
import {listScoreValues, measure, measureScores} from '../core/gate/measure.ts';
import type {Metric} from '../core/gate/metrics.ts';
import {describeComparison} from './comparison-text.ts';
import {
  type Block,
  code,
  type Fact,
  keep,
  left,
  paragraph,
  right,
  type Section,
  showFigure,
  type Table,
  type Text,
  tabulate,
  withUnit,
} from './document.ts';
import {formatCount, formatInterval, formatNumber, formatScore} from './number-text.ts';
import {formatPercent} from './rule-text.ts';
import type {ModelFacts} from './run-facts.ts';
import {findCommonUnit, labelWithUnit, nameUnit} from './units.ts';

/** Says how a model does on the test rows, beside the champion where it could be scored, and how sure that is. */
export function describeScores(facts: ModelFacts, table: readonly Metric[]): Section {
  const {artifact, evaluation, comparison, figures} = facts;
  const scores = keep<Block>(tabulateScores(facts, table), showFigure(figures, 'errors'));
  // a table with a champion has no room for a figure beside it
  const isWide = comparison?.status === 'compared';
  return {
    id: 'scores',
    title: `Scores on ${formatCount(artifact.provenance.split.test, 'test row')}`,
    blocks: keep<Block>(
      ...(isWide ? scores : [{type: 'row', blocks: scores} as const]),
      ...describeComparison(comparison),
      ...(artifact.targets.length > 1 ? describeTargets(facts, table) : []),
      evaluation && describeMethods(evaluation),
    ),
  };
}

/** Lists every score of a model over all targets, beside the champion's. */
export function tabulateScores(facts: ModelFacts, table: readonly Metric[]): Table {
  const {artifact, evaluation, comparison} = facts;
  const champion = comparison?.status === 'compared' ? listScoreValues(comparison.metrics, table) : null;
  const unit = findCommonUnit(artifact.targets);
  const all = evaluation ? measure({evaluation}, table) : measureScores(artifact.metrics, table);
  const scores = all.filter(
    ({target, group, metric}) => target === null && group === null && metric.scope !== 'fit',
  );
  return tabulate(
    'Scores',
    [...left('score'), ...right(...(champion ? ['this model', 'champion', 'difference'] : ['value']))],
    scores.map(({name, value, metric}) => [
      withUnit(code(name), nameUnit(metric, unit)),
      formatScore(value),
      ...(champion ? compareScores(value, champion.get(name), metric) : []),
    ]),
    25,
  );
}

/** The champion's score, and what the challenger's is above it; of errors also as a share. */
function compareScores(value: number | null, before: number | null | undefined, {unit}: Metric): Text[] {
  if (before === undefined) return ['', ''];
  if (value === null || before === null) return [formatScore(before), ''];
  const sign = (amount: number) => (amount > 0 ? '+' : '');
  const change = value - before;
  const share = change / before;
  const hasShare = unit !== null && Number.isFinite(share);
  const inPercent = hasShare ? ` (${sign(share)}${formatPercent(share, 2)})` : '';
  return [formatNumber(before), `${sign(change)}${formatNumber(change)}${inPercent}`];
}

function describeTargets(facts: ModelFacts, table: readonly Metric[]): Block[] {
  const {artifact, evaluation, comparison} = facts;
  const scores = measureScores(evaluation ?? artifact.metrics, table).filter(({target}) => target !== null);
  const champion = comparison?.status === 'compared' ? listScoreValues(comparison.metrics, table) : null;
  const names = [...new Set(scores.map(({metric}) => metric.name))];
  const rows = artifact.targets.map(({name, unit}) => {
    const own = scores.filter(({target}) => target === name);
    const before = champion?.get(own[0]?.name ?? '') ?? null;
    const values = [...own.map(({value}) => value), ...(champion ? [before] : [])];
    return [labelWithUnit(name, unit), ...values.map(formatScore)];
  });
  const columns = [...names, ...(champion ? [`champion's ${names[0]}`] : [])];
  return [
    paragraph('The scores above are plain means over the targets, the largest error the largest of them.'),
    tabulate('Scores of each target', [...left('target'), ...right(...columns)], rows),
  ];
}

/** Says how the uncertainty of the mse was found; null where it was not. */
export function describeMethods({interval, crossValidation}: Evaluation): Block | null {
  const facts = keep<Fact>(
    interval && {
      label: 'interval of the mse',
      text: `${formatInterval(interval)}: ${formatNumber(100 * interval.level)} %, the percentiles of ${formatCount(interval.resamples, 'bootstrap resample')} of the test rows, seed ${interval.seed}`,
    },
    crossValidation && {
      label: 'cross-validation',
      text: `mse ${formatNumber(crossValidation.mse.mean)} ± ${formatNumber(crossValidation.mse.sd)} over ${crossValidation.folds} folds of the training rows, seed ${crossValidation.seed}: ${crossValidation.values.map(value => formatNumber(value)).join(', ')}`,
    },
  );
  return facts.length === 0 ? null : {type: 'facts', facts, extent: 'full'};
}
