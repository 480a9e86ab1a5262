import * as z from 'zod/mini';
import type {Artifact} from '../artifact/artifact.ts';
import type {Route} from '../http/route.ts';
import type {Service} from '../http/service.ts';
import {levelObject} from '../rows/json-body.ts';
import {columnsOrRows, instanceList, rowList, rowOrInstanceList, splitFrame} from '../rows/row-shapes.ts';
import {csvType} from '../rows/write-csv.ts';
import type {Dialect, Exchange, Question} from './dialect.ts';
import {arrangeHeldOut, readNumbers, writeLines} from './held-out.ts';
import {createPingRoute} from './ping.ts';
import {predictionsAnswer} from './predictions.ts';
import {createRowsRoute} from './rows-route.ts';

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
 * MLflow: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally. Its clients only show what
 * `/version` says (`ScoringServerClient.get_version`); here it is the model's name and version.
 */
export const invocations: Dialect = {
  name: 'SageMaker and MLflow',
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
      },
      answer: predictionsAnswer,
      csv: 'without names',
    }),
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
