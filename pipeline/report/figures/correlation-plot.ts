import {correlate} from './data-summary.ts';
import type {FigureData, NumberColumn} from './figure-data.ts';
import type {Figure} from './figure-set.ts';
import {Plot} from './plot-library.ts';
import {colours, drawPlot, figureWidth, measureNames, shortenName} from './plot-svg.ts';

/** The most columns of the heat map. */
const maxColumns = 24;
/** With more columns there is no room for numbers in the cells. */
const maxColumnsWithNumbers = 10;
const maxCellPx = 84;
/** Of the colour at a correlation of 1 or −1: what is written on it stays legible. */
const strongest = 0.5;

/** Draws the correlations of features and targets with each other as a heat map. */
export function drawCorrelations({features, targets}: FigureData): Figure {
  const columns = chooseColumns(features, targets);
  const cells = columns.flatMap((a, row) =>
    columns.map((b, column) => ({row, column, value: row === column ? 1 : correlate(a.values, b.values)})),
  );
  const names = columns.map(({name}) => shortenName(name, 18));
  const room = Math.ceil(measureNames(names));
  const besidePx = room + 12;
  const cellPx = Math.min(maxCellPx, Math.floor((figureWidth - 10 - besidePx) / columns.length));
  // names lie where they have room, lean where they are long, and stand where the cells are small
  const tickRotate = room < cellPx ? 0 : cellPx < 24 ? -90 : -45;
  const below = Math.max(14, Math.ceil(-room * Math.sin((tickRotate * Math.PI) / 180))) + 16;
  const places = columns.map((_, i) => i);
  const known = cells.filter(({value}) => value !== null);
  const svg = drawPlot(
    {
      height: 10 + cellPx * columns.length + below,
      marginTop: 10,
      marginRight: figureWidth - besidePx - cellPx * columns.length,
      marginLeft: besidePx,
      marginBottom: below,
      x: {type: 'band', domain: places, label: null, padding: 0.04},
      y: {type: 'band', domain: places, label: null, padding: 0.04},
      color: {type: 'identity'},
      opacity: {type: 'identity'},
      marks: [
        Plot.axisX({
          tickSize: 0,
          tickRotate,
          tickFormat: (i: number) => names[i] ?? '',
          fill: colours.soft,
        }),
        Plot.axisY({tickSize: 0, tickFormat: (i: number) => names[i] ?? '', fill: colours.soft}),
        Plot.cell(known, {
          x: 'column',
          y: 'row',
          fill: ({value}) => (value < 0 ? colours.outside : colours.accent),
          fillOpacity: ({value}) => strongest * Math.abs(value),
        }),
        Plot.cell(cells, {x: 'column', y: 'row', stroke: colours.line}),
        columns.length > maxColumnsWithNumbers
          ? null
          : Plot.text(cells, {
              x: 'column',
              y: 'row',
              text: ({value}) => (value === null ? '–' : value.toFixed(2).replace('-', '−')),
              fill: colours.ink,
            }),
      ],
    },
    describeStrongest(columns, cells),
  );
  const part =
    columns.length < features.length + targets.length
      ? ` The ${columns.length} columns of ${features.length + targets.length} that vary most with a target.`
      : '';
  const caption = `Pearson's correlation over all rows, from −1 (orange) by 0 (none) to 1 (green).${part}`;
  return {kind: 'correlations', target: null, title: 'Correlations', caption, svg};
}

function chooseColumns(features: NumberColumn[], targets: NumberColumn[]): NumberColumn[] {
  const shownTargets = targets.slice(0, maxColumns / 2);
  const room = maxColumns - shownTargets.length;
  if (features.length <= room) return [...features, ...shownTargets];
  const strength = new Map(
    features.map(feature => [
      feature,
      Math.max(...shownTargets.map(({values}) => Math.abs(correlate(feature.values, values) ?? 0))),
    ]),
  );
  const kept = new Set(
    features.toSorted((a, b) => (strength.get(b) ?? 0) - (strength.get(a) ?? 0)).slice(0, room),
  );
  return [...features.filter(feature => kept.has(feature)), ...shownTargets];
}

function describeStrongest(
  columns: NumberColumn[],
  cells: {row: number; column: number; value: number | null}[],
): string {
  const pairs = cells
    .filter(({row, column, value}) => column < row && value !== null)
    .sort((a, b) => Math.abs(b.value ?? 0) - Math.abs(a.value ?? 0))
    .slice(0, 3)
    .map(
      ({row, column, value}) =>
        `${columns[column]?.name} and ${columns[row]?.name} ${(value ?? 0).toFixed(2)}`,
    );
  return `Heat map of the correlations of ${columns.length} columns. Strongest: ${pairs.join('; ')}.`;
}
