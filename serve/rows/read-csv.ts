import {matchColumns} from './columns.ts';
import {type CsvRecord, readCsvRecords} from './csv-records.ts';
import {FieldErrors} from './field-errors.ts';
import {type Problem, refuse} from './problem.ts';
import type {RowLimits, RowsRead} from './read-rows.ts';
import {refuseFields, refuseRows} from './refusals.ts';
import {countRowsPerSlice, type Sliced} from './slices.ts';
import {formatCount, listNames} from './wording.ts';

/** Whether a CSV begins with a line of names: the parameter `header` of the media type (RFC 4180, 3). */
export type CsvHeader = 'present' | 'absent';

/**
 * Reads rows from a CSV: with a first line of feature names, quoted or not and in any order, or without one and
 * then with the values in the model's order. Numbers are written as in JSON, blanks may surround them, and empty
 * lines may only stand at the end.
 *
 * Where `header` does not say, the first line is one of names when it has text, and no number but such as name a
 * feature. (So the names of a model whose features are called 1, 2, … need `header`.)
 *
 * Wrong cells are reported by line and column, until 20 were found. Nothing of the text is repeated.
 */
export function* readCsv(
  bytes: Uint8Array,
  limits: RowLimits,
  header?: CsvHeader,
): Sliced<RowsRead | Problem> {
  const {schemas, maxRows} = limits;
  const {features} = schemas;
  const names = new Set(features);
  const errors = new FieldErrors();
  const rows: number[][] = [];
  let columns: readonly number[] | undefined;
  let width = features.length;
  let firstLine = 1;
  let count = 0;
  let empty = {from: 1, count: 0};

  const maxCells = 1_000 + 2 * features.length;
  const recordsPerSlice = countRowsPerSlice(features.length);
  let records = 0;
  for (const record of readCsvRecords(new TextDecoder().decode(bytes), maxCells)) {
    if (++records % recordsPerSlice === 0 || record.status === 'empty') yield;
    if (record.status === 'malformed') return refuseMalformed(record);
    const {line} = record;
    const cells = record.status === 'record' ? record.cells : [];
    // The last line may have no end.
    if (cells.length === 0 || (cells.length === 1 && isBlank(cells[0] ?? ''))) {
      const lines = record.status === 'empty' ? record.count : 1;
      empty = {from: line - empty.count, count: empty.count + lines};
      continue;
    }
    reportEmptyLines(empty);
    empty = {from: line + 1, count: 0};
    if (columns === undefined) {
      firstLine = line;
      if (header === 'present' || (header === undefined && looksLikeNames(cells, names))) {
        columns = matchColumns(cells.map(nameOf), schemas, errors, pathOfName);
        width = cells.length;
        if (width > maxCells) errors.add(pathOfName, `expected at most ${maxCells} names, found more`);
        if (errors.count > 0) return refuseFields(errors);
        continue;
      }
      columns = features.map((_, j) => j);
    }
    if (count === 0) firstLine = line;
    if (++count > maxRows) return refuseRows('body', 'more', maxRows);
    rows.push(readRow(cells, line, columns));
    if (errors.isFull) return refuseFields(errors, false);
  }

  if (count === 0) return refuseEmpty(columns !== undefined);
  if (errors.count > 0) return refuseFields(errors);
  // Every row has a line to itself: a number with a newline in it would not be one.
  return {
    status: 'read',
    rows,
    ignored: width - features.length,
    rowPath: i => `line ${firstLine + i}`,
    cellPath: (i, j) => cellPath(firstLine + i, j),
    batchPath: 'body',
  };

  /** Names are taken as they are; where that is none of the model's, without the blanks around it. */
  function nameOf(cell: string): string {
    return names.has(cell) ? cell : cell.trim();
  }

  function pathOfName(k?: number): string {
    return k === undefined ? `line ${firstLine}` : `line ${firstLine}, column ${k + 1}`;
  }

  function reportEmptyLines({from, count: lines}: typeof empty): void {
    if (lines === 0) return;
    const message = `${expectRow()}, found an empty line`;
    for (let i = 0; i < lines && !errors.isFull; i++) errors.add(() => `line ${from + i}`, message);
  }

  function readRow(cells: readonly string[], line: number, order: readonly number[]): number[] {
    if (cells.length !== width) {
      const found = cells.length > maxCells ? `more than ${maxCells}` : cells.length;
      errors.add(() => `line ${line}`, `${expectRow()}, found ${found}`);
      return [];
    }
    const row = order.map(k => parseNumber(cells[k] ?? ''));
    if (!schemas.row.safeParse(row).success) {
      row.forEach((value, j) => {
        if (Number.isFinite(value)) return;
        const found = describeCell(cells[order[j] ?? 0] ?? '');
        errors.add(() => cellPath(line, j), `expected a number, found ${found}`);
      });
    }
    return row;
  }

  function cellPath(line: number, j: number): string {
    return `line ${line}, column ${(columns?.[j] ?? j) + 1} (${features[j]})`;
  }

  function expectRow(): string {
    const order = features.map((_, k) => features[columns?.indexOf(k) ?? k] ?? '');
    return `expected ${formatCount(features.length, 'number')} (${listNames(order)})`;
  }

  function refuseEmpty(hasNames: boolean): Problem {
    if (!hasNames) {
      const message = `The body is empty. Send a line of numbers per row (${listNames(features)}), with or without a first line of names.`;
      return refuse(400, 'malformed_csv', message);
    }
    errors.add(
      () => 'body',
      `expected a line with ${formatCount(features.length, 'number')} after the names, found none`,
    );
    return refuseFields(errors);
  }
}

const number = /^[ \t]*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?[ \t]*$/;

function parseNumber(cell: string): number {
  return number.test(cell) ? Number(cell) : Number.NaN;
}

function describeCell(cell: string): string {
  if (isBlank(cell)) return 'an empty cell';
  return number.test(cell) ? 'a number too large for a double' : 'text';
}

function isBlank(cell: string): boolean {
  return /^[ \t]*$/.test(cell);
}

function looksLikeNames(cells: readonly string[], names: ReadonlySet<string>): boolean {
  const isNumber = (cell: string) => number.test(cell);
  return !cells.every(isNumber) && cells.every(cell => !isNumber(cell) || names.has(cell.trim()));
}

function refuseMalformed({line, column, expected}: CsvRecord & {status: 'malformed'}): Problem {
  return refuse(400, 'malformed_csv', 'The body is not CSV as RFC 4180 describes it.', {
    fields: [{path: `line ${line}, column ${column}`, message: expected}],
  });
}
