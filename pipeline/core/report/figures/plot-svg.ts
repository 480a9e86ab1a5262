import * as Plot from '@observablehq/plot';
import {parseHTML} from 'linkedom';
import type {Axis} from './axis.ts';

/** Size of a figure in the units of its drawing; on the page it is as wide as its column. */
export const figureWidth = 440;
export const figureHeight = 320;

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

const {document} = parseHTML('<!doctype html><html lang="en"><body></body></html>');

/**
 * Draws a plot as the text of one `<svg>` element; the same options give the same bytes.
 *
 * @param alt what a reader who does not see it is told.
 */
export function drawPlot(options: Plot.PlotOptions, alt: string): string {
  const svg = Plot.plot({width: figureWidth, height: figureHeight, ...options, document});
  // the marks' names say nothing to those who are told what the whole shows
  for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  // linkedom leaves & and < in attributes as they are
  return shorten(svg.outerHTML).replace(
    '<svg ',
    () => `<svg role="img" aria-label="${escapeAttribute(alt)}" `,
  );
}

/** What every plot with two axes of numbers has in common. */
export function frame(labelPx: number): Plot.PlotOptions {
  return {
    marginTop: 12,
    marginRight: 12,
    marginBottom: 46,
    marginLeft: Math.max(48, labelPx + 34),
    color: {type: 'identity'},
    opacity: {type: 'log', range: [0.25, 1]},
    style: {fontSize: '12px', fontFamily: 'inherit'},
  };
}

/** The options of a scale that an axis asks for. */
export function scaleOf({domain, tickFormat}: Axis): Plot.ScaleOptions {
  return {type: 'linear', domain, tickFormat, labelArrow: 'none', labelAnchor: 'center'};
}

/**
 * Axes with a light grid, below the marks that follow.
 *
 * @param names for an axis of names: the first is at y = 0, the next at 1.
 */
export function axes(names?: readonly string[]): Plot.Markish[] {
  const places = names?.map((_, place) => place);
  const options = {tickSize: 0, fill: colours.soft};
  const yTicks = places ?? 5;
  return [
    Plot.gridX({stroke: colours.line, strokeOpacity: 1, ticks: 5}),
    Plot.gridY({stroke: colours.line, strokeOpacity: 1, ticks: yTicks}),
    Plot.axisX({...options, ticks: 5}),
    Plot.axisY({
      ...options,
      ticks: yTicks,
      ...(names === undefined ? {} : {tickFormat: (place: number) => names[place] ?? ''}),
    }),
  ];
}

/** The scale of an axis of names, downwards. */
export function scaleOfNames(names: readonly string[]): Plot.ScaleOptions {
  return {type: 'linear', domain: [names.length - 0.5, -0.5], label: null};
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

/** Leaves out the plot's own stylesheet, which the page has, and digits that nobody can see. */
function shorten(svg: string): string {
  return svg
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/ (cx|cy|r|x|y|x1|x2|y1|y2|dx|dy|width|height|d|points|transform)="[^"]*"/g, attribute =>
      attribute.replace(/-?\d+\.\d{3,}(e-?\d+)?/g, number => String(Number(Number(number).toFixed(2)))),
    );
}

function escapeAttribute(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
