import * as z from 'zod/mini';
import type {Operation, Route} from '../../http/route.ts';
import type {Service} from '../../http/service.ts';
import {createDialectHandler} from '../dialect.ts';
import {
  csvAnswerHeaders,
  describeCsvPredictions,
  describeCsvRows,
  describeQuery,
  exampleInstances,
  exampleRows,
} from '../examples.ts';
import {createPingRoute} from '../ping.ts';
import {describeOptions, describePredictions, writePredictions} from '../predictions.ts';
import {parseInvocation} from './request.ts';

/**
 * What SageMaker and MLflow ask of a model's container: `POST /invocations`, `GET /ping` and MLflow's
 * `GET /health` and `GET /version`.
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
export function createInvocationRoutes(service: Service): Route[] {
  const {artifact} = service;
  const version = `${artifact.name} ${artifact.version}`;
  return [
    {
      method: 'POST',
      path: '/invocations',
      handler: createDialectHandler(service, {
        parse: parseInvocation,
        write: writePredictions,
        csv: 'without names',
        accepted: 'JSON (application/json) or CSV (text/csv)',
      }),
      describe: () => describeInvocations(service),
    },
    createPingRoute(service, '/ping', tag),
    createPingRoute(service, '/health', tag),
    {
      method: 'GET',
      path: '/version',
      handler: () => ({status: 200, body: version, headers: {'content-type': 'text/plain; charset=utf-8'}}),
      describe: () => ({
        tag,
        summary: 'Name and version of the model',
        answer: {'text/plain': {schema: z.string(), examples: {version}}},
        problems: [],
      }),
    },
  ];
}

const tag = 'SageMaker and MLflow';

function describeInvocations({artifact, schemas}: Service): Operation {
  const {features, rows, instances} = schemas;
  const params = describeOptions(schemas);
  const frame = z.strictObject({
    columns: z.optional(z.array(z.enum(features))),
    data: z.array(z.array(z.number())).check(z.minLength(1)),
    index: z.optional(z.array(z.unknown())),
  });
  const columns = z.strictObject(
    Object.fromEntries(features.map(name => [name, z.array(z.number()).check(z.minLength(1))])),
  );
  const list = exampleRows(artifact);
  const objects = exampleInstances(artifact);
  const json = {
    schema: z.union([
      z.strictObject({dataframe_split: frame, params}),
      z.strictObject({dataframe_records: instances, params}),
      z.strictObject({instances: z.union([rows, instances]), params}),
      z.strictObject({inputs: z.union([rows, instances, columns]), params}),
      z.strictObject({features: rows, params}),
    ]),
    examples: {
      dataframe_split: {dataframe_split: {columns: features, data: list, index: [0, 1]}},
      dataframe_records: {dataframe_records: objects},
      instances: {instances: list},
      inputs: {inputs: list},
      'inputs by column': {
        inputs: Object.fromEntries(features.map((name, j) => [name, list.map(values => values[j])])),
      },
      features: {features: list},
      ...(artifact.uncertainty === undefined
        ? {}
        : {'with an interval': {instances: list, params: {interval: 0.95}}}),
    },
  };
  return {
    tag,
    summary: 'Predict',
    parameters: describeQuery(artifact, schemas),
    request: {'application/json': json, 'text/csv': describeCsvRows(artifact)},
    answer: {
      'application/json': describePredictions(artifact, schemas),
      'text/csv': describeCsvPredictions(artifact, 'without names'),
    },
    answerHeaders: csvAnswerHeaders,
    problems: [400, 413, 415, 503],
  };
}
