import * as z from 'zod/mini';
import type {Artifact} from '../artifact/artifact.ts';
import {readEnvelope, readLevel, readOptions} from './envelope.ts';
import {boundJson} from './json-bounds.ts';
import type {Problem} from './problem.ts';
import {isObject, type RowLimits, type RowsRead} from './read-rows.ts';
import type {RowShape} from './row-shapes.ts';
import type {Schemas} from './schemas.ts';
import type {Sliced} from './slices.ts';
import {joinWords} from './wording.ts';

/** A body of JSON: rows under exactly one of some keys, and a key that asks for a prediction interval. */
export type JsonBody = {
  /** The shapes of rows, by the key that they may be under. */
  keys: Readonly<Record<string, RowShape>>;
  option: {key: string} & OptionShape;
  /** The shape of rows that may be the whole body. */
  bare?: RowShape;
};

/** A way to ask for an interval. */
type OptionShape = {
  /** Gives the level; undefined where none is asked for. */
  read: (value: unknown, path: string, schemas: Schemas) => number | undefined | Problem;
  schema: (schemas: Schemas) => z.ZodMiniType;
  example: unknown;
};

/** A request for predictions, read: rows ready for the formula, and the level of the interval asked for. */
export type PredictRequest = RowsRead & {level: number | undefined};

/** `0.95` */
export const levelNumber: OptionShape = {
  read: readLevel,
  schema: ({level}) => z.optional(level),
  example: 0.95,
};

/** `{"interval": 0.95}`; null is as good as none. */
export const levelObject: OptionShape = {
  read: readOptions,
  schema: ({level, ignoresUnknown}) => {
    const members = {interval: z.optional(level)};
    return z.optional(z.nullable(ignoresUnknown ? z.looseObject(members) : z.strictObject(members)));
  },
  example: {interval: 0.95},
};

/** Reads a body of this shape. What is refused repeats nothing of the input. */
export function* readJsonBody(
  {keys, option, bare}: JsonBody,
  bytes: Uint8Array,
  limits: RowLimits,
): Sliced<PredictRequest | Problem> {
  const {schemas} = limits;
  const names = Object.keys(keys);
  const sketches = Object.entries(keys).map(([key, {sketch}]) => `{"${key}": ${sketch(schemas.features)}}`);
  const examples = joinWords(sketches, 'or');
  const shape = {keys: names, option: option.key, examples, isBare: bare !== undefined};
  const bounds = boundJson(limits, {lists: 1, keys: schemas.features.length + 1});
  const body = yield* readEnvelope(bytes, shape, bounds);
  if ('problem' in body) return body;
  if (bare !== undefined && body.key === undefined) {
    const rows = yield* bare.read(body.value, 'body', limits);
    return 'problem' in rows ? rows : {...rows, level: undefined};
  }
  const level = option.read(body.option, option.key, schemas);
  if (typeof level === 'object') return level;
  const {key = ''} = body;
  const rows = keys[key];
  if (rows === undefined) throw new Error('an envelope has one of the keys that were asked for');
  const read = yield* rows.read(body.value, key, limits);
  if ('problem' in read) return read;
  return {...read, level, ignored: (read.ignored ?? 0) + countIgnored(body.option, schemas)};
}

/** Describes bodies of this shape for the OpenAPI document: their schema, and examples that the server accepts. */
export function describeJsonBody(
  {keys, option, bare}: JsonBody,
  artifact: Artifact,
  schemas: Schemas,
): {schema: z.ZodMiniType; examples: Record<string, unknown>} {
  const bodies: z.ZodMiniType[] = Object.entries(keys).map(([key, shape]) =>
    z.strictObject({[key]: shape.schema(schemas), [option.key]: option.schema(schemas)}),
  );
  if (bare !== undefined) bodies.push(bare.schema(schemas));
  const examples = Object.entries(keys).flatMap(([key, shape]) =>
    shape.examples.map(({name, make}): [string, unknown] => [
      name === undefined ? key : `${key}, ${name}`,
      {[key]: make(artifact)},
    ]),
  );
  const [first] = examples;
  if (artifact.uncertainty !== undefined && first !== undefined) {
    examples.push(['with an interval', {...Object(first[1]), [option.key]: option.example}]);
  }
  for (const {name, make} of bare?.examples ?? []) {
    examples.push([`no key${name === undefined ? '' : `, ${name}`}`, make(artifact)]);
  }
  const [only, ...others] = bodies;
  return {
    schema: only !== undefined && others.length === 0 ? only : z.union(bodies),
    examples: Object.fromEntries(examples),
  };
}

function countIgnored(option: unknown, {ignoresUnknown}: Schemas): number {
  if (!ignoresUnknown || !isObject(option)) return 0;
  return Object.keys(option).filter(key => key !== 'interval').length;
}
