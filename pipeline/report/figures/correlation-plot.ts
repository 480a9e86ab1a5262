import {measureTexts, shortenName} from './axis.ts';
import {correlate} from './data-summary.ts';
import type {NumberColumn} from './figure-data.ts';
import type {Figure} from './figure-set.ts';
import {Plot} from './plot-library.ts';
import {colours, drawPlot, figureWidth} from './plot-svg.ts';

/** The most columns of the heat map. */
const maxColumns = 24;
/** With more columns there is no room for numbers in the cells. */
const maxColumnsWithNumbers = 10;
const maxCellPx = 84;
/** Of the colour at a correlation of 1 or −1: what is written on it stays legible. */
const strongest = 0.5;

/** Draws the correlations of features and targets with each other as a heat map. */
export function drawCorrelations(all: readonly NumberColumn[]): Figure {
  const columns = chooseColumns(all);
  const cells = columns.flatMap((a, row) =>
    columns.map((b, column) => ({row, column, value: row === column ? 1 : correlate(a.values, b.values)})),
  );
  const known = cells.flatMap(cell => (cell.value === null ? [] : [{...cell, value: cell.value}]));
  const names = columns.map(({name}) => shortenName(name, 18));
  const room = measureTexts(names);
  const marginLeft = room + 12;
  const cellPx = Math.min(maxCellPx, Math.floor((figureWidth - 10 - marginLeft) / columns.length));
  // names lie where they have room, lean where they are long, and stand where the cells are small
  const tickRotate = room < cellPx ? 0 : cellPx < 24 ? -90 : -45;
  const marginBottom = 16 + Math.max(14, Math.ceil(-room * Math.sin((tickRotate * Math.PI) / 180)));
  const band = {type: 'band', domain: [...columns.keys()], label: null, padding: 0.04} as const;
  const ticks = {tickSize: 0, tickFormat: (i: number) => names[i] ?? '', fill: colours.soft};
  const numbers = columns.length > maxColumnsWithNumbers ? [] : cells;
  const pairs = known
    .filter(({row, column}) => column < row)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, 3)
    .map(({row, column, value}) => `${columns[column]?.name} and ${columns[row]?.name} ${value.toFixed(2)}`);
  const svg = drawPlot(
    {
      height: 10 + cellPx * columns.length + marginBottom,
      marginTop: 10,
      marginRight: figureWidth - marginLeft - cellPx * columns.length,
      marginLeft,
      marginBottom,
      x: band,
      y: band,
      color: {type: 'identity'},
      opacity: {type: 'identity'},
      marks: [
        Plot.axisX({...ticks, tickRotate}),
        Plot.axisY(ticks),
        Plot.cell(known, {
          x: 'column',
          y: 'row',
          fill: ({value}) => (value < 0 ? colours.outside : colours.accent),
          fillOpacity: ({value}) => strongest * Math.abs(value),
        }),
        Plot.cell(cells, {x: 'column', y: 'row', stroke: colours.line}),
        Plot.text(numbers, {
          x: 'column',
          y: 'row',
          text: ({value}) => value?.toFixed(2).replace('-', '−') ?? '–',
          fill: colours.ink,
        }),
      ],
    },
    `Heat map of the correlations of ${columns.length} columns. Strongest: ${pairs.join('; ')}.`,
  );
  const part =
    columns.length < all.length
      ? ` The ${columns.length} columns of ${all.length} that vary most with a target.`
      : '';
  const caption = `Pearson's correlation over all rows, from −1 (orange) by 0 (none) to 1 (green).${part}`;
  return {kind: 'correlations', target: null, title: 'Correlations', caption, svg};
}

/** Chooses the targets, and of the features those that vary most with one, in their order. */
function chooseColumns(all: readonly NumberColumn[]): NumberColumn[] {
  const targets = all.filter(({role}) => role === 'target').slice(0, maxColumns / 2);
  const ranked = all
    .filter(({role}) => role === 'feature')
    .map(feature => {
      const strengths = targets.map(({values}) => Math.abs(correlate(feature.values, values) ?? 0));
      return {feature, strength: Math.max(...strengths)};
    })
    .sort((a, b) => b.strength - a.strength);
  const kept = new Set([
    ...ranked.slice(0, maxColumns - targets.length).map(({feature}) => feature),
    ...targets,
  ]);
  return all.filter(column => kept.has(column));
}
