import {formatNumber} from '../number-text.ts';
import {chooseAxis} from './axis.ts';
import type {FigureData} from './figure-data.ts';
import type {Figure} from './figure-set.ts';
import {Plot} from './plot-library.ts';
import {colours, drawPlot, layOut, shortenName} from './plot-svg.ts';
import type {TargetFacts} from './target-facts.ts';

/** The most coefficients that are drawn: those of the largest size. */
const maxCoefficients = 30;

/** Draws the standardised coefficients of a target with their intervals; null without any. */
export function drawCoefficients(
  {name, statistics}: TargetFacts,
  {features}: Pick<FigureData, 'features'>,
): Figure | null {
  const all = (statistics?.coefficients ?? []).flatMap(({feature, estimate, standardised, lower, upper}) => {
    if (feature === null || standardised === null) return [];
    // of an estimate that is exactly 0 the interval's scale is not known
    const scale = estimate === 0 ? 0 : standardised / estimate;
    return [{feature, standardised, lower: lower * scale, upper: upper * scale}];
  });
  const shown = all
    .toSorted((a, b) => Math.abs(b.standardised) - Math.abs(a.standardised))
    .slice(0, maxCoefficients);
  if (shown.length === 0) return null;
  const names = shown.map(({feature}) => shortenName(feature));
  const axis = chooseAxis([0, ...shown.flatMap(({lower, upper}) => [lower, upper])]);
  const places = shown.map((_, i) => i);
  const svg = drawPlot(
    {
      ...layOut(
        {...axis, label: `standard deviations of ${shortenName(name)} per standard deviation`},
        names,
        [
          Plot.ruleX([0], {stroke: colours.edge}),
          Plot.ruleY(shown, {x1: 'lower', x2: 'upper', y: places, stroke: colours.accent, strokeWidth: 2}),
          Plot.dot(shown, {x: 'standardised', y: places, r: 4.5, fill: colours.accent}),
        ],
      ),
      height: 56 + 26 * shown.length,
    },
    `Standardised coefficients for ${name} with 95 % intervals: ${shown
      .slice(0, 5)
      .map(({feature, standardised}) => `${feature} ${formatNumber(standardised, 3)}`)
      .join(', ')}${shown.length > 5 ? ', and smaller ones' : ''}.`,
  );
  const part =
    shown.length < features.length ? ` The ${shown.length} largest of ${features.length} coefficients.` : '';
  const caption = `Dot: estimate; line: 95 % interval. Features and target are in units of their standard deviations, so that the sizes can be compared.${part}`;
  return {kind: 'coefficients', target: name, title: 'Standardised coefficients', caption, svg};
}
