import type {Model} from '../../../serve/model/predict.ts';
import type {Descriptor} from '../../core/dataset/descriptor-schema.ts';
import type {Split} from '../../core/dataset/split.ts';
import type {Table} from '../../core/dataset/table-collector.ts';
import type {Evaluation} from '../../core/evaluation/evaluation.ts';

/** What figures are drawn from. */
export interface FigureData {
  descriptor: Descriptor;
  table: Table;
  split: Split;
  model: Model;
  evaluation: Evaluation;
}

/** A column of numbers, one a row; NaN where a cell is missing. */
export interface NumberColumn {
  name: string;
  unit: string | null;
  role: 'feature' | 'target' | 'other';
  values: Float64Array;
}

/** Takes the columns of numbers out of a table: features, targets, and those that the model does not use. */
export function listNumberColumns({descriptor, table}: FigureData): NumberColumn[] {
  const units = new Map(
    descriptor.columns.map(column => [column.name, 'unit' in column ? column.unit : undefined]),
  );
  const pick = (
    name: string,
    role: NumberColumn['role'],
    read: (row: number) => number | null | undefined,
  ) => {
    const values = Float64Array.from({length: table.features.length}, (_, row) => read(row) ?? Number.NaN);
    return {name, unit: units.get(name) ?? null, role, values};
  };
  return [
    ...descriptor.features.map((name, j) => pick(name, 'feature', row => table.features[row]?.[j])),
    ...descriptor.targets.map((name, j) => pick(name, 'target', row => table.targets[row]?.[j])),
    ...table.others.map(({name, values}) => pick(name, 'other', row => values[row])),
  ];
}
