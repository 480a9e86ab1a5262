import stringWidth from 'string-width';

/**
 * Lays out cells in columns for a terminal: two blanks between columns, none at the end of a line.
 *
 * Wide characters count twice, and codes for colours not at all.
 */
export function layOutTable(
  header: readonly {name: string; align: 'left' | 'right'}[],
  rows: readonly (readonly string[])[],
): string[] {
  const lines = [header.map(({name}) => name), ...rows];
  const widths = header.map((_, j) => Math.max(...lines.map(cells => stringWidth(cells[j] ?? ''))));
  return lines.map(cells =>
    header
      .map(({align}, j) => {
        const cell = cells[j] ?? '';
        const padding = ' '.repeat((widths[j] ?? 0) - stringWidth(cell));
        return align === 'right' ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}
