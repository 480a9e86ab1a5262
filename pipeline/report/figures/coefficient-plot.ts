import {formatNumber} from '../number-text.ts';
import {chooseAxis, listNames, shortenName} from './axis.ts';
import type {Figure} from './figure-set.ts';
import {Plot} from './plot-library.ts';
import {colours, drawPlot, layOut} from './plot-svg.ts';
import type {TargetFacts} from './target-facts.ts';

/** The most coefficients that are drawn: those of the largest size. */
const maxCoefficients = 30;

/** Draws the standardised coefficients of a target with their intervals; null without any. */
export function drawCoefficients({name, statistics}: TargetFacts): Figure | null {
  const all = (statistics?.coefficients ?? []).flatMap(({feature, estimate, standardised, lower, upper}) => {
    if (feature === null || standardised === null) return [];
    // of an estimate that is exactly 0 the interval's scale is not known
    const scale = estimate === 0 ? 0 : standardised / estimate;
    return [{feature, standardised, lower: lower * scale, upper: upper * scale}];
  });
  const shown = all
    .sort((a, b) => Math.abs(b.standardised) - Math.abs(a.standardised))
    .slice(0, maxCoefficients);
  if (shown.length === 0) return null;
  const places = [...shown.keys()];
  const label = `standard deviations of ${shortenName(name)} per standard deviation`;
  const x = chooseAxis(label, [0, ...shown.flatMap(({lower, upper}) => [lower, upper])]);
  const plot = layOut(x, listNames(shown.map(({feature}) => feature)), [
    Plot.ruleX([0], {stroke: colours.edge}),
    Plot.ruleY(shown, {x1: 'lower', x2: 'upper', y: places, stroke: colours.accent, strokeWidth: 2}),
    Plot.dot(shown, {x: 'standardised', y: places, r: 4.5, fill: colours.accent}),
  ]);
  const largest = shown
    .slice(0, 5)
    .map(({feature, standardised}) => `${feature} ${formatNumber(standardised, 3)}`);
  const others = shown.length > 5 ? ', and smaller ones' : '';
  const alt = `Standardised coefficients for ${name} with 95 % intervals: ${largest.join(', ')}${others}.`;
  const part = shown.length < all.length ? ` The ${shown.length} largest of ${all.length} coefficients.` : '';
  return {
    kind: 'coefficients',
    target: name,
    title: 'Standardised coefficients',
    caption: `Dot: estimate; line: 95 % interval. Features and target are in units of their standard deviations, so that the sizes can be compared.${part}`,
    svg: drawPlot({...plot, height: 56 + 26 * shown.length}, alt),
  };
}
