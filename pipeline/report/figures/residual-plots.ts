import {findNormalQuantile} from '../../core/evaluation/distributions.ts';
import {formatCount, formatNumber} from '../number-text.ts';
import {chooseAxis} from './axis.ts';
import type {Figure} from './figure-set.ts';
import {d3, Plot} from './plot-library.ts';
import {colours, drawPlot, layOut} from './plot-svg.ts';
import type {TargetFacts} from './target-facts.ts';

/** A histogram has about as many bars at most. */
const maxBars = 30;
/** A Q–Q plot of more rows shows about this many. */
const maxQuantiles = 300;

/** Draws how often the fit missed a target by how much in the training rows, beside the normal curve. */
export function drawDistribution({name, label, statistics, residuals}: TargetFacts): Figure {
  const error = statistics?.residualStandardError ?? 0;
  const bars = d3
    .bin()
    .thresholds(Math.min(maxBars, Math.max(5, Math.ceil(2 * Math.cbrt(residuals.length)))))(residuals);
  const step = (bars[0]?.x1 ?? 0) - (bars[0]?.x0 ?? 0);
  const x = chooseAxis(
    `actual − predicted ${label}`,
    bars.flatMap(({x0, x1}) => [x0, x1]),
  );
  const curve = error > 0 ? traceNormal(x.domain, error, residuals.length * step) : [];
  const y = chooseAxis('rows', [0, ...bars.map(({length}) => length), ...curve.map(([, rows]) => rows)]);
  const plot = layOut(x, {...y, domain: [0, y.domain[1]], ticks: y.ticks.filter(({place}) => place >= 0)}, [
    Plot.rectY(bars, {x1: 'x0', x2: 'x1', y: 'length', fill: colours.accent, fillOpacity: 0.45, inset: 0.5}),
    Plot.line(curve, {stroke: colours.ink, strokeWidth: 1.25}),
    Plot.ruleY([0], {stroke: colours.edge}),
  ]);
  const rows = formatCount(residuals.length, 'row');
  const line =
    error > 0
      ? ` The line is the normal distribution with the residual standard error ${formatNumber(error)}.`
      : '';
  return {
    kind: 'distribution',
    target: name,
    title: 'Histogram of residuals',
    caption: `${rows} of the training set, in bars ${formatNumber(step)} wide.${line}`,
    svg: drawPlot(
      plot,
      `Histogram of the residuals of ${label} over ${rows} of the training set, from ${formatNumber(residuals[0] ?? 0)} to ${formatNumber(residuals.at(-1) ?? 0)}.`,
    ),
  };
}

/** Draws the residuals of a fit against the quantiles of the normal distribution, at the probabilities of R's `ppoints`. */
export function drawNormality({name, label, statistics, residuals}: TargetFacts): Figure {
  const error = statistics?.residualStandardError ?? 0;
  const n = residuals.length;
  const offset = n <= 10 ? 3 / 8 : 1 / 2;
  const points = chooseRanks(n).map(rank => ({
    normal: findNormalQuantile((rank + 1 - offset) / (n + 1 - 2 * offset)),
    residual: residuals[rank] ?? Number.NaN,
  }));
  const x = chooseAxis(
    'quantile of the normal distribution',
    points.map(({normal}) => normal),
  );
  const y = chooseAxis(
    `actual − predicted ${label}`,
    points.map(({residual}) => residual),
  );
  const line = error > 0 ? cutLine(error, x.domain, y.domain) : [];
  const plot = layOut(x, y, [
    Plot.line(line, {stroke: colours.edge, strokeDasharray: '4 3'}),
    Plot.dot(points, {x: 'normal', y: 'residual', r: 2.5, stroke: colours.accent, strokeWidth: 1.25}),
  ]);
  const rows = `${formatCount(n, 'row')} of the training set`;
  const shown =
    points.length < n
      ? `${points.length} of ${rows}: all at both ends, ever fewer towards the middle.`
      : `${rows}.`;
  const meaning = error > 0 ? ' Normally distributed residuals lie along the dashed line.' : '';
  return {
    kind: 'normality',
    target: name,
    title: 'Normal Q–Q plot of residuals',
    caption: `${shown}${meaning}`,
    svg: drawPlot(plot, `Normal Q–Q plot of the residuals of ${label} over ${rows}.`),
  };
}

/** Points of the normal density with this standard deviation, times `area`. */
function traceNormal([low, high]: [number, number], sd: number, area: number): [number, number][] {
  return Array.from({length: 61}, (_, i) => {
    const x = low + ((high - low) * i) / 60;
    return [x, (area / (sd * Math.sqrt(2 * Math.PI))) * Math.exp(-((x / sd) ** 2) / 2)];
  });
}

/** All ranks, or of many all at both ends and ever fewer towards the middle, which gives the plot even distances. */
function chooseRanks(n: number): number[] {
  if (n <= maxQuantiles) return Array.from({length: n}, (_, rank) => rank);
  const half = maxQuantiles / 2;
  const fromEnd = Array.from({length: half}, (_, i) => Math.round((n / 2) ** (i / (half - 1))) - 1);
  return [...new Set([...fromEnd, ...fromEnd.toReversed().map(rank => n - 1 - rank)])];
}

/** The part of y = slope · x within a rectangle around its origin. */
function cutLine(slope: number, [left, right]: [number, number], [bottom, top]: [number, number]) {
  return [Math.max(left, bottom / slope), Math.min(right, top / slope)].map(x => [x, slope * x]);
}
