import type {Markish, PlotOptions} from '@observablehq/plot';
import {type Axis, fitTicks, measureTexts} from './axis.ts';
import {Plot} from './plot-library.ts';
import {SvgDocument} from './svg-document.ts';

/** Size of a figure in the units of its drawing; on the page it is as wide as its column. */
export const figureWidth = 440;
const figureHeight = 340;

/** Colours by their names in the page's stylesheet, so that they follow light, dark and print. */
export const colours = {
  accent: 'var(--accent)',
  outside: 'var(--outside)',
  ink: 'var(--ink)',
  soft: 'var(--soft)',
  line: 'var(--line)',
  edge: 'var(--edge)',
};

/**
 * Draws a plot as the text of one `<svg>` element; the same options give the same bytes.
 *
 * @param alt what a reader who does not see it is told.
 */
export function drawPlot(options: PlotOptions, alt: string): string {
  const size = {width: figureWidth, height: figureHeight};
  const svg = Plot.plot({...size, ...options, ariaLabel: alt, document: new SvgDocument()});
  svg.setAttribute('role', 'img');
  return String(svg);
}

/** Gives plots what they have in common: scales, and axes with a light grid below their own marks. */
export function layOut(x: Axis, y: Axis, marks: Markish[]): PlotOptions {
  const room = measureTexts(y.ticks.map(({text}) => text));
  const marginLeft = Math.max(36, room + 14);
  const below = fitTicks(x, figureWidth - marginLeft);
  const grid = {stroke: colours.line, strokeOpacity: 1};
  return {
    marginTop: y.label === null ? 8 : 26,
    marginRight: 14,
    marginBottom: 42,
    marginLeft,
    x: {type: 'linear', domain: x.domain},
    y: {type: 'linear', domain: y.domain},
    color: {type: 'identity'},
    // of what is counted: one row can be seen beside thousands
    opacity: {type: 'log', range: [0.2, 1]},
    marks: [
      Plot.gridX(placesOf(below), grid),
      Plot.gridY(placesOf(y), grid),
      Plot.axisX(placesOf(below), {...describeTicks(below), labelAnchor: 'center', labelOffset: 36}),
      Plot.axisY(placesOf(y), describeTicks(y)),
      ...marks,
    ],
  };
}

function placesOf({ticks}: Axis): number[] {
  return ticks.map(({place}) => place);
}

function describeTicks({ticks, label}: Axis) {
  const tickFormat = (_: number, i: number) => ticks[i]?.text ?? '';
  return {tickSize: 0, fill: colours.soft, labelArrow: 'none', label, tickFormat} as const;
}
