import * as z from 'zod/mini';
import type {Artifact} from '../../artifact/artifact.ts';
import {describe, type Schemas} from '../../rows/schemas.ts';
import {listNames} from '../../rows/wording.ts';
import {type Datatype, datatypeNames} from './datatypes.ts';

/** All of a tensor but its data: a batch may have a million elements, and they are checked one by one. */
export type TensorHead = {
  name: string;
  shape: number[];
  datatype: Datatype;
  parameters?: {binary_data_size?: number | undefined} | undefined;
};

/** A kind of tensor in a request. */
export type TensorKind = {
  head: z.ZodMiniType<TensorHead>;
  /** Its members in words, for messages. */
  expected: Readonly<Record<string, string>>;
};

/** The protocol's bodies for one model. */
export type InferSchemas = {
  /** Those that it shares with the other dialects. */
  model: Schemas;
  id: z.ZodMiniType<string>;
  /** One tensor with all features of each row. */
  matrix: TensorKind;
  /** One tensor with one feature of each row. */
  column: TensorKind;
  output: z.ZodMiniType<{name: string; parameters?: {binary_data?: boolean | undefined} | undefined}>;
  /** What a request may ask for. */
  parameters: z.ZodMiniType<{binary_data_output?: boolean | undefined}>;
  /** A whole request and a whole answer, for the OpenAPI document. */
  request: z.ZodMiniType;
  answer: z.ZodMiniType;
};

/** A tensor that a model can answer with. */
export type Output = {name: string; target: number; part: 'value' | 'lower' | 'upper'};

/** Longest `id`: it is echoed, and UUIDs and trace ids are shorter. */
export const maxIdLength = 128;

/** Lists a tensor for each target; with an interval also its bounds, as `NAME.lower` and `NAME.upper`. */
export function listOutputs(targets: readonly {name: string}[], withInterval: boolean): Output[] {
  return targets.flatMap(({name}, target): Output[] => {
    const value: Output = {name, target, part: 'value'};
    if (!withInterval) return [value];
    return [
      value,
      {name: `${name}.lower`, target, part: 'lower'},
      {name: `${name}.upper`, target, part: 'upper'},
    ];
  });
}

/**
 * Builds the schemas of the protocol for a model.
 *
 * Members that the protocol does not have are allowed and ignored, and so are parameters other than `interval`: each
 * server may have its own, and clients send theirs to all.
 */
export function createInferSchemas(
  {name, version, targets}: Pick<Artifact, 'name' | 'version' | 'targets'>,
  model: Schemas,
): InferSchemas {
  const {features: names, level} = model;
  const width = names.length;
  const rows = describe(z.int().check(z.gte(1)), {description: 'Number of rows', examples: [2]});
  const binarySize = describe(z.int().check(z.gte(0)), {
    description: 'Where its elements stand behind the JSON instead of in "data": their bytes',
  });
  const common = {
    datatype: z.enum(datatypeNames),
    parameters: z.optional(z.looseObject({binary_data_size: z.optional(binarySize)})),
  };
  const listShape = z.union([z.tuple([rows]), z.tuple([rows, z.literal(1)])]);
  const tableShape = z.union([z.tuple([rows, z.literal(width)]), z.tuple([z.literal(width)])]);
  const matrix = z.looseObject({
    name: describe(z.string(), {description: 'Any: this tensor has all features', examples: ['features']}),
    shape: width === 1 ? listShape : tableShape,
    ...common,
  });
  const column = z.looseObject({name: z.enum(names), shape: listShape, ...common});
  const element = z.union([z.number(), z.boolean(), z.string()]);
  const data = describe(z.union([z.array(element), z.array(z.array(element))]), {
    description: 'The elements in row-major order: nested as the shape says, or flat',
  });
  const id = z.string().check(z.maxLength(maxIdLength));
  const output = z.looseObject({
    name: z.enum(listOutputs(targets, true).map(known => known.name)),
    parameters: z.optional(z.looseObject({binary_data: z.optional(z.boolean())})),
  });
  const parameters = z.looseObject({binary_data_output: z.optional(z.boolean())});
  const expected = {
    datatype: `one of ${datatypeNames.join(', ')}`,
    parameters: 'an object, whose "binary_data_size" is a whole number',
  };
  const listExpected = {...expected, shape: '[n] or [n, 1]'};
  return {
    model,
    id,
    matrix: {
      head: matrix,
      expected:
        width === 1
          ? {...listExpected, name: 'text'}
          : {...expected, name: 'text', shape: `[n, ${width}], or [${width}] for one row`},
    },
    column: {head: column, expected: {...listExpected, name: `one of ${listNames(names)}`}},
    output,
    parameters,
    request: z.looseObject({
      id: z.optional(id),
      parameters: z.optional(z.extend(parameters, {interval: z.optional(level)})),
      inputs: describe(
        z.union([
          z.tuple([z.extend(matrix, {data})]),
          z.array(z.extend(column, {data})).check(z.length(width)),
        ]),
        {
          description: `One tensor with the features ${listNames(names)} in this order, or one tensor for each`,
        },
      ),
      outputs: z.optional(z.array(output)),
    }),
    answer: z.strictObject({
      model_name: z.literal(name),
      model_version: z.literal(version),
      id: z.optional(id),
      parameters: z.optional(
        z.strictObject({
          interval: z.optional(level),
          warnings: z.optional(
            describe(z.string(), {description: 'Inputs outside the range that the model was trained on'}),
          ),
        }),
      ),
      outputs: z.array(
        z.strictObject({
          name: output.shape.name,
          datatype: z.literal('FP64'),
          shape: z.tuple([rows]),
          data: z.array(z.number()),
        }),
      ),
    }),
  };
}
