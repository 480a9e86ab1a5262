import type {Artifact} from '../../artifact/artifact.ts';
import type {Exchange, Question} from '../dialect.ts';
import {arrangeHeldOut} from '../held-out.ts';

/** Lists what the smoke test asks: a tensor with all features, and one for each, in the opposite order. */
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
        get(`${model}/versions/0`, {
          status: 404,
          read: text => typeof Object(JSON.parse(text)).error,
          says: 'string',
        }),
      ],
    },
  ];
}
