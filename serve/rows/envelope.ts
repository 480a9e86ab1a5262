import {nameKind} from './field-errors.ts';
import type {JsonBounds} from './json-bounds.ts';
import {type Problem, refuse} from './problem.ts';
import {readJson} from './read-json.ts';
import {isObject} from './read-rows.ts';
import {maxLevel, type Schemas} from './schemas.ts';
import type {Sliced} from './slices.ts';
import {joinWords} from './wording.ts';

/** A body of JSON, opened: the key under which the rows are, its value, and the value of the key for options. Without a key, all of it. */
export type Envelope = {key: string | undefined; value: unknown; option: unknown};

/** The shape of a body. */
export type EnvelopeShape = {
  /** Exactly one of them must be there. */
  keys: readonly string[];
  /** The key that may be there besides. */
  option: string;
  /** The rows may also be the whole body: a list. */
  isBare: boolean;
  /** Examples, for the messages. */
  examples: string;
};

/** Reads a JSON object with one key for the rows, and one for options at most. */
export function* readEnvelope(
  bytes: Uint8Array,
  {keys, option, examples, isBare}: EnvelopeShape,
  bounds: JsonBounds,
): Sliced<Envelope | Problem> {
  const body = yield* readJson(bytes, bounds, examples);
  if ('problem' in body) return body;
  const {value} = body;
  if (isBare && Array.isArray(value)) return {key: undefined, value, option: undefined};
  if (!isObject(value)) {
    return refuse(400, 'invalid_input', `The body must be a JSON object, such as ${examples}.`);
  }
  const found = keys.filter(key => Object.hasOwn(value, key));
  const unknown = Object.keys(value).filter(key => key !== option && !keys.includes(key)).length;
  const [key] = found;
  if (key === undefined || found.length > 1 || unknown > 0) {
    const quoted = joinWords(
      keys.map(name => JSON.stringify(name)),
      'and',
    );
    const expected = keys.length > 1 ? `exactly one of ${quoted}` : quoted;
    const what = [
      ...found.map(name => JSON.stringify(name)),
      ...(unknown === 0 ? [] : [`${unknown} unknown ${unknown === 1 ? 'key' : 'keys'}`]),
    ];
    const message = `expected ${expected}, and "${option}" at most; found ${what.join(' and ') || 'none'}`;
    return refuse(400, 'invalid_input', `The body must be ${examples}.`, {fields: [{path: 'body', message}]});
  }
  return {key, value: value[key], option: Object.hasOwn(value, option) ? value[option] : undefined};
}

/** Reads the level of a prediction interval; undefined where none is asked for. */
export function readLevel(value: unknown, path: string, {level}: Schemas): number | undefined | Problem {
  if (value === undefined) return undefined;
  const parsed = level.safeParse(value);
  if (parsed.success) return parsed.data;
  const found = typeof value === 'number' ? 'another number' : nameKind(value);
  return refuseField(path, `expected a number above 0 and at most ${maxLevel}, such as 0.95; found ${found}`);
}

/** Reads the level from a query, as in `/predict?interval=0.95`. */
export function readQueryLevel(url: string, schemas: Schemas): number | undefined | Problem {
  const start = url.indexOf('?');
  if (start === -1) return undefined;
  const text = new URLSearchParams(url.slice(start)).get('interval');
  if (text === null) return undefined;
  return readLevel(/^[\d.eE+-]+$/.test(text) ? Number(text) : text, 'interval', schemas);
}

/** Reads `{"interval": level}`; undefined where nothing is asked for, of which null is a way to say so. */
export function readOptions(value: unknown, path: string, schemas: Schemas): number | undefined | Problem {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) {
    return refuseField(path, `expected an object, such as {"interval": 0.95}; found ${nameKind(value)}`);
  }
  const {interval, ...others} = value;
  const unknown = Object.keys(others).length;
  if (unknown > 0 && !schemas.ignoresUnknown) {
    return refuseField(
      path,
      `expected "interval" at most; found ${unknown} unknown ${unknown === 1 ? 'key' : 'keys'}`,
    );
  }
  return readLevel(interval, `${path}.interval`, schemas);
}

function refuseField(path: string, message: string): Problem {
  return refuse(400, 'invalid_input', '1 value is not what this model expects.', {fields: [{path, message}]});
}
