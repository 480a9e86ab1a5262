import {FieldErrors, formatMember, nameKind} from './field-errors.ts';
import type {Problem} from './problem.ts';
import {explainInstance, explainRow, refuseFields, refuseRows} from './refusals.ts';
import type {Schemas} from './schemas.ts';
import {countRowsPerSlice, type Sliced} from './slices.ts';
import {formatCount, listNames} from './wording.ts';

type Rows = readonly (readonly number[])[];

/** Rows that are ready for the formula, and how their sender would find them again. */
export type RowsRead = {
  status: 'read';
  /** Each with one finite number per feature, in the model's order. */
  rows: Rows;
  /** Columns and params that the model does not know, and that were left out. */
  ignored?: number;
  /** Names row `i`, as in `features[3]`. */
  rowPath: (i: number) => string;
  /** Names feature `j` of row `i`, as in `features[3][1]`. */
  cellPath: (i: number, j: number) => string;
  /** Names all rows; without it they are what `rowPath` says, less the index. */
  batchPath?: string;
};

/** The model whose rows are read, and the most of them. */
export type RowLimits = {schemas: Schemas; maxRows: number};

/** Names rows whose numbers stand in the order of the features. */
export function createListPaths(rowPath: (i: number) => string): Pick<RowsRead, 'rowPath' | 'cellPath'> {
  return {rowPath, cellPath: (i, j) => `${rowPath(i)}[${j}]`};
}

/** Names rows that are objects. */
export function createNamedPaths(
  rowPath: (i: number) => string,
  features: readonly string[],
): Pick<RowsRead, 'rowPath' | 'cellPath'> {
  return {rowPath, cellPath: (i, j) => rowPath(i) + formatMember(features[j] ?? '')};
}

/**
 * Reads a list of rows, each a list of numbers in the model's order; or one such row as a batch of one.
 *
 * Each wrong value is reported with its path, the first 20 in full.
 *
 * @param path what its sender calls the list.
 */
export function* readRowList(
  value: unknown,
  path: string,
  {schemas, maxRows}: RowLimits,
): Sliced<RowsRead | Problem> {
  const {features} = schemas;
  const errors = new FieldErrors();
  if (!Array.isArray(value) || value.length === 0) {
    errors.add(
      () => path,
      `expected a list of rows, each with ${formatCount(features.length, 'number')} (${listNames(features)}); found ${
        Array.isArray(value) ? 'an empty one' : nameKind(value)
      }`,
    );
    return refuseFields(errors);
  }
  const isBatch = value.some(Array.isArray);
  const rows: unknown[] = isBatch ? value : [value];
  if (rows.length > maxRows) return refuseRows(path, rows.length, maxRows);
  const rowPath = isBatch ? (i: number) => `${path}[${i}]` : () => path;
  // Row by row, because a batch may have a million wrong cells: they are counted, not collected.
  const rowsPerSlice = countRowsPerSlice(features.length);
  for (let i = 0; i < rows.length; i++) {
    if (i % rowsPerSlice === 0) yield;
    if (!schemas.row.safeParse(rows[i]).success) explainRow(rows[i], features, errors, () => rowPath(i));
  }
  // A cast instead of a copy: every row was just seen to be one, and batches are large.
  return errors.count > 0
    ? refuseFields(errors)
    : {status: 'read', rows: rows as Rows, ...createListPaths(rowPath)};
}

/**
 * Reads a list of objects, each with one number per feature under its name.
 *
 * JSON's own rule holds for repeated keys: the last one counts.
 *
 * @param path what its sender calls the list.
 */
export function* readInstances(
  value: unknown,
  path: string,
  {schemas, maxRows}: RowLimits,
): Sliced<RowsRead | Problem> {
  const {features} = schemas;
  const errors = new FieldErrors();
  if (!Array.isArray(value) || value.length === 0) {
    errors.add(
      () => path,
      `expected a list of objects, each with ${listNames(features)}; found ${
        Array.isArray(value) ? 'an empty one' : nameKind(value)
      }`,
    );
    return refuseFields(errors);
  }
  if (value.length > maxRows) return refuseRows(path, value.length, maxRows);
  const rowPath = (i: number) => `${path}[${i}]`;
  const rowsPerSlice = countRowsPerSlice(features.length);
  const rows: number[][] = [];
  let ignored = 0;
  for (let i = 0; i < value.length; i++) {
    if (i % rowsPerSlice === 0) yield;
    rows.push(readInstance(value[i], schemas, errors, () => rowPath(i)));
    if (!schemas.ignoresUnknown) continue;
    ignored = Math.max(ignored, Object.keys(Object(value[i])).length - features.length);
  }
  return errors.count > 0
    ? refuseFields(errors)
    : {status: 'read', rows, ignored, ...createNamedPaths(rowPath, features)};
}

/**
 * Reads one object with a number per feature.
 *
 * @returns the numbers in the model's order; none where the object is wrong, which is added to `errors`.
 */
export function readInstance(
  instance: unknown,
  schemas: Schemas,
  errors: FieldErrors,
  path: () => string,
): number[] {
  const {features, instance: schema} = schemas;
  if (!isObject(instance)) {
    errors.add(path, `expected an object with ${listNames(features)}; found ${nameKind(instance)}`);
    return [];
  }
  if (!schema.safeParse(instance).success) {
    explainInstance(instance, schemas, errors, path);
    return [];
  }
  return features.map(name => Number(instance[name]));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
