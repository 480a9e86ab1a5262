import {type FieldErrors, nameKind} from '../../rows/field-errors.ts';
import type {Problem} from '../../rows/problem.ts';
import {isObject, type RowsRead} from '../../rows/read-rows.ts';
import {refuseFields, refuseRows} from '../../rows/refusals.ts';
import type {Sliced} from '../../rows/slices.ts';
import {formatCount, listNames} from '../../rows/wording.ts';
import type {BinaryData} from './binary.ts';
import {copyElements, findElements, type Table} from './elements.ts';
import type {InferSchemas, TensorHead, TensorKind} from './schemas.ts';

/** The limits of the tensors, what stands behind the JSON, and the list to which their faults are added. */
export type TensorLimits = {schemas: InferSchemas; maxRows: number; binary: BinaryData; errors: FieldErrors};

type Tensor = Pick<TensorHead, 'name' | 'shape' | 'datatype'> & Pick<Table, 'path' | 'data'>;

/**
 * Reads the input tensors of a request: one with all features, or one for each.
 *
 * An element is the double that its JSON number is, also in an FP32 tensor: rounded to a float, 5.1 would be
 * 5.0999999046, and its prediction another than that of `/predict`. The protocol lets a server coerce elements to
 * the type that it requires, and this model's is FP64. Numbers that the datatype does not have are refused, and those
 * in binary that no double is.
 *
 * @returns the rows; or a problem with all that is in `errors`, what the caller found included.
 */
export function* readTensors(inputs: unknown, limits: TensorLimits): Sliced<RowsRead | Problem> {
  const {schemas, maxRows, binary, errors} = limits;
  const {features} = schemas.model;
  const tables = readTables(inputs, limits);
  if (errors.count === 0) binary.checkRest(errors);
  const [first] = tables;
  if (first === undefined || errors.count > 0) return refuseFields(errors);
  if (first.rows > maxRows) return refuseRows('inputs', first.rows, maxRows);

  // Before room is made for the rows: a shape alone may claim more than there are.
  const blocks = tables.flatMap(table => {
    const elements = findElements(table, features, errors);
    return elements === undefined ? [] : [{table, elements}];
  });
  if (errors.count > 0) return refuseFields(errors);
  const blank = features.map(() => Number.NaN);
  const rows = Array.from({length: first.rows}, () => blank.slice());
  const cellPaths: ((i: number) => string)[] = [];
  for (const {table, elements} of blocks) {
    yield* copyElements(elements, table, rows, features, errors);
    const {columns} = table;
    for (const [c, column] of columns.entries()) {
      cellPaths[column] = i => elements.pathOf(i * columns.length + c);
    }
  }
  if (errors.count > 0) return refuseFields(errors);
  // A row that is not a list of its own has no name in the request.
  const hasRowPaths = blocks.length === 1 && blocks[0]?.elements.isNested;
  return {
    status: 'read',
    rows,
    rowPath: i => (hasRowPaths ? `${first.path}.data[${i}]` : `rows[${i}]`),
    cellPath: (i, j) => cellPaths[j]?.(i) ?? '',
    batchPath: 'inputs',
  };
}

function readTables(inputs: unknown, {schemas, binary, errors}: TensorLimits): Table[] {
  const {
    model: {features},
    matrix,
    column,
  } = schemas;
  if (!Array.isArray(inputs) || (inputs.length !== 1 && inputs.length !== features.length)) {
    const found = Array.isArray(inputs) ? formatCount(inputs.length, 'tensor') : nameMemberKind(inputs);
    const expected = `a list with one tensor for all features, or one for each of ${listNames(features)}`;
    errors.add(() => 'inputs', `expected ${expected}; found ${found}`);
    return [];
  }
  const read = (kind: TensorKind) =>
    inputs.flatMap((input: unknown, i) => readTensor(input, kind, `inputs[${i}]`, {binary, errors}));
  if (inputs.length === 1) {
    const columns = features.map((_, j) => j);
    return read(matrix).map(({path, shape, datatype, data}) => {
      // A list of all features is one row; a list of the only feature is as many rows.
      const rows = shape.length === 1 && columns.length > 1 ? 1 : (shape[0] ?? 1);
      return {path, columns, rows, dimensions: shape.length, datatype, data};
    });
  }
  const places = new Map(features.map((name, j) => [name, j]));
  const tensors = read(column);
  return tensors.map(({path, name, shape, datatype, data}) => {
    const place = places.get(name);
    // Deletes each name once matched, so a second match is a duplicate.
    places.delete(name);
    if (place === undefined) {
      errors.add(() => `${path}.name`, 'expected a tensor for each feature; found the name of one before');
    }
    const [rows = 1] = shape;
    if (rows !== tensors[0]?.shape[0]) {
      errors.add(() => `${path}.shape`, 'expected as many rows as in the tensors before');
    }
    return {
      path,
      columns: place === undefined ? [] : [place],
      rows,
      dimensions: shape.length,
      datatype,
      data,
    };
  });
}

function readTensor(
  input: unknown,
  {head, expected}: TensorKind,
  path: string,
  {binary, errors}: Pick<TensorLimits, 'binary' | 'errors'>,
): Tensor[] {
  if (!isObject(input)) {
    const members = 'an object with "name", "shape", "datatype" and "data"';
    errors.add(() => path, `expected ${members}; found ${nameKind(input)}`);
    return [];
  }
  const parsed = head.safeParse(input);
  const faults = new Set(parsed.success ? [] : parsed.error.issues.map(issue => String(issue.path[0])));
  for (const member of faults) {
    const value = input[member];
    const found = typeof value === 'string' || Array.isArray(value) ? 'another' : nameMemberKind(value);
    errors.add(() => `${path}.${member}`, `expected ${expected[member]}; found ${found}`);
  }
  const {parameters} = input;
  const isBinary = isObject(parameters) && parameters.binary_data_size !== undefined;
  if (isBinary && !parsed.success) return [];
  const size = parsed.data?.parameters?.binary_data_size;
  const data = size === undefined ? input.data : binary.take(size);
  if (size !== undefined && input.data !== undefined) {
    const found = nameKind(input.data);
    errors.add(() => `${path}.data`, `expected none, as there is "binary_data_size"; found ${found}`);
    return [];
  }
  if (!Array.isArray(data) && !(data instanceof Uint8Array)) {
    errors.add(() => `${path}.data`, `expected a list of numbers; found ${nameMemberKind(data)}`);
    return [];
  }
  if (!parsed.success) return [];
  const {name, shape, datatype} = parsed.data;
  return [{path, name, shape, datatype, data}];
}

/** As `nameKind`, for a member that may be missing. */
function nameMemberKind(value: unknown): string {
  return value === undefined ? 'none' : nameKind(value);
}
