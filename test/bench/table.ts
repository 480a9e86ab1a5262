export interface Table {
  title: string;
  rows: readonly Row[];
  /** What a reader must know of the numbers. */
  note?: string;
}

export type Row =
  /** One cell, or several side by side. */
  | {what: string; measured: string | readonly string[]}
  | {what: string; measured: string; goal: string; met: boolean}
  /** Not measured, with the reason and how to change that. */
  | {what: string; missing: string};

/** A row whose number should not be above a limit. */
export function atMost(what: string, value: number, limit: number, format = formatRatio): Row {
  return {what, measured: format(value), goal: `≤ ${format(limit)}`, met: value <= limit};
}

/** A row whose number should not be below a limit. */
export function atLeast(what: string, value: number, limit: number, format = formatRatio): Row {
  return {what, measured: format(value), goal: `≥ ${format(limit)}`, met: value >= limit};
}

/** Writes a table as aligned text: what, measured, goal and whether it is met. */
export function formatTable({title, rows, note}: Table): string {
  const cells = rows.map(row => ('measured' in row ? [row.measured].flat() : []));
  const widths = Array.from({length: Math.max(...cells.map(({length}) => length))}, (_, column) =>
    Math.max(...cells.map(line => line[column]?.length ?? 0)),
  );
  const whatWidth = Math.max(...rows.map(({what}) => what.length));
  const lines = rows.map((row, i) => {
    const what = row.what.padEnd(whatWidth);
    if ('missing' in row) return `  ${what}  not measured: ${row.missing}`;
    const measured = widths.map((width, column) => (cells[i]?.[column] ?? '').padStart(width)).join('  ');
    const goal = 'goal' in row ? `  goal ${row.goal.padEnd(9)}  ${row.met ? 'ok' : 'MISSED'}` : '';
    return `  ${what}  ${measured}${goal}`.trimEnd();
  });
  return `\n${title}\n${lines.join('\n')}\n${note === undefined ? '' : `  (${note})\n`}`;
}

/** Says of all tables together which goals were missed. */
export function summariseGoals(tables: readonly Table[]): string {
  const goals = tables.flatMap(({title, rows}) =>
    rows.flatMap(row => ('goal' in row ? [{met: row.met, name: `${row.what}: ${title}`}] : [])),
  );
  const missed = goals.filter(({met}) => !met).map(({name}) => `\n  ${name}`);
  return `\n${goals.length - missed.length} of ${goals.length} goals met${missed.length > 0 ? '; missed:' : ''}${missed.join('')}\n`;
}

function formatRatio(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function formatMs(value: number): string {
  return `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
}

export function formatMiB(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

export function formatKiB(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 10)} KiB`;
}

export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en');
}
