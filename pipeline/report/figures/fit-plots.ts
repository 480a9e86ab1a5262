import type {Markish} from '@observablehq/plot';
import {formatNumber, formatScore} from '../number-text.ts';
import {chooseAxis} from './axis.ts';
import {type FigureData, type Fit, fitRows} from './figure-data.ts';
import type {Figure} from './figure-set.ts';
import {Plot} from './plot-library.ts';
import {colours, countRows, drawPlot, layOut} from './plot-svg.ts';
import type {TargetFacts} from './target-facts.ts';

/** More rows than this are counted in hexagons instead of drawn one by one. */
const maxDots = 600;
const hexagonPx = 11;

/** The rows that the plots of a target show: of the training rows only those that there is room for. */
export interface PlottedRows {
  test: Fit;
  train: Fit | null;
}

/** Predicts the rows that both plots of a target show. */
export function fitPlottedRows(data: FigureData, target: number): PlottedRows {
  const {train, test} = data;
  const isFew = train.length + test.length <= maxDots;
  return {test: fitRows(data, target, test), train: isFew ? fitRows(data, target, train) : null};
}

/** Draws the predictions of a target against what was measured. */
export function drawPredicted({name, label, scores}: TargetFacts, rows: PlottedRows): Figure {
  const fits = listFits(rows);
  const axis = chooseAxis(fits.flatMap(({actual, predicted}) => [...actual, ...predicted]));
  const svg = drawPlot(
    layOut({...axis, label: `actual ${label}`}, {...axis, label: `predicted ${label}`}, [
      Plot.line(
        axis.domain.map(bound => [bound, bound]),
        {stroke: colours.edge, strokeDasharray: '4 3'},
      ),
      ...drawRows(
        rows,
        ({actual}) => actual,
        ({predicted}) => predicted,
      ),
    ]),
    `Scatter plot of predicted against actual ${label} for ${countRows(rows.test.actual.length)} of the test set: r2 ${formatScore(scores?.r2 ?? null)}.`,
  );
  const caption = `On the dashed line prediction and measurement are equal. ${describeMarks(rows)}`;
  return {kind: 'predicted', target: name, title: 'Predicted against actual', caption, svg};
}

/** Draws what the predictions of a target miss against the predictions. */
export function drawResiduals({name, label, scores, statistics}: TargetFacts, rows: PlottedRows): Figure {
  const fits = listFits(rows);
  const error = statistics?.residualStandardError ?? 0;
  const xAxis = chooseAxis(fits.flatMap(({predicted}) => [...predicted]));
  const yAxis = chooseAxis([0, 2 * error, -2 * error, ...fits.flatMap(({residuals}) => [...residuals])]);
  const band = error > 0 ? [-2 * error, 2 * error] : [];
  const svg = drawPlot(
    layOut({...xAxis, label: `predicted ${label}`}, {...yAxis, label: `actual − predicted ${label}`}, [
      Plot.ruleY([0], {stroke: colours.edge}),
      Plot.ruleY(band, {stroke: colours.edge, strokeDasharray: '4 3'}),
      ...drawRows(
        rows,
        ({predicted}) => predicted,
        ({residuals}) => residuals,
      ),
    ]),
    `Scatter plot of the residuals of ${label} against the predictions for ${countRows(rows.test.actual.length)} of the test set: mean of prediction minus actual ${formatScore(scores?.bias ?? null)}, largest error ${formatScore(scores?.maxError ?? null)}.`,
  );
  const lines =
    error > 0 ? ` Dashed: twice the residual standard error, ${formatNumber(error)}, either way.` : '';
  const caption = `A pattern here is what a straight line cannot say.${lines} ${describeMarks(rows)}`;
  return {kind: 'residuals', target: name, title: 'Residuals against predicted', caption, svg};
}

function listFits({test, train}: PlottedRows): Fit[] {
  return train === null ? [test] : [train, test];
}

function drawRows(
  {test, train}: PlottedRows,
  x: (fit: Fit) => Float64Array,
  y: (fit: Fit) => Float64Array,
): Markish[] {
  const positions = (fit: Fit) => ({x: x(fit), y: y(fit)});
  if (test.actual.length > maxDots) {
    const options = {...positions(test), binWidth: hexagonPx, fill: colours.accent};
    return [Plot.hexagon(test.actual, Plot.hexbin({fillOpacity: 'count'}, options))];
  }
  const dots = Plot.dot(test.actual, {...positions(test), r: 3, fill: colours.accent});
  if (train === null) return [dots];
  return [Plot.dot(train.actual, {...positions(train), r: 2.5, stroke: colours.edge, strokeWidth: 1}), dots];
}

function describeMarks({test, train}: PlottedRows): string {
  if (test.actual.length > maxDots)
    return `The ${countRows(test.actual.length)} of the test set in hexagons: the more rows, the darker.`;
  return train === null
    ? `The ${countRows(test.actual.length)} of the test set.`
    : `Filled: ${countRows(test.actual.length)} of the test set; hollow: ${countRows(train.actual.length)} of the training set.`;
}
