import {readEnvelope, readLevel} from '../../rows/envelope.ts';
import type {Problem} from '../../rows/problem.ts';
import {listNames, type RowLimits, type RowsRead, readInstances, readRowList} from '../../rows/read-rows.ts';

/** A request for predictions, read: rows ready for the formula, and the level of the interval asked for. */
export type PredictRequest = RowsRead & {level: number | undefined};

/**
 * Reads `{"features": [[…], …]}`, `{"features": […]}` (a batch of one) or `{"instances": [{name: value}, …]}`,
 * each with an optional `"interval"`: the level of a prediction interval.
 *
 * Nothing of the input is repeated in what is refused.
 */
export function parsePredictRequest(text: string, limits: RowLimits): PredictRequest | Problem {
  const {schemas} = limits;
  const examples = listShapes(schemas.features);
  const body = readEnvelope(text, {keys: ['features', 'instances'], option: 'interval', examples});
  if ('problem' in body) return body;
  const level = readLevel(body.option, 'interval', schemas);
  if (typeof level === 'object') return level;
  const {key, value} = body;
  const read = key === 'features' ? readRowList(value, key, limits) : readInstances(value, key, limits);
  return 'problem' in read ? read : {...read, level};
}

function listShapes(features: readonly string[]): string {
  const instance = listNames(features.map(name => `${JSON.stringify(name)}: number`));
  return `{"features": [[${listNames(features)}], …]} or {"instances": [{${instance}}, …]}`;
}
