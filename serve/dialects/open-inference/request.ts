import type {Artifact} from '../../artifact/artifact.ts';
import {readLevel} from '../../rows/envelope.ts';
import {FieldErrors, nameKind} from '../../rows/field-errors.ts';
import {boundJson} from '../../rows/json-bounds.ts';
import {type Problem, refuse} from '../../rows/problem.ts';
import {readJson} from '../../rows/read-json.ts';
import {isObject, type RowsRead} from '../../rows/read-rows.ts';
import type {Sliced} from '../../rows/slices.ts';
import {listNames} from '../../rows/wording.ts';
import type {BinaryData} from './binary.ts';
import {type InferSchemas, listOutputs, maxIdLength, type Output} from './schemas.ts';
import {readTensors} from './tensors.ts';

/** The body of an inference request, read. */
export type InferRequest = RowsRead & {
  id: string | undefined;
  level: number | undefined;
  /** The tensors of the answer, in the order asked for. */
  outputs: readonly AskedOutput[];
};

/** A tensor of the answer, and whether it stands behind the JSON. */
type AskedOutput = Output & {isBinary: boolean};

/** The model that is asked, and the most rows of a request. */
export type InferLimits = {
  targets: Artifact['targets'];
  schemas: InferSchemas;
  maxRows: number;
  binary: BinaryData;
};

/** Reads an inference request of the protocol. Nothing of the input is repeated in what is refused. */
export function* parseInferRequest(
  bytes: Uint8Array,
  {targets, schemas, maxRows, binary}: InferLimits,
): Sliced<InferRequest | Problem> {
  const {model} = schemas;
  // A tensor of one feature may be nested: a list a row.
  const bounds = boundJson({schemas: model, maxRows}, {lists: model.features.length, keys: 0});
  const body = yield* readJson(bytes, bounds, shape);
  if ('problem' in body) return body;
  if (!isObject(body.value)) {
    return refuse(400, 'invalid_input', `The body must be a JSON object, such as ${shape}.`);
  }
  const {id, parameters, inputs, outputs} = body.value;
  const errors = new FieldErrors();
  const {level, isBinary} = readParameters(parameters, schemas, errors);
  const known = listOutputs(targets, level !== undefined).map(output => ({...output, isBinary}));
  const asked = {
    id: readId(id, schemas, errors),
    level,
    outputs: readOutputs(outputs, known, schemas, errors),
  };
  const rows = yield* readTensors(inputs, {schemas, maxRows, binary, errors});
  return 'problem' in rows ? rows : {...rows, ...asked};
}

function readId(id: unknown, schemas: InferSchemas, errors: FieldErrors): string | undefined {
  if (id === undefined) return undefined;
  const parsed = schemas.id.safeParse(id);
  if (parsed.success) return parsed.data;
  const found = typeof id === 'string' ? 'longer text' : nameKind(id);
  errors.add(() => 'id', `expected text of at most ${maxIdLength} characters; found ${found}`);
  return undefined;
}

function readParameters(
  parameters: unknown,
  schemas: InferSchemas,
  errors: FieldErrors,
): {level: number | undefined; isBinary: boolean} {
  if (parameters === undefined) return {level: undefined, isBinary: false};
  if (!isObject(parameters)) {
    errors.add(() => 'parameters', `expected an object; found ${nameKind(parameters)}`);
    return {level: undefined, isBinary: false};
  }
  const parsed = schemas.parameters.safeParse(parameters);
  if (!parsed.success) {
    const found = nameKind(parameters.binary_data_output);
    errors.add(() => 'parameters.binary_data_output', `expected a boolean; found ${found}`);
  }
  const isBinary = parsed.data?.binary_data_output ?? false;
  const level = readLevel(parameters.interval, 'parameters.interval', schemas.model);
  if (typeof level !== 'object') return {level, isBinary};
  for (const {path, message} of level.problem.fields) errors.add(() => path, message);
  return {level: undefined, isBinary};
}

function readOutputs(
  outputs: unknown,
  known: readonly AskedOutput[],
  schemas: InferSchemas,
  errors: FieldErrors,
): readonly AskedOutput[] {
  if (outputs === undefined) return known;
  const expected = `${listNames(known.map(({name}) => name))}, each at most once`;
  if (!Array.isArray(outputs) || outputs.length > known.length) {
    const found = Array.isArray(outputs) ? outputs.length : nameKind(outputs);
    errors.add(() => 'outputs', `expected a list of outputs (${expected}), found ${found}`);
    return [];
  }
  // An empty list asks for nothing in particular.
  if (outputs.length === 0) return known;
  const open = new Map(known.map(output => [output.name, output]));
  return outputs.flatMap((output: unknown, i) => {
    if (!isObject(output) || typeof output.name !== 'string') {
      errors.add(() => `outputs[${i}]`, 'expected an object with the name of an output');
      return [];
    }
    const found = open.get(output.name);
    if (found === undefined) {
      errors.add(() => `outputs[${i}].name`, `expected one of ${expected}; found another`);
      return [];
    }
    open.delete(found.name);
    const parsed = schemas.output.safeParse(output);
    if (!parsed.success) {
      const wanted = 'an object, whose "binary_data" is a boolean';
      errors.add(() => `outputs[${i}].parameters`, `expected ${wanted}; found another`);
    }
    return [{...found, isBinary: parsed.data?.parameters?.binary_data ?? found.isBinary}];
  });
}

const shape = '{"inputs": [{"name": text, "shape": [n, …], "datatype": "FP64", "data": [number, …]}]}';
