import {csvType} from '../../serve/rows/write-csv.ts';

/** A request with as many rows of the iris model as one may have. */
export type LargeBatch = {
  name: string;
  path: string;
  headers: Record<string, string>;
  make: () => Buffer;
};

const names = ['sepal_length', 'sepal_width', 'petal_width'];
const rows = Array.from({length: 100_000}, (_, i) => [4.3 + i / 1e6, 2 + i / 7e5, 0.1 + i / 3e5]);
const columns = names.map((_, j) => rows.map(row => row[j] ?? Number.NaN));
const instances = () =>
  rows.map(([sepal_length, sepal_width, petal_width]) => ({sepal_length, sepal_width, petal_width}));
const infer = '/v2/models/iris/infer';
const tensor = {name: 'x', datatype: 'FP64', shape: [100_000, 3]};

/** The largest batches that the server takes, in each dialect, most of them with intervals. */
export const largeBatches: readonly LargeBatch[] = [
  json('lists', '/predict', () => ({features: rows})),
  json('lists, with intervals', '/predict?interval=0.9', () => ({features: rows})),
  json('objects, with intervals', '/predict?interval=0.9', () => ({instances: instances()})),
  json('inputs out of range', '/predict?interval=0.9', () => ({
    features: rows.map(row => row.map(value => 1e3 * value)),
  })),
  {
    name: 'CSV, with intervals',
    path: '/predict?interval=0.9',
    headers: {'content-type': csvType, accept: csvType},
    make: () => Buffer.from(`${names}\n${rows.map(row => `${row}\n`).join('')}`),
  },
  json('data frames', '/invocations', () => ({
    dataframe_split: {columns: names, data: rows},
    params: {interval: 0.9},
  })),
  json('records', '/invocations', () => ({
    dataframe_records: instances().map(row => ({...row, id: 1})),
    params: {interval: 0.9},
  })),
  json('columns', '/invocations', () => ({
    inputs: Object.fromEntries(names.map((name, j) => [name, columns[j]])),
    params: {interval: 0.9},
  })),
  json('instances', '/vertex/predict', () => ({instances: rows, parameters: {interval: 0.9}})),
  json('a tensor', infer, () => ({inputs: [{...tensor, data: rows.flat()}], parameters: {interval: 0.9}})),
  json('a tensor of lists', infer, () => ({inputs: [{...tensor, data: rows}], parameters: {interval: 0.9}})),
  json('tensors', infer, () => ({
    inputs: names.map((name, j) => ({
      name,
      datatype: 'FP64',
      shape: [100_000, 1],
      data: columns[j]?.map(value => [value]),
    })),
    parameters: {interval: 0.9},
  })),
  {
    name: 'a binary tensor',
    path: infer,
    ...(() => {
      const parameters = {binary_data_size: 2_400_000};
      const head = JSON.stringify({
        inputs: [{...tensor, parameters}],
        parameters: {interval: 0.9, binary_data_output: true},
      });
      return {
        headers: {
          'content-type': 'application/octet-stream',
          'inference-header-content-length': String(head.length),
        },
        make: () => Buffer.concat([Buffer.from(head), Buffer.from(Float64Array.from(rows.flat()).buffer)]),
      };
    })(),
  },
];

function json(name: string, path: string, makeValue: () => unknown): LargeBatch {
  return {
    name,
    path,
    headers: {'content-type': 'application/json'},
    make: () => Buffer.from(JSON.stringify(makeValue())),
  };
}
