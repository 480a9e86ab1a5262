import {readNamedColumns, readSplitFrame} from '../../rows/data-frames.ts';
import {type Envelope, readEnvelope, readOptions, readRowsOrInstances} from '../../rows/envelope.ts';
import type {Problem} from '../../rows/problem.ts';
import {
  isObject,
  listNames,
  type RowLimits,
  type RowsRead,
  readInstances,
  readRowList,
} from '../../rows/read-rows.ts';
import type {PredictRequest} from '../predict/predict-request.ts';

const keys = ['dataframe_split', 'dataframe_records', 'instances', 'inputs', 'features'];

/**
 * Reads a body of MLflow's scoring protocol (https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally),
 * with exactly one of
 * - `dataframe_split`: `{"columns"?: ["b", "a"], "data": [[…], …], "index"?: […]}`,
 * - `dataframe_records`: `[{name: value}, …]`,
 * - `instances`: a list of rows, each a list or an object,
 * - `inputs`: the same, or an object with a list per feature,
 * - `features`: our own, as in `/predict`;
 *
 * and optional `params`: `{"interval": 0.95}`. Nothing of the input is repeated in what is refused.
 */
export function parseInvocation(text: string, limits: RowLimits): PredictRequest | Problem {
  const {schemas} = limits;
  const body = readEnvelope(text, {keys, option: 'params', examples: listShapes(schemas.features)});
  if ('problem' in body) return body;
  const level = readOptions(body.option, 'params', schemas);
  if (typeof level === 'object') return level;
  const read = readRowsUnder(body, limits);
  return 'problem' in read ? read : {...read, level};
}

function readRowsUnder({key, value}: Envelope, limits: RowLimits): RowsRead | Problem {
  switch (key) {
    case 'dataframe_split':
      return readSplitFrame(value, key, limits);
    case 'dataframe_records':
      return readInstances(value, key, limits);
    case 'inputs':
      return isObject(value) ? readNamedColumns(value, key, limits) : readRowsOrInstances(value, key, limits);
    case 'instances':
      return readRowsOrInstances(value, key, limits);
    default:
      return readRowList(value, key, limits);
  }
}

function listShapes(features: readonly string[]): string {
  const row = `[[${listNames(features)}], …]`;
  const names = listNames(features.map(name => JSON.stringify(name)));
  const instance = listNames(features.map(name => `${JSON.stringify(name)}: number`));
  return [
    `{"dataframe_split": {"columns": [${names}], "data": ${row}}}`,
    `{"dataframe_records": [{${instance}}, …]}`,
    `{"instances": ${row}}`,
    `{"inputs": ${row}} or {"features": ${row}}`,
  ].join(', ');
}
