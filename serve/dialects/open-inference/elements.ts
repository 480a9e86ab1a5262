import {type FieldErrors, nameKind} from '../../rows/field-errors.ts';
import {formatCount, listNames} from '../../rows/wording.ts';
import type {Datatype} from './schemas.ts';

/** A tensor as a table of rows. */
export type Table = {
  /** Its name in the request, as in `inputs[0]`. */
  path: string;
  /** The features that its columns hold: their places in the model's order. */
  columns: readonly number[];
  rows: number;
  dimensions: number;
  datatype: Datatype;
  data: readonly unknown[];
};

/** The elements of a table in row-major order, and how their sender would find them again. */
export type Elements = {
  values: readonly unknown[];
  /** Whether each row is a list of its own. */
  isNested: boolean;
  pathOf: (k: number) => string;
};

/**
 * Finds the elements of a table in its data, nested as its shape says or flat.
 *
 * @returns undefined where they are not as many as its shape says; that is added to `errors`.
 */
export function findElements(
  {path, columns, rows, dimensions, data}: Table,
  features: readonly string[],
  errors: FieldErrors,
): Elements | undefined {
  const width = columns.length;
  const isNested = dimensions === 2 && Array.isArray(data[0]);
  const [length, noun] = isNested ? [rows, 'list'] : [rows * width, 'element'];
  if (data.length !== length) {
    const expected = formatCount(length, noun);
    errors.add(() => `${path}.data`, `expected ${expected}, as its shape says; found ${data.length}`);
    return undefined;
  }
  if (!isNested) return {values: data, isNested, pathOf: k => `${path}.data[${k}]`};
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
  return {values: data.flat(), isNested, pathOf};
}

/** Copies elements into their columns of the rows; those that are not of the datatype are added to `errors`. */
export function copyElements(
  {values, pathOf}: Elements,
  {columns, datatype}: Table,
  rows: readonly number[][],
  features: readonly string[],
  errors: FieldErrors,
): void {
  const {holds, expected} = kinds[datatype];
  const width = columns.length;
  for (const [i, row] of rows.entries()) {
    for (const [c, column] of columns.entries()) {
      const value = values[i * width + c];
      if (typeof value === 'number' && holds(value)) {
        row[column] = value;
        continue;
      }
      const found = Number.isFinite(value) ? 'another number' : nameKind(value);
      errors.add(() => pathOf(i * width + c), `expected ${expected} (${features[column]}), found ${found}`);
    }
  }
}

/** The numbers that each datatype has; an INT64 near its bounds was rounded by JSON's parser, to 2⁶³ at most. */
const kinds: Record<Datatype, {holds: (value: number) => boolean; expected: string}> = {
  FP64: {holds: Number.isFinite, expected: 'a number'},
  FP32: {holds: value => Number.isFinite(Math.fround(value)), expected: 'a number in the range of FP32'},
  INT32: {holds: value => isWhole(value, 2 ** 31 - 1), expected: 'a whole number in the range of INT32'},
  INT64: {holds: value => isWhole(value, 2 ** 63), expected: 'a whole number in the range of INT64'},
};

function isWhole(value: number, max: number): boolean {
  return Number.isInteger(value) && value <= max && value >= -max - 1;
}
