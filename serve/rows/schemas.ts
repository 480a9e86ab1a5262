import * as z from 'zod/mini';
import type {Artifact} from '../artifact/artifact.ts';
import {roundBySpread} from '../model/rounding.ts';

/** The schemas of one model: they validate requests, and the OpenAPI document is made of them. */
export type Schemas = {
  /** Names of the model's features, in its order. */
  features: readonly string[];
  /** Names that are none of the model's are ignored instead of refused. */
  ignoresUnknown: boolean;
  /** One finite number per feature, in the model's order. */
  row: z.ZodMiniType<number[]>;
  /** An object with one finite number per feature, and nothing else that is not ignored. */
  instance: z.ZodMiniType<Record<string, unknown>>;
  /** A list of rows, or one row as a batch of one. */
  rows: z.ZodMiniType<number[][] | number[]>;
  instances: z.ZodMiniType<Record<string, unknown>[]>;
  /** The probability of a prediction interval. */
  level: z.ZodMiniType<number>;
  /** One prediction of each target: a number, or a list where the model has several targets. */
  prediction: z.ZodMiniType<number | number[]>;
  interval: z.ZodMiniType;
  warnings: z.ZodMiniType;
};

/** Largest level of an interval; closer to 1 the t distribution loses digits, and no linear model holds that far out. */
export const maxLevel = 0.9999;

/** Builds the schemas of a model; their descriptions have its names, units and training ranges. */
export function createSchemas({features, targets}: Pick<Artifact, 'features' | 'targets'>): Schemas {
  const values = features.map(feature => {
    const {name, unit, min, max, mean} = feature;
    const description = `${name}${unit === null ? '' : ` in ${unit}`}; the model was trained on ${min} to ${max}`;
    return describe(z.number(), {description, examples: [roundBySpread(mean, feature)]});
  });
  const outputs = targets.map(({name, unit}) =>
    describe(z.number(), {description: `${name}${unit === null ? '' : ` in ${unit}`}`}),
  );
  const [output, ...others] = outputs;
  const prediction =
    output !== undefined && others.length === 0 ? output : z.tuple(outputs as unknown as [z.ZodMiniNumber]);
  const level = describe(z.number().check(z.gt(0), z.lte(maxLevel)), {
    description: 'Probability with which the interval covers the value that will be observed',
    examples: [0.95],
  });
  const row = z.tuple(values as unknown as [z.ZodMiniNumber]);
  const members = Object.fromEntries(features.map(({name}, j) => [name, values[j] ?? z.number()]));
  const instance = z.strictObject(members);
  return {
    features: features.map(({name}) => name),
    ignoresUnknown: false,
    row,
    instance,
    rows: z.union([z.array(row).check(z.minLength(1)), row]),
    instances: z.array(instance).check(z.minLength(1)),
    level,
    prediction,
    interval: describe(z.strictObject({level, lower: z.array(prediction), upper: z.array(prediction)}), {
      description: "Prediction interval of each value (Student's t); only where a level was asked for",
    }),
    warnings: describe(z.array(z.strictObject({path: z.string(), message: z.string()})), {
      description: 'Inputs outside the range that the model was trained on; only where there are some',
    }),
  };
}

/** Makes the schemas for clients that expect names to be ignored that are none of the model's. */
export function loosenSchemas(schemas: Schemas): Schemas {
  const instance = z.looseObject(Object.fromEntries(schemas.features.map(name => [name, z.number()])));
  return {...schemas, ignoresUnknown: true, instance, instances: z.array(instance).check(z.minLength(1))};
}

/** Adds what the OpenAPI document says of a schema. */
export function describe<Schema extends z.ZodMiniType>(
  schema: Schema,
  meta: {description: string; examples?: unknown[]},
): Schema {
  z.globalRegistry.add(schema, meta);
  return schema;
}
