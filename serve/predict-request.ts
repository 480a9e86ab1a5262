import {kindOf} from './field-errors.ts';
import {isObject, listNames, type RowLimits, type RowsRead, readInstances, readRowList} from './read-rows.ts';
import {type Problem, refuse} from './reply.ts';
import {maxLevel, type Schemas} from './schemas.ts';

/** The body of `POST /predict`, read: rows ready for the formula, and the level of the interval asked for. */
export type PredictRequest = RowsRead & {level: number | undefined};

/**
 * Reads `{"features": [[…], …]}`, `{"features": […]}` (a batch of one) or `{"instances": [{name: value}, …]}`,
 * each with an optional `"interval"`: the level of a prediction interval.
 *
 * Nothing of the input is repeated in what is refused.
 */
export function parsePredictRequest(text: string, limits: RowLimits): PredictRequest | Problem {
  const body = parseJsonBody(text, shapes(limits.schemas.features));
  if ('problem' in body) return body;
  if (!isObject(body.value)) {
    const example = shapes(limits.schemas.features);
    return refuse(400, 'invalid_input', `The body must be a JSON object, such as ${example}.`);
  }
  const {features, instances, interval, ...others} = body.value;
  const unknownKeys = Object.keys(others).length;
  if ((features === undefined) === (instances === undefined) || unknownKeys > 0) {
    const found = [
      ...(features === undefined ? [] : ['"features"']),
      ...(instances === undefined ? [] : ['"instances"']),
      ...(unknownKeys === 0 ? [] : [`${unknownKeys} unknown ${unknownKeys === 1 ? 'key' : 'keys'}`]),
    ];
    const message = `expected exactly one of "features" and "instances", and "interval" at most; found ${
      found.join(' and ') || 'none'
    }`;
    return refuse(400, 'invalid_input', `The body must be ${shapes(limits.schemas.features)}.`, {
      fields: [{path: 'body', message}],
    });
  }
  const level = readLevel(interval, 'interval', limits.schemas);
  if (typeof level === 'object') return level;
  const read =
    features === undefined
      ? readInstances(instances, 'instances', limits)
      : readRowList(features, 'features', limits);
  return 'problem' in read ? read : {...read, level};
}

/** @param expected what the body may be, for the message. */
export function parseJsonBody(text: string, expected: string): {value: unknown} | Problem {
  try {
    return {value: JSON.parse(text)};
  } catch {
    // Not passed on: the engine's message quotes the input.
    const what = text.trim() === '' ? 'empty' : 'not JSON';
    return refuse(400, 'malformed_json', `The body is ${what}. Send ${expected}.`);
  }
}

/** Reads the level of a prediction interval; undefined where none is asked for. */
export function readLevel(value: unknown, path: string, {level}: Schemas): number | undefined | Problem {
  if (value === undefined) return undefined;
  const parsed = level.safeParse(value);
  if (parsed.success) return parsed.data;
  const found = typeof value === 'number' ? 'another number' : kindOf(value);
  return refuse(400, 'invalid_input', '1 value is not what this model expects.', {
    fields: [
      {path, message: `expected a number above 0 and at most ${maxLevel}, such as 0.95; found ${found}`},
    ],
  });
}

/** Reads the level from a query, as in `/predict?interval=0.95`. */
export function readQueryLevel(url: string, schemas: Schemas): number | undefined | Problem {
  const start = url.indexOf('?');
  if (start === -1) return undefined;
  const text = new URLSearchParams(url.slice(start)).get('interval');
  if (text === null) return undefined;
  return readLevel(/^[\d.eE+-]+$/.test(text) ? Number(text) : text, 'interval', schemas);
}

function shapes(features: readonly string[]): string {
  const instance = listNames(features.map(name => `${JSON.stringify(name)}: number`));
  return `{"features": [[${listNames(features)}], …]} or {"instances": [{${instance}}, …]}`;
}
