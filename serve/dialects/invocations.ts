import * as z from 'zod/mini';
import type {Artifact} from '../artifact/artifact.ts';
import {replyJson} from '../http/reply.ts';
import type {Route} from '../http/route.ts';
import type {Service} from '../http/service.ts';
import {levelObject} from '../rows/json-body.ts';
import type {ErrorCode, Problem} from '../rows/problem.ts';
import {columnsOrRows, instanceList, rowList, rowOrInstanceList, splitFrame} from '../rows/row-shapes.ts';
import {csvType} from '../rows/write-csv.ts';
import {type Dialect, type Exchange, echoMarker, type Question} from './dialect.ts';
import {arrangeHeldOut, readNumbers, writeLines} from './held-out.ts';
import {createPingRoute} from './ping.ts';
import {predictionsAnswer} from './predictions.ts';
import {createRowsRoute} from './rows-route.ts';
import {describeProblem} from './text-problem.ts';

/**
 * SageMaker and MLflow, which share `POST /invocations`: beside it `GET /ping`, and MLflow's `GET /health` and
 * `GET /version`.
 *
 * SageMaker: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html. Rows come as
 * CSV without names and predictions go back the same way where Accept says so, a line for each row: a line of
 * names would be taken for a prediction ("The rows in the response payload must match the records in the request
 * payload", Clarify, "Endpoint response for tabular data"). Rows with names are taken all the same, since MLflow's
 * clients send them.
 *
 * It may also be lines of JSON, in and out, or a list of rows without a key, as `JSONSerializer` writes it. Batch
 * Transform asks `GET /execution-parameters` how it may send.
 *
 * MLflow: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally. As its own server does, columns and
 * params that the model does not know are ignored, and errors have "error_code" and "message". Its clients only show what
 * `/version` says (`ScoringServerClient.get_version`); here it is the model's name and version.
 */
export const invocations: Dialect = {
  name: 'SageMaker and MLflow',
  description: 'What SageMaker asks a container, and the clients of MLflow a scoring server',
  createRoutes: service => [
    createRowsRoute(service, {
      path: '/invocations',
      body: {
        keys: {
          dataframe_split: splitFrame,
          dataframe_records: instanceList,
          instances: rowOrInstanceList,
          inputs: columnsOrRows,
          // our own, as in `/predict`
          features: rowList,
        },
        option: {key: 'params', ...levelObject},
        bare: rowOrInstanceList,
      },
      answer: predictionsAnswer,
      csv: 'without names',
      hasLines: true,
      ignoresUnknown: true,
      problems: {format: formatMlflowProblem, schema: mlflowProblem},
    }),
    createExecutionRoute(service),
    createPingRoute(service, '/ping'),
    createPingRoute(service, '/health'),
    createVersionRoute(service),
  ],
  smoke: {listQuestions: ({artifact}) => [askAsSageMaker(artifact), askAsMlflow(artifact)]},
};

function createVersionRoute({artifact}: Service): Route {
  const version = nameVersion(artifact);
  return {
    method: 'GET',
    path: '/version',
    handler: () => ({status: 200, body: version, headers: {'content-type': 'text/plain; charset=utf-8'}}),
    describe: () => ({
      summary: 'Name and version of the model',
      answer: {'text/plain': {schema: z.string(), examples: {version}}},
      problems: [],
    }),
  };
}

/** `BatchStrategy` says that a request may have as many records as fit. */
function createExecutionRoute({maxBodyBytes}: Service): Route {
  const payloadMiB = Math.min(100, Math.max(1, Math.floor(maxBodyBytes / 2 ** 20)));
  const parameters = {
    // SageMaker takes at most 100 MB at the same time.
    MaxConcurrentTransforms: Math.max(1, Math.min(4, Math.floor(100 / payloadMiB))),
    BatchStrategy: 'MULTI_RECORD',
    MaxPayloadInMB: payloadMiB,
  };
  return {
    method: 'GET',
    path: '/execution-parameters',
    handler: () => replyJson(200, parameters),
    describe: () => ({
      summary: 'How Batch Transform may send rows',
      answer: {
        'application/json': {
          schema: z.strictObject({
            MaxConcurrentTransforms: z.int(),
            BatchStrategy: z.literal('MULTI_RECORD'),
            MaxPayloadInMB: z.int(),
          }),
          examples: {parameters},
        },
      },
      problems: [],
    }),
  };
}

/** MLflow's errors; "error" is the server's own. */
const mlflowProblem = z.looseObject({error_code: z.string(), message: z.string()});

function formatMlflowProblem(problem: Problem['problem']): string {
  const {code, message, fields} = problem;
  const error_code = mlflowCodes[code] ?? 'BAD_REQUEST';
  return JSON.stringify({error_code, message: describeProblem(problem), error: {code, message, fields}});
}

const mlflowCodes: Partial<Record<ErrorCode, string>> = {
  internal_error: 'INTERNAL_ERROR',
  starting: 'TEMPORARILY_UNAVAILABLE',
  draining: 'TEMPORARILY_UNAVAILABLE',
};

function askAsSageMaker(artifact: Artifact): Question {
  const {rows, predictions} = arrangeHeldOut(artifact);
  return {
    name: 'SageMaker: /ping and /invocations',
    exchanges: [
      {method: 'GET', path: '/ping', answer: {status: 200}},
      invoke({instances: rows}, predictions),
      {
        method: 'POST',
        path: '/invocations',
        headers: {'content-type': csvType, accept: csvType},
        body: writeLines(rows),
        answer: {status: 200, headers: {'content-type': csvType}, read: readNumbers, says: predictions},
      },
      invoke(rows, predictions),
      {
        method: 'POST',
        path: '/invocations',
        headers: {'content-type': 'application/jsonlines', accept: 'application/jsonlines'},
        body: rows.map(row => `${JSON.stringify(row)}\n`).join(''),
        answer: {
          status: 200,
          headers: {'content-type': 'application/jsonlines'},
          read: text =>
            text
              .trimEnd()
              .split('\n')
              .map(line => JSON.parse(line).prediction),
          says: predictions,
        },
      },
      {method: 'GET', path: '/execution-parameters', answer: {status: 200}},
    ],
  };
}

function askAsMlflow(artifact: Artifact): Question {
  const {instances, predictions, backwards} = arrangeHeldOut(artifact);
  const {columns, rows} = backwards;
  return {
    name: 'MLflow: /invocations and /version',
    exchanges: [
      invoke({dataframe_split: {columns, data: rows}}, predictions),
      invoke({dataframe_records: instances}, predictions),
      invoke(
        {
          dataframe_records: instances.map(instance => ({...instance, [echoMarker]: 'x'})),
          params: {[echoMarker]: 1},
        },
        predictions,
      ),
      invoke(
        {inputs: Object.fromEntries(columns.map((name, k) => [name, rows.map(row => row[k])]))},
        predictions,
      ),
      {
        method: 'GET',
        path: '/version',
        answer: {status: 200, read: text => text, says: nameVersion(artifact)},
      },
    ],
  };
}

function invoke(body: unknown, predictions: readonly unknown[]): Exchange {
  return {method: 'POST', path: '/invocations', body, answer: {status: 200, says: {predictions}}};
}

function nameVersion({name, version}: Artifact): string {
  return `${name} ${version}`;
}
