import * as z from 'zod/mini';
import {refuseInPhase, replyJson} from '../http/reply.ts';
import type {Fallback, Route} from '../http/route.ts';
import type {Service} from '../http/service.ts';
import {levelObject} from '../rows/json-body.ts';
import {type Problem, refuse} from '../rows/problem.ts';
import {columnsOrRows, rowOrInstanceList} from '../rows/row-shapes.ts';
import type {Dialect} from './dialect.ts';
import {arrangeHeldOut} from './held-out.ts';
import {predictionsAnswer} from './predictions.ts';
import {createRowsRoute} from './rows-route.ts';
import {formatTextProblem, textProblem} from './text-problem.ts';

/**
 * KServe's first protocol, which is that of TensorFlow Serving:
 * https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol.
 */
export const kserveV1: Dialect = {
  name: 'KServe V1',
  description: 'The first protocol of KServe, which is that of TensorFlow Serving',
  createRoutes,
  createFallback,
  smoke: {
    listQuestions: ({artifact}) => {
      const {rows, instances, predictions} = arrangeHeldOut(artifact);
      const model = `/v1/models/${artifact.name}`;
      const answer = {status: 200, says: {predictions}};
      return [
        {
          name: 'KServe V1: /v1/models',
          exchanges: [
            {method: 'GET', path: '/v1/models', answer: {status: 200, says: {models: [artifact.name]}}},
            {method: 'GET', path: model, answer: {status: 200, says: {name: artifact.name, ready: true}}},
            {method: 'POST', path: `${model}:predict`, body: {instances: rows}, answer},
            {method: 'POST', path: `${model}:predict`, body: {instances}, answer},
          ],
        },
      ];
    },
  },
};

function createRoutes(service: Service): Route[] {
  const {phase, artifact} = service;
  const {name} = artifact;
  const model = {name, ready: true};
  const models = {models: [name]};
  return [
    {
      method: 'GET',
      path: '/v1/models',
      handler: () => replyJson(200, models),
      describe: () => ({
        summary: 'The models of this server',
        answer: {
          'application/json': {
            schema: z.strictObject({models: z.array(z.literal(name))}),
            examples: {models},
          },
        },
        problems: [],
        problemSchema: textProblem,
      }),
    },
    {
      method: 'GET',
      path: `/v1/models/${name}`,
      open: 'always',
      formatProblem: formatTextProblem,
      handler: () => {
        const now = phase();
        return now === 'ready' ? replyJson(200, model) : refuseInPhase(now);
      },
      describe: () => ({
        summary: 'Whether the model is ready',
        answer: {
          'application/json': {
            schema: z.strictObject({name: z.literal(name), ready: z.literal(true)}),
            examples: {ready: model},
          },
        },
        problems: [503],
        problemSchema: textProblem,
      }),
    },
    createRowsRoute(service, {
      path: `/v1/models/${name}:predict`,
      body: {
        keys: {instances: rowOrInstanceList, inputs: columnsOrRows},
        option: {key: 'parameters', ...levelObject},
      },
      answer: predictionsAnswer,
      problems: {format: formatTextProblem, schema: textProblem},
    }),
  ];
}

/** Answers for models that the server does not have. */
function createFallback({artifact: {name}}: Service): Fallback {
  const message = `Nothing is here. The only model is "${name}": GET /v1/models/${name}.`;
  return {
    prefix: '/v1/models/',
    handler: (): Problem => refuse(404, 'not_found', message),
    formatProblem: formatTextProblem,
  };
}
