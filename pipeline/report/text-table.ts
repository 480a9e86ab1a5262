import {measureWidth} from './text-width.ts';

/**
 * Pads cells so that each column has one width, that of its widest cell.
 *
 * Wide characters count twice, and codes for colours not at all.
 *
 * @param rows as many cells as columns.
 */
export function padCells(
  columns: readonly {align: 'left' | 'right'}[],
  rows: readonly (readonly string[])[],
  leastWidth = 0,
): string[][] {
  const widths = columns.map((_, j) => Math.max(leastWidth, ...rows.map(row => measureWidth(row[j] ?? ''))));
  return rows.map(row =>
    columns.map(({align}, j) => {
      const cell = row[j] ?? '';
      const padding = ' '.repeat((widths[j] ?? 0) - measureWidth(cell));
      return align === 'right' ? padding + cell : cell + padding;
    }),
  );
}

/** Lays out a table with its header, a line a row: two blanks between columns, none at the end of a line. */
export function layOutTable(
  columns: readonly {name: string; align: 'left' | 'right'}[],
  rows: readonly (readonly string[])[],
): string[] {
  const lines = padCells(columns, [columns.map(({name}) => name), ...rows]);
  return lines.map(cells => cells.join('  ').trimEnd());
}
