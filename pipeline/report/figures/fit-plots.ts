import type {Markish} from '@observablehq/plot';
import {formatCount, formatNumber, formatScore} from '../number-text.ts';
import {chooseAxis} from './axis.ts';
import type {Figure} from './figure-set.ts';
import {Plot} from './plot-library.ts';
import {colours, drawPlot, layOut} from './plot-svg.ts';
import {type Fit, maxDots, type TargetFacts} from './target-facts.ts';

const hexagonPx = 11;

/** Draws the predictions of a target against what was measured. */
export function drawPredicted(facts: TargetFacts): Figure {
  const {name, label, scores, test} = facts;
  const values = listFits(facts).flatMap(({actual, predicted}) => [...actual, ...predicted]);
  const axis = chooseAxis('', values);
  const diagonal = axis.domain.map(bound => [bound, bound]);
  const plot = layOut({...axis, label: `actual ${label}`}, {...axis, label: `predicted ${label}`}, [
    Plot.line(diagonal, {stroke: colours.edge, strokeDasharray: '4 3'}),
    ...drawRows(facts, 'actual', 'predicted'),
  ]);
  const alt = `Scatter plot of predicted against actual ${label} for ${formatCount(test.actual.length, 'row')} of the test set: r2 ${formatScore(scores?.r2 ?? null)}.`;
  return {
    kind: 'predicted',
    target: name,
    title: 'Predicted against actual',
    caption: `On the dashed line prediction and measurement are equal. ${describeMarks(facts)}`,
    svg: drawPlot(plot, alt),
  };
}

/** Draws what the predictions of a target miss against the predictions. */
export function drawResiduals(facts: TargetFacts): Figure {
  const {name, label, scores, statistics, test} = facts;
  const fits = listFits(facts);
  const error = statistics?.residualStandardError ?? 0;
  const band = error > 0 ? [-2 * error, 2 * error] : [];
  const x = chooseAxis(
    `predicted ${label}`,
    fits.flatMap(({predicted}) => predicted),
  );
  const y = chooseAxis(`actual − predicted ${label}`, [
    0,
    ...band,
    ...fits.flatMap(({residuals}) => residuals),
  ]);
  const plot = layOut(x, y, [
    Plot.ruleY([0], {stroke: colours.edge}),
    Plot.ruleY(band, {stroke: colours.edge, strokeDasharray: '4 3'}),
    ...drawRows(facts, 'predicted', 'residuals'),
  ]);
  const alt = `Scatter plot of the residuals of ${label} against the predictions for ${formatCount(test.actual.length, 'row')} of the test set: mean of prediction minus actual ${formatScore(scores?.bias ?? null)}, largest error ${formatScore(scores?.maxError ?? null)}.`;
  const lines =
    error > 0 ? ` Dashed: twice the residual standard error, ${formatNumber(error)}, either way.` : '';
  return {
    kind: 'residuals',
    target: name,
    title: 'Residuals against predicted',
    caption: `A pattern here is what a straight line cannot say.${lines} ${describeMarks(facts)}`,
    svg: drawPlot(plot, alt),
  };
}

function listFits({test, train}: TargetFacts): Fit[] {
  return train === null ? [test] : [train, test];
}

function drawRows({test, train}: TargetFacts, x: keyof Fit, y: keyof Fit): Markish[] {
  const positions = (fit: Fit) => ({x: fit[x], y: fit[y]});
  if (test.actual.length > maxDots) {
    const options = {...positions(test), binWidth: hexagonPx, fill: colours.accent};
    return [Plot.hexagon(test.actual, Plot.hexbin({fillOpacity: 'count'}, options))];
  }
  const dots = Plot.dot(test.actual, {...positions(test), r: 3, fill: colours.accent});
  if (train === null) return [dots];
  return [Plot.dot(train.actual, {...positions(train), r: 2.5, stroke: colours.edge, strokeWidth: 1}), dots];
}

function describeMarks({test, train}: TargetFacts): string {
  const tested = formatCount(test.actual.length, 'row');
  if (test.actual.length > maxDots)
    return `The ${tested} of the test set in hexagons: the more rows, the darker.`;
  if (train === null) return `The ${tested} of the test set.`;
  return `Filled: ${tested} of the test set; hollow: ${formatCount(train.actual.length, 'row')} of the training set.`;
}
