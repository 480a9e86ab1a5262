import {matchColumns} from './columns.ts';
import {FieldErrors, formatMember, nameKind} from './field-errors.ts';
import type {Problem} from './problem.ts';
import {isObject, type RowLimits, type RowsRead} from './read-rows.ts';
import {explainRow, refuseFields, refuseRows} from './refusals.ts';
import {countRowsPerSlice, type Sliced} from './slices.ts';
import {formatCount, listNames} from './wording.ts';

/**
 * Reads pandas' `DataFrame.to_dict(orient="split")`: `{"columns": ["b", "a"], "data": [[…], …], "index": […]}`.
 *
 * The columns may stand in any order; without `columns` they are in the model's. The index is not used.
 *
 * @param path what its sender calls it.
 */
export function* readSplitFrame(
  value: unknown,
  path: string,
  {schemas, maxRows}: RowLimits,
): Sliced<RowsRead | Problem> {
  const {features} = schemas;
  const errors = new FieldErrors();
  const {data, columns = features, index = [], ...others} = isObject(value) ? value : {};
  const unknown = Object.keys(others).length;
  if (!isObject(value) || unknown > 0) {
    const found = isObject(value) ? formatCount(unknown, 'unknown member') : nameKind(value);
    errors.add(
      () => path,
      `expected an object with "data", and "columns" and "index" at most; found ${found}`,
    );
    return refuseFields(errors);
  }
  if (!Array.isArray(index)) errors.add(() => `${path}.index`, `expected a list, found ${nameKind(index)}`);
  if (!Array.isArray(columns)) {
    errors.add(() => `${path}.columns`, `expected a list of names, found ${nameKind(columns)}`);
    return refuseFields(errors);
  }
  const pathOf = (k?: number) => `${path}.columns${k === undefined ? '' : `[${k}]`}`;
  const order = matchColumns(columns, schemas, errors, pathOf);
  if (errors.count > 0) return refuseFields(errors);
  const used = new Set(order);
  const ignored = columns.length - features.length;
  // what is ignored is not repeated
  const shown = columns.map((name, k) => (used.has(k) ? name : 'ignored'));

  if (!Array.isArray(data) || data.length === 0) {
    const found = data === undefined ? 'none' : Array.isArray(data) ? 'an empty one' : nameKind(data);
    const row = `${formatCount(columns.length, ignored > 0 ? 'value' : 'number')} (${listNames(shown)})`;
    errors.add(() => `${path}.data`, `expected a list of rows, each with ${row}; found ${found}`);
    return refuseFields(errors);
  }
  if (data.length > maxRows) return refuseRows(`${path}.data`, data.length, maxRows);
  const rowPath = (i: number) => `${path}.data[${i}]`;
  const rows: number[][] = [];
  const rowsPerSlice = countRowsPerSlice(columns.length);
  for (let i = 0; i < data.length; i++) {
    if (i % rowsPerSlice === 0) yield;
    const row: unknown = data[i];
    const isWhole = Array.isArray(row) && row.length === columns.length;
    const parsed = schemas.row.safeParse(isWhole ? order.map(k => row[k]) : undefined);
    if (parsed.success) rows.push(parsed.data);
    else {
      const known = isWhole ? row.map((cell, k) => (used.has(k) ? cell : 0)) : row;
      explainRow(known, shown, errors, () => rowPath(i));
    }
  }
  if (errors.count > 0) return refuseFields(errors);
  return {status: 'read', rows, ignored, rowPath, cellPath: (i, j) => `${rowPath(i)}[${order[j]}]`};
}

/**
 * Reads a list of numbers per feature under its name: `{"a": […], "b": […]}`.
 *
 * @param path what its sender calls it.
 */
export function* readNamedColumns(
  value: Record<string, unknown>,
  path: string,
  {schemas, maxRows}: RowLimits,
): Sliced<RowsRead | Problem> {
  const {features} = schemas;
  const errors = new FieldErrors();
  const names = Object.keys(value);
  matchColumns(names, schemas, errors, () => path);
  if (errors.count > 0) return refuseFields(errors);

  const columnPath = (j: number) => path + formatMember(features[j] ?? '');
  const columns = features.map((name, j) => {
    const column = value[name];
    if (Array.isArray(column) && column.length > 0) return column as unknown[];
    const found = Array.isArray(column) ? 'an empty one' : nameKind(column);
    errors.add(() => columnPath(j), `expected a list of numbers, found ${found}`);
    return [];
  });
  const count = columns[0]?.length ?? 0;
  columns.forEach((column, j) => {
    if (column.length === count || errors.count > 0) return;
    const expected = `expected ${formatCount(count, 'number')}, as in ${columnPath(0)}`;
    errors.add(() => columnPath(j), `${expected}; found ${column.length}`);
  });
  if (errors.count > 0) return refuseFields(errors);
  if (count > maxRows) return refuseRows(path, count, maxRows);

  const rows: number[][] = [];
  const rowsPerSlice = countRowsPerSlice(features.length);
  for (let i = 0; i < count; i++) {
    if (i % rowsPerSlice === 0) yield;
    const row = columns.map(column => column[i]);
    const parsed = schemas.row.safeParse(row);
    if (parsed.success) rows.push(parsed.data);
    else {
      row.forEach((cell, j) => {
        if (Number.isFinite(cell)) return;
        errors.add(() => `${columnPath(j)}[${i}]`, `expected a number, found ${nameKind(cell)}`);
      });
    }
  }
  if (errors.count > 0) return refuseFields(errors);
  return {
    status: 'read',
    rows,
    ignored: names.length - features.length,
    rowPath: i => `${path}.*[${i}]`,
    cellPath: (i, j) => `${columnPath(j)}[${i}]`,
    batchPath: path,
  };
}
