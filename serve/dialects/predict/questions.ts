import type {Artifact} from '../../artifact/artifact.ts';
import {defaultLimits} from '../../http/limits.ts';
import {linesType} from '../../rows/lines.ts';
import {csvType} from '../../rows/write-csv.ts';
import {type Exchange, echoMarker, type Question} from '../dialect.ts';
import {arrangeHeldOut, readNumbers, writeLines} from '../held-out.ts';

const batchRows = 1_000;
const timedRequests = 200;

/** Lists what the smoke test asks of `/predict`: each way to ask right, and the ways to ask wrongly. */
export function listPredictQuestions(artifact: Artifact): Question[] {
  const {rows, instances, predictions} = arrangeHeldOut(artifact);
  const repeat = <T>(list: readonly T[], count: number) =>
    Array.from({length: list.length === 0 ? 0 : count}, (_, i) => list[i % list.length] as T);
  const ask = (body: unknown, prediction: readonly unknown[]): Exchange => {
    const says = {prediction, model_version: artifact.version};
    return {method: 'POST', path: '/predict', body, answer: {status: 200, says}};
  };
  const right = [
    {name: 'held-out examples', exchanges: [ask({features: rows}, predictions)]},
    {name: 'rows by name', exchanges: [ask({instances}, predictions)]},
    {name: 'one row without a batch', exchanges: [ask({features: rows[0]}, predictions.slice(0, 1))]},
    {
      name: `batch of ${batchRows} rows`,
      exchanges: [ask({features: repeat(rows, batchRows)}, repeat(predictions, batchRows))],
    },
  ];
  const timed = rows.map((row, i) => ask({features: [row]}, predictions.slice(i, i + 1)));
  return [
    ...[...right, ...listRefusals(artifact)].map(question => ({...question, isCore: true})),
    {
      name: `${timedRequests} requests in a row`,
      isCore: true,
      isTimed: true,
      exchanges: repeat(timed, timedRequests),
    },
    askForCsv(artifact),
    askForLines(artifact),
  ];
}

function listRefusals({features}: Artifact): Question[] {
  const refuse = (status: number, name: string, body: unknown, request: Partial<Exchange> = {}): Question => {
    const answer = {status, read: describeProblem, says: {code: 'text', message: 'text', fields: 'a list'}};
    return {name, exchanges: [{method: 'POST', path: '/predict', body, answer, ...request}]};
  };
  const ones = features.map(() => 1);
  const instance = Object.fromEntries(features.map(({name}) => [name, 1]));
  const wrongMethod = refuse(405, 'wrong method', undefined, {method: 'DELETE'});
  return [
    refuse(400, 'malformed JSON', '{"features": [[1,'),
    refuse(400, 'wrong width', {features: [[...ones, 1]]}),
    refuse(400, 'text in place of a number', {features: [ones.map(() => echoMarker)]}),
    refuse(400, 'unknown feature', {instances: [{...instance, [echoMarker]: 1}]}),
    refuse(400, 'empty body', ''),
    refuse(413, 'oversized body', ' '.repeat(defaultLimits.maxBodyBytes + 1)),
    refuse(415, 'content type other than JSON', 'a,b', {headers: {'content-type': 'application/xml'}}),
    {
      ...wrongMethod,
      exchanges: wrongMethod.exchanges.map(exchange => {
        return {...exchange, answer: {...exchange.answer, headers: {allow: 'POST'}}};
      }),
    },
    refuse(404, 'unknown path', undefined, {method: 'GET', path: `/${echoMarker}`}),
  ];
}

/** Columns in any order of their names, and a line of names before the predictions. */
function askForCsv(artifact: Artifact): Question {
  const {predictions, backwards} = arrangeHeldOut(artifact);
  const names = writeLines([artifact.targets.map(({name}) => name)]);
  const exchange: Exchange = {
    method: 'POST',
    path: '/predict',
    headers: {'content-type': csvType, accept: csvType},
    body: writeLines([backwards.columns, ...backwards.rows]),
    answer: {
      status: 200,
      read: text => ({
        names: text.slice(0, names.length),
        predictions: readNumbers(text.slice(names.length)),
      }),
      says: {names, predictions},
    },
  };
  return {name: 'CSV in and out', exchanges: [exchange]};
}

/** A wrong line among right ones gets an error of its own. */
function askForLines(artifact: Artifact): Question {
  const {instances, predictions} = arrangeHeldOut(artifact);
  const lines = [...instances, echoMarker].map(line => `${JSON.stringify(line)}\n`);
  const exchange: Exchange = {
    method: 'POST',
    path: '/predict',
    headers: {'content-type': linesType},
    body: lines.join(''),
    answer: {
      status: 200,
      read: text =>
        text
          .trimEnd()
          .split('\n')
          .map(line => JSON.parse(line)),
      says: [...predictions.map(prediction => ({prediction})), {error: {code: 'invalid_input'}}],
    },
  };
  return {name: 'lines of JSON in and out', exchanges: [exchange]};
}

/** The kinds of the members of an error: which words they are is each release's own. */
function describeProblem(text: string): Record<string, unknown> {
  const {code, message, fields} = Object(Object(JSON.parse(text)).error);
  const nameKind = (value: unknown) => (typeof value === 'string' ? 'text' : typeof value);
  return {
    code: nameKind(code),
    message: nameKind(message),
    fields: Array.isArray(fields) ? 'a list' : nameKind(fields),
  };
}
