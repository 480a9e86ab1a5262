import {type FieldErrors, nameKind} from '../../rows/field-errors.ts';
import {countRowsPerSlice, type Sliced} from '../../rows/slices.ts';
import {formatCount, listNames} from '../../rows/wording.ts';
import {copyBinary, readTexts} from './binary.ts';
import {type Datatype, datatypes, type Kind} from './datatypes.ts';

/** A tensor as a table of rows. */
export type Table = {
  /** Its name in the request, as in `inputs[0]`. */
  path: string;
  /** The features that its columns hold: their places in the model's order. */
  columns: readonly number[];
  rows: number;
  dimensions: number;
  datatype: Datatype;
  /** Elements of JSON, or bytes. */
  data: readonly unknown[] | Uint8Array;
};

/** The elements of a table in row-major order, nested or flat, and how their sender would find them again. */
export type Elements = {
  values: readonly unknown[] | Uint8Array;
  /** Whether each row is a list of its own. */
  isNested: boolean;
  pathOf: (k: number) => string;
};

/**
 * Finds the elements of a table in its data: in JSON nested as its shape says or flat, in binary always flat.
 *
 * @returns undefined where they are not as many as its shape says; that is added to `errors`.
 */
export function findElements(
  table: Table,
  features: readonly string[],
  errors: FieldErrors,
): Elements | undefined {
  const {path, columns, rows, dimensions, datatype, data} = table;
  const width = columns.length;
  const flat = {isNested: false, pathOf: (k: number) => `${path}.data[${k}]`};
  const count = rows * width;
  if (data instanceof Uint8Array) {
    const {size} = datatypes[datatype];
    const values =
      size === undefined ? readTexts(data, count) : data.length === count * size ? data : undefined;
    if (values !== undefined) return {values, ...flat};
    const expected =
      size === undefined ? `${formatCount(count, 'text')}, each behind its length` : count * size;
    errors.add(
      () => `${path}.parameters.binary_data_size`,
      `expected ${expected}, as its shape says; found ${data.length}`,
    );
    return undefined;
  }
  if (datatypes[datatype].fromJson === undefined) {
    errors.add(
      () => `${path}.data`,
      `expected binary data, since JSON has no form for ${datatype}; found a list`,
    );
    return undefined;
  }
  const isNested = dimensions === 2 && Array.isArray(data[0]);
  const [length, noun] = isNested ? [rows, 'list'] : [count, 'element'];
  if (data.length !== length) {
    const expected = formatCount(length, noun);
    errors.add(() => `${path}.data`, `expected ${expected}, as its shape says; found ${data.length}`);
    return undefined;
  }
  if (!isNested) return {values: data, ...flat};
  const before = errors.count;
  for (const [i, row] of data.entries()) {
    if (Array.isArray(row) && row.length === width) continue;
    const names = listNames(columns.map(column => features[column] ?? ''));
    const found = Array.isArray(row) ? row.length : nameKind(row);
    errors.add(
      () => `${path}.data[${i}]`,
      `expected a list of ${formatCount(width, 'number')} (${names}), found ${found}`,
    );
  }
  if (errors.count > before) return undefined;
  const pathOf = (k: number) => `${path}.data[${Math.floor(k / width)}][${k % width}]`;
  return {values: data, isNested, pathOf};
}

/** Copies elements into their columns of the rows; those that are not of the datatype are added to `errors`. */
export function* copyElements(
  {values, isNested, pathOf}: Elements,
  table: Table,
  rows: readonly number[][],
  features: readonly string[],
  errors: FieldErrors,
): Sliced<void> {
  if (values instanceof Uint8Array) {
    yield* copyBinary(values, table, rows, features, errors);
    return;
  }
  const {columns, datatype} = table;
  const {fromJson = () => Number.NaN, expected, unreadable}: Kind = datatypes[datatype];
  const width = columns.length;
  const rowsPerSlice = countRowsPerSlice(width);
  for (const [i, row] of rows.entries()) {
    if (i % rowsPerSlice === 0) yield;
    // Each row was seen to be a list.
    const [list, start] = isNested ? [values[i] as readonly unknown[], 0] : [values, i * width];
    for (const [c, column] of columns.entries()) {
      const value = list[start + c];
      const number = fromJson(value);
      row[column] = number;
      if (Number.isFinite(number)) continue;
      const isText = datatype === 'BYTES' && typeof value === 'string';
      const isOther = datatype !== 'BYTES' && datatype !== 'BOOL' && Number.isFinite(value);
      const found = isText ? unreadable : isOther ? 'another number' : nameKind(value);
      errors.add(() => pathOf(i * width + c), `expected ${expected} (${features[column]}), found ${found}`);
    }
  }
}
