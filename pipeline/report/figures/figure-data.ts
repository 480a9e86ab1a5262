import {type Model, predictRow} from '../../../serve/model/predict.ts';
import type {Descriptor} from '../../core/dataset/descriptor-schema.ts';
import type {Split} from '../../core/dataset/split.ts';
import type {Table} from '../../core/dataset/table-collector.ts';
import type {Evaluation} from '../../core/evaluation/evaluation.ts';

/** A column of numbers, one a row; NaN where a cell is missing. */
export interface NumberColumn {
  name: string;
  unit: string | null;
  role: 'feature' | 'target' | 'other';
  values: Float64Array<ArrayBuffer>;
}

/** A column of texts: per row the index of its value; −1 where the cell is missing. */
export interface CategoryColumn {
  name: string;
  values: string[];
  codes: Int32Array<ArrayBuffer>;
}

/** What figures are drawn from, in arrays that go to another thread without being copied. */
export interface FigureData {
  features: NumberColumn[];
  targets: NumberColumn[];
  others: NumberColumn[];
  categories: CategoryColumn[];
  dropped: number;
  /** Indices of rows. */
  train: Uint32Array<ArrayBuffer>;
  test: Uint32Array<ArrayBuffer>;
  model: Model;
  evaluation: Evaluation;
}

/** Puts a table into columns. */
export function packFigureData({
  descriptor,
  table,
  split,
  model,
  evaluation,
}: {
  descriptor: Descriptor;
  table: Table;
  split: Split;
  model: Model;
  evaluation: Evaluation;
}): FigureData {
  const units = new Map(
    descriptor.columns.map(column => [column.name, 'unit' in column ? column.unit : undefined]),
  );
  const pack =
    (role: NumberColumn['role'], read: (row: number, column: number) => number | null | undefined) =>
    (name: string, column: number): NumberColumn => {
      const values = new Float64Array(table.features.length);
      for (let row = 0; row < values.length; row++) values[row] = read(row, column) ?? Number.NaN;
      return {name, unit: units.get(name) ?? null, role, values};
    };
  return {
    features: descriptor.features.map(pack('feature', (row, column) => table.features[row]?.[column])),
    targets: descriptor.targets.map(pack('target', (row, column) => table.targets[row]?.[column])),
    others: table.others
      .map(({name}) => name)
      .map(pack('other', (row, column) => table.others[column]?.values[row])),
    categories: table.categories.map(packCategory),
    dropped: table.dropped,
    train: Uint32Array.from(split.train),
    test: Uint32Array.from(split.test),
    model: {targets: model.targets.map(({intercept, coefficients}) => ({intercept, coefficients}))},
    evaluation,
  };
}

/** The buffers of the columns, to be moved to another thread. */
export function listBuffers(data: FigureData): ArrayBuffer[] {
  const {features, targets, others, categories, train, test} = data;
  return [
    ...[...features, ...targets, ...others].map(({values}) => values.buffer),
    ...categories.map(({codes}) => codes.buffer),
    train.buffer,
    test.buffer,
  ];
}

/** What the model predicts of one target for some rows, and what it misses. */
export interface Fit {
  actual: Float64Array;
  predicted: Float64Array;
  /** actual − predicted */
  residuals: Float64Array;
}

/** Predicts one target for the rows of these indices, with the formula that the server uses. */
export function fitRows({features, targets, model}: FigureData, target: number, rows: Uint32Array): Fit {
  const own = {targets: model.targets.slice(target, target + 1)};
  const row = new Array<number>(features.length);
  const fit = {
    actual: new Float64Array(rows.length),
    predicted: new Float64Array(rows.length),
    residuals: new Float64Array(rows.length),
  };
  for (const [i, index] of rows.entries()) {
    for (const [j, {values}] of features.entries()) row[j] = values[index] ?? Number.NaN;
    const actual = targets[target]?.values[index] ?? Number.NaN;
    const [predicted = Number.NaN] = predictRow(own, row);
    fit.actual[i] = actual;
    fit.predicted[i] = predicted;
    fit.residuals[i] = actual - predicted;
  }
  return fit;
}

function packCategory({name, values}: Table['categories'][number]): CategoryColumn {
  const indices = new Map<string, number>();
  const codes = new Int32Array(values.length);
  for (const [row, value] of values.entries()) {
    if (value !== null && !indices.has(value)) indices.set(value, indices.size);
    codes[row] = value === null ? -1 : (indices.get(value) ?? -1);
  }
  return {name, values: [...indices.keys()], codes};
}
