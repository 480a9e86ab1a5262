import {findNormalQuantile} from '../../core/evaluation/distributions.ts';
import {formatNumber} from '../number-text.ts';
import {chooseAxis, chooseStep} from './axis.ts';
import type {Figure} from './figure-set.ts';
import {Plot} from './plot-library.ts';
import {colours, countRows, drawPlot, layOut} from './plot-svg.ts';
import type {TargetFacts} from './target-facts.ts';

/** The most bars of a histogram. */
const maxBars = 30;
/** A Q–Q plot of more rows shows about this many. */
const maxQuantiles = 300;

/**
 * Draws how often the fit missed a target by how much, beside the normal curve.
 *
 * @param residuals of the training rows in ascending order, at least one.
 */
export function drawDistribution({name, label, statistics}: TargetFacts, residuals: Float64Array): Figure {
  const error = statistics?.residualStandardError ?? 0;
  const {bars, step} = countInBars(residuals);
  const xAxis = chooseAxis(bars.flatMap(({from, to}) => [from, to]));
  const curve = error > 0 ? traceNormal(xAxis.domain, error, residuals.length * step) : [];
  const yAxis = chooseAxis([0, ...bars.map(({rows}) => rows), ...curve.map(([, rows]) => rows)]);
  const svg = drawPlot(
    layOut(
      {...xAxis, label: `actual − predicted ${label}`},
      {...yAxis, domain: [0, yAxis.domain[1]], label: 'rows'},
      [
        Plot.rectY(bars, {
          x1: 'from',
          x2: 'to',
          y: 'rows',
          fill: colours.accent,
          fillOpacity: 0.45,
          inset: 0.5,
        }),
        Plot.line(curve, {stroke: colours.ink, strokeWidth: 1.25}),
        Plot.ruleY([0], {stroke: colours.edge}),
      ],
    ),
    `Histogram of the residuals of ${label} over ${countRows(residuals.length)} of the training set, from ${formatNumber(residuals[0] ?? 0)} to ${formatNumber(residuals.at(-1) ?? 0)}.`,
  );
  const line =
    error > 0
      ? ` The line is the normal distribution with the residual standard error ${formatNumber(error)}.`
      : '';
  const caption = `${countRows(residuals.length)} of the training set, in bars ${formatNumber(step)} wide.${line}`;
  return {kind: 'distribution', target: name, title: 'Histogram of residuals', caption, svg};
}

/**
 * Draws the residuals of a fit against the quantiles of the normal distribution, at the probabilities of R's
 * `ppoints`.
 *
 * @param residuals of the training rows in ascending order, at least one.
 */
export function drawNormality({name, label, statistics}: TargetFacts, residuals: Float64Array): Figure {
  const error = statistics?.residualStandardError ?? 0;
  const n = residuals.length;
  const offset = n <= 10 ? 3 / 8 : 1 / 2;
  const points = chooseRanks(n).map(rank => ({
    normal: findNormalQuantile((rank + 1 - offset) / (n + 1 - 2 * offset)),
    residual: residuals[rank] ?? Number.NaN,
  }));
  const xAxis = chooseAxis(points.map(({normal}) => normal));
  const yAxis = chooseAxis(points.map(({residual}) => residual));
  const svg = drawPlot(
    layOut(
      {...xAxis, label: 'quantile of the normal distribution'},
      {...yAxis, label: `actual − predicted ${label}`},
      [
        ...(error > 0
          ? [
              Plot.line(cutLine(error, xAxis.domain, yAxis.domain), {
                stroke: colours.edge,
                strokeDasharray: '4 3',
              }),
            ]
          : []),
        Plot.dot(points, {x: 'normal', y: 'residual', r: 2.5, stroke: colours.accent, strokeWidth: 1.25}),
      ],
    ),
    `Normal Q–Q plot of the residuals of ${label} over ${countRows(n)} of the training set.`,
  );
  const shown =
    points.length < n
      ? `${points.length} of ${countRows(n)} of the training set: all at both ends, ever fewer towards the middle.`
      : `${countRows(n)} of the training set.`;
  const line = error > 0 ? ' Normally distributed residuals lie along the dashed line.' : '';
  return {
    kind: 'normality',
    target: name,
    title: 'Normal Q–Q plot of residuals',
    caption: `${shown}${line}`,
    svg,
  };
}

function countInBars(sorted: Float64Array): {bars: {from: number; to: number; rows: number}[]; step: number} {
  const [low, high] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const count = Math.min(maxBars, Math.max(5, Math.ceil(2 * Math.cbrt(sorted.length))));
  const step = chooseStep(high > low ? high - low : Math.abs(high) || 1, count);
  const first = Math.floor(low / step);
  const rows = new Array<number>(Math.floor(high / step) - first + 1).fill(0);
  for (const residual of sorted) {
    const bar = Math.floor(residual / step) - first;
    rows[bar] = (rows[bar] ?? 0) + 1;
  }
  return {bars: rows.map((rows, i) => ({from: (first + i) * step, to: (first + i + 1) * step, rows})), step};
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
  const ranks = new Set([...fromEnd, ...fromEnd.toReversed().map(rank => n - 1 - rank)]);
  return [...ranks];
}

/** The part of y = slope · x within a rectangle around its origin. */
function cutLine(slope: number, [left, right]: [number, number], [bottom, top]: [number, number]) {
  return [Math.max(left, bottom / slope), Math.min(right, top / slope)].map(x => [x, slope * x]);
}
