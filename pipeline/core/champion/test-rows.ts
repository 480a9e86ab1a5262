import type {Descriptor} from '../dataset/descriptor.ts';
import {pickRows} from '../dataset/split.ts';
import type {Table} from '../dataset/table-collector.ts';
import type {TestRows} from './comparison.ts';

/** The rows that a model is scored on, and their numbers in the table, the first row being 0. */
export interface NumberedTestRows extends TestRows {
  indices: number[];
}

/** Picks the test rows of a table, with the number columns that the model does not use and a champion may. */
export function pickTestRows({columns}: Descriptor, table: Table, indices: number[]): NumberedTestRows {
  const units = new Map(columns.map(column => [column.name, 'unit' in column ? column.unit : undefined]));
  return {
    indices,
    features: pickRows(table.features, indices),
    targets: pickRows(table.targets, indices),
    others: table.others.map(({name, values}) => ({
      name,
      unit: units.get(name) ?? null,
      values: pickRows(values, indices),
    })),
  };
}
