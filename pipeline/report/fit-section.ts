import type {Artifact} from '../../serve/artifact/artifact.ts';
import type {Evaluation, TargetStatistics} from '../core/evaluation/evaluation.ts';
import {measure} from '../core/gate/measure.ts';
import type {Metric} from '../core/gate/metrics.ts';
import {
  type Block,
  keep,
  left,
  paragraph,
  right,
  type Section,
  showFigure,
  type Table,
  tabulate,
  withUnit,
} from './document.ts';
import {formatInterval, formatNumber, formatProbability, formatScore} from './number-text.ts';
import type {ModelFacts, RunFacts} from './run-facts.ts';
import {labelWithUnit, nameUnit} from './units.ts';

type Target = Artifact['targets'][number];

/** The most targets whose coefficients have room in a short report. */
const mostBriefTargets = 3;

/** Stands in the place of figures that were not drawn. */
export const noFigures =
  'The figures are missing: this version folder holds no figures.json. Train again to draw them: npm run train.';

/** Says of each target how it fits and what its coefficients are. */
export function describeFits(facts: ModelFacts, table: readonly Metric[]): Section[] {
  const {targets} = facts.artifact;
  const several = targets.length > 1;
  return targets.flatMap((target, index): Section[] => [
    {
      id: `fit-${index}`,
      title: `How ${several ? labelWithUnit(target.name, target.unit) : 'it'} fits`,
      extent: 'full',
      blocks: describeFigures(facts.figures, target.name),
    },
    {
      id: `coefficients-${index}`,
      title: `Coefficients${several ? ` for ${target.name}` : ''}`,
      extent: index < mostBriefTargets ? undefined : 'full',
      blocks: describeCoefficients(facts, target, table),
    },
  ]);
}

function describeFigures(set: RunFacts['figures'], target: string): Block[] {
  if (!set) return [paragraph(noFigures)];
  const own = set.figures.filter(figure => figure.target === target && figure.kind !== 'coefficients');
  if (own.length === 0) return [paragraph('There are figures for the first targets only.')];
  return keep<Block>(
    {type: 'row', blocks: own.map(figure => ({type: 'figure', figure}))},
    !own.some(({kind}) => kind === 'distribution') &&
      paragraph('Every residual of the training rows is the same: they have no distribution to show.'),
  );
}

/** Says how well a target's fit describes the training rows, and lists its coefficients. */
export function describeCoefficients(facts: ModelFacts, target: Target, table: readonly Metric[]): Block[] {
  const {artifact, evaluation, figures} = facts;
  const statistics = evaluation?.statistics.targets.find(({target: name}) => name === target.name);
  const name = `Coefficients for ${target.name}`;
  if (evaluation && statistics)
    return keep<Block>(
      paragraph(describeFit(evaluation, statistics, target.unit, table)),
      showFigure(figures, 'coefficients', target.name),
      tabulateCoefficients(name, artifact, target, evaluation, statistics),
    );
  const estimates = artifact.features.map(({name}, j) => [name, formatScore(target.coefficients[j] ?? null)]);
  return [
    paragraph(
      evaluation
        ? 'As many coefficients as rows leave nothing to estimate their errors from.'
        : 'Their statistics cannot be read from metrics.json.',
    ),
    tabulate(
      name,
      [...left('coefficient'), ...right('estimate')],
      [['intercept', formatNumber(target.intercept)], ...estimates],
    ),
  ];
}

function describeFit(
  evaluation: Evaluation,
  {target, r2, f}: TargetStatistics,
  unit: string | null,
  table: readonly Metric[],
): string {
  const measured = measure({evaluation}, table).filter(
    ({metric: {scope}, target: of}) => scope === 'fit' || (scope === 'target fit' && of === target),
  );
  const fits = measured.map(({metric, value}) =>
    `${metric.name} ${formatScore(value)} ${nameUnit(metric, unit)}`.trimEnd(),
  );
  const test =
    f &&
    `F ${formatNumber(f.value)} on ${f.numerator} and ${formatNumber(f.denominator)} degrees of freedom, p ${formatProbability(f.p)}`;
  // of a single target a metric has two names
  return `On the training rows: ${keep(`r2 ${formatNumber(r2)}`, ...new Set(fits), test).join('; ')}.`;
}

function tabulateCoefficients(
  name: string,
  {features}: Artifact,
  target: Target,
  {statistics: {varianceInflation}}: Evaluation,
  {coefficients}: TargetStatistics,
): Table {
  const units = new Map(features.map(({name, unit}) => [name, unit]));
  const inflation = new Map(varianceInflation.map(({feature, value}) => [feature, formatNumber(value)]));
  return tabulate(
    name,
    [
      ...left('coefficient'),
      ...right('estimate', '95 % interval', 'p', 'vif', 'standardised', 'standard error', 't'),
    ],
    coefficients.map(({feature, estimate, standardError, t, p, standardised, ...bounds}) => [
      // the intercept has neither a unit of its own nor an inflation
      withUnit(feature ?? 'intercept', unitOfCoefficient(target.unit, units.get(feature ?? ''))),
      formatNumber(estimate),
      formatInterval(bounds),
      formatProbability(p),
      inflation.get(feature ?? '') ?? '',
      standardised === null ? '' : formatNumber(standardised),
      formatNumber(standardError),
      formatScore(t),
    ]),
  );
}

/** "cm per kg"; empty where nothing is known, and where the units cancel out. Undefined stands for the intercept. */
function unitOfCoefficient(target: string | null, feature: string | null | undefined): string {
  if (feature === undefined) return target ?? '';
  return feature === null || target === feature ? '' : `${target ?? '1'} per ${feature}`;
}
