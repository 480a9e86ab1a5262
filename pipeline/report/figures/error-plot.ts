import type {Evaluation} from '../../core/evaluation/evaluation.ts';
import {formatInterval, formatNumber} from '../number-text.ts';
import {squareUnit} from '../units.ts';
import {chooseAxis, listNames} from './axis.ts';
import type {Figure} from './figure-set.ts';
import {Plot} from './plot-library.ts';
import {colours, drawPlot, layOut} from './plot-svg.ts';

/** Draws the mse on the test rows with its interval beside those of the folds; null where there is neither. */
export function drawErrors({mse, interval, crossValidation}: Evaluation, unit: string | null): Figure | null {
  if (interval === null && crossValidation === null) return null;
  const folds = crossValidation?.values ?? [];
  const intervals = interval === null ? [] : [interval];
  const bounds = intervals.flatMap(({lower, upper}) => [lower, upper]);
  const names = ['test rows', ...(crossValidation === null ? [] : ['cross-validation'])];
  const x = chooseAxis(unit === null ? 'mse' : `mse in ${squareUnit(unit)}`, [mse, ...bounds, ...folds]);
  const plot = layOut(x, listNames(names), [
    Plot.ruleY(intervals, {x1: 'lower', x2: 'upper', y: () => 0, stroke: colours.accent, strokeWidth: 2}),
    Plot.dot([mse], {x: [mse], y: [0], r: 4.5, fill: colours.accent}),
    Plot.dot(folds, {x: folds, y: () => 1, r: 3.5, stroke: colours.edge, strokeWidth: 1.25}),
    Plot.ruleX(crossValidation === null ? [] : [crossValidation.mse.mean], {
      y1: 0.75,
      y2: 1.25,
      stroke: colours.ink,
      strokeWidth: 2,
    }),
  ]);
  const level =
    interval === null ? '' : ` and its ${formatNumber(100 * interval.level)} % bootstrap interval`;
  const cv = crossValidation === null ? '' : ' Cross-validation: each fold, and their mean as a bar.';
  const range = interval === null ? '' : `, its interval ${formatInterval(interval)}`;
  const mean =
    crossValidation === null
      ? ''
      : `; over ${folds.length} folds of the training rows it is ${formatNumber(crossValidation.mse.mean)} on average`;
  return {
    kind: 'errors',
    target: null,
    title: 'The mse and its uncertainty',
    caption: `Test rows: the mse${level}.${cv}`,
    svg: drawPlot(
      {...plot, height: 56 + 34 * names.length},
      `The mse on the test rows is ${formatNumber(mse)}${range}${mean}.`,
    ),
  };
}
