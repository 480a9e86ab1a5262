import type {Markish, PlotOptions} from '@observablehq/plot';
import type {Axis} from './axis.ts';
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
  paper: 'var(--paper)',
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

/** An axis with what it says. */
export interface LabelledAxis extends Axis {
  label: string;
}

/**
 * What every plot has in common: scales, and axes with a light grid below its own marks.
 *
 * @param y an axis, or names, of which the first is at y = 0 and the next at 1.
 */
export function layOut(x: LabelledAxis, y: LabelledAxis | readonly string[], marks: Markish[]): PlotOptions {
  const tick = {tickSize: 0, fill: colours.soft, labelArrow: 'none'} as const;
  const grid = {stroke: colours.line, strokeOpacity: 1};
  const side = describeSide(y);
  const ticks = countTicks(figureWidth - side.roomPx, x.labelPx);
  return {
    marginTop: side.label === null ? 8 : 26,
    marginRight: 14,
    marginBottom: 42,
    marginLeft: Math.max(36, side.roomPx + 14),
    x: {type: 'linear', domain: x.domain},
    y: {type: 'linear', domain: side.domain},
    color: {type: 'identity'},
    // of what is counted: one row can be seen beside thousands
    opacity: {type: 'log', range: [0.2, 1]},
    marks: [
      Plot.gridX({...grid, ticks}),
      Plot.gridY({...grid, ticks: side.ticks}),
      Plot.axisX({
        ...tick,
        ticks,
        tickFormat: x.tickFormat,
        label: x.label,
        labelAnchor: 'center',
        labelOffset: 36,
      }),
      Plot.axisY({...tick, ticks: side.ticks, tickFormat: side.tickFormat, label: side.label}),
      ...marks,
    ],
  };
}

/** A name cut to what an axis has room for. */
export function shortenName(name: string, maxCharacters = 22): string {
  const characters = [...name];
  return characters.length <= maxCharacters ? name : `${characters.slice(0, maxCharacters - 1).join('')}…`;
}

/** The width of the longest of these names in px, roughly. */
export function measureNames(names: readonly string[]): number {
  return Math.max(...names.map(name => [...name].length)) * 6.6;
}

export function countRows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

/** As many as have room beside each other; a plot may make half as many more of them. */
function countTicks(widthPx: number, labelPx: number): number {
  return Math.max(2, Math.min(5, Math.floor(widthPx / (labelPx + 12) / 1.5)));
}

function describeSide(y: LabelledAxis | readonly string[]) {
  if (!isNames(y)) return {...y, roomPx: y.labelPx, ticks: 5};
  return {
    domain: [y.length - 0.5, -0.5],
    tickFormat: (place: number) => y[place] ?? '',
    label: null,
    roomPx: measureNames(y),
    ticks: y.map((_, place) => place),
  };
}

function isNames(y: LabelledAxis | readonly string[]): y is readonly string[] {
  return Array.isArray(y);
}
