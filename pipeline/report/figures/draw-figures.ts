import {findCommonUnit} from '../units.ts';
import {drawCoefficients} from './coefficient-plot.ts';
import {drawCorrelations} from './correlation-plot.ts';
import {summariseData} from './data-summary.ts';
import {drawErrors} from './error-plot.ts';
import {type FigureData, fitRows} from './figure-data.ts';
import type {Figure, FigureSet} from './figure-set.ts';
import {drawPredicted, drawResiduals, fitPlottedRows} from './fit-plots.ts';
import {drawDistribution, drawNormality} from './residual-plots.ts';
import {describeTarget} from './target-facts.ts';

/** The most targets that get figures of their own, so that a report stays small. */
const maxDrawnTargets = 4;

/** Summarises the data and draws all figures of a report; the same data give the same text. */
export function drawFigures(data: FigureData): Omit<FigureSet, 'commit'> {
  const drawn = data.targets.slice(0, maxDrawnTargets).flatMap((_, target) => drawTarget(data, target));
  const figures = [
    drawErrors(data.evaluation, findCommonUnit(data.targets)),
    ...drawn,
    drawCorrelations(data),
  ];
  return {data: summariseData(data), figures: figures.filter(figure => figure !== null)};
}

function drawTarget(data: FigureData, target: number): (Figure | null)[] {
  const facts = describeTarget(data, target);
  const rows = fitPlottedRows(data, target);
  const residuals = (rows.train ?? fitRows(data, target, data.train)).residuals.toSorted();
  // an exact fit has no distribution to show
  const isSpread = residuals[0] !== residuals.at(-1);
  return [
    drawPredicted(facts, rows),
    drawResiduals(facts, rows),
    ...(isSpread ? [drawDistribution(facts, residuals), drawNormality(facts, residuals)] : []),
    drawCoefficients(facts, data),
  ];
}
