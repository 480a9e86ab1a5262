import {findCommonUnit} from '../units.ts';
import {drawCoefficients} from './coefficient-plot.ts';
import {drawCorrelations} from './correlation-plot.ts';
import {summariseData} from './data-summary.ts';
import {drawErrors} from './error-plot.ts';
import {type FigureData, listNumberColumns} from './figure-data.ts';
import type {Figure, FigureSet} from './figure-set.ts';
import {drawPredicted, drawResiduals} from './fit-plots.ts';
import {drawDistribution, drawNormality} from './residual-plots.ts';
import {describeTarget, type TargetFacts} from './target-facts.ts';

/** The most targets that get figures of their own, so that a report stays small. */
const maxDrawnTargets = 4;

/**
 * Summarises the data and draws all figures of a report; the same data give the same text.
 *
 * @param commit of this program, with `-dirty` where it was changed; null outside a checkout.
 */
export function drawFigures(data: FigureData, commit: string | null): FigureSet {
  const columns = listNumberColumns(data);
  const targets = columns.filter(({role}) => role === 'target');
  const figures = [
    drawErrors(data.evaluation, findCommonUnit(targets)),
    ...targets.slice(0, maxDrawnTargets).flatMap(target => drawTarget(describeTarget(data, target))),
    drawCorrelations(columns.filter(({role}) => role !== 'other')),
  ];
  return {
    commit,
    data: summariseData(columns, data.table),
    figures: figures.filter(figure => figure !== null),
  };
}

function drawTarget(facts: TargetFacts): (Figure | null)[] {
  // an exact fit has no distribution to show
  const isSpread = facts.residuals[0] !== facts.residuals.at(-1);
  return [
    drawPredicted(facts),
    drawResiduals(facts),
    ...(isSpread ? [drawDistribution(facts), drawNormality(facts)] : []),
    drawCoefficients(facts),
  ];
}
