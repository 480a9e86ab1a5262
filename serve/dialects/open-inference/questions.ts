import type {Artifact} from '../../artifact/artifact.ts';
import type {Exchange, Question} from '../dialect.ts';
import {arrangeHeldOut} from '../held-out.ts';
import {binaryType} from './answer.ts';
import {jsonLengthHeader, writeDoubles} from './binary.ts';

/**
 * Lists what the smoke test asks: a tensor with all features, and one for each, in the opposite order; the first also
 * in binary.
 */
export function listInferQuestions(artifact: Artifact): Question[] {
  const {name, version, features, targets, heldOut} = artifact;
  const {rows} = arrangeHeldOut(artifact);
  const tensor = {datatype: 'FP64', shape: [rows.length]};
  const table = {...tensor, name: 'features', shape: [rows.length, features.length], data: rows};
  const columns = features.map((feature, j) => ({
    ...tensor,
    name: feature.name,
    data: rows.map(row => row[j]),
  }));
  const outputs = targets.map((target, k) => {
    return {name: target.name, data: heldOut.map(({prediction}) => prediction[k])};
  });
  const get = (path: string, answer: Exchange['answer']): Exchange => ({method: 'GET', path, answer});
  const model = `/v2/models/${name}`;
  const bytes = writeDoubles(rows.flat());
  const {data: _, ...head} = table;
  const askBinary = (asked: object, answer: Exchange['answer']): Exchange => {
    const inputs = [{...head, parameters: {binary_data_size: bytes.length}}];
    const json = Buffer.from(JSON.stringify({...asked, inputs}));
    const headers = {'content-type': binaryType, [jsonLengthHeader]: String(json.length)};
    return {method: 'POST', path: `${model}/infer`, headers, body: Buffer.concat([json, bytes]), answer};
  };
  return [
    {
      name: 'Open Inference Protocol, version 2',
      exchanges: [
        get('/v2/health/ready', {status: 200}),
        get(model, {status: 200, says: {versions: [version]}}),
        ...[[table], columns.toReversed()].map((inputs): Exchange => {
          const path = `${model}/versions/${version}/infer`;
          const says = {id: 'smoke', outputs};
          return {method: 'POST', path, body: {id: 'smoke', inputs}, answer: {status: 200, says}};
        }),
        askBinary({}, {status: 200, says: {outputs}}),
        askBinary(
          {parameters: {binary_data_output: true}},
          {status: 200, headers: {'content-type': binaryType}},
        ),
        get(`${model}/versions/0`, {
          status: 404,
          read: text => typeof Object(JSON.parse(text)).error,
          says: 'string',
        }),
      ],
    },
  ];
}
