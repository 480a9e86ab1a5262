import * as z from 'zod/mini';
import type {Operation, Route} from '../http/route.ts';
import type {Service} from '../http/service.ts';
import {readEnvelope, readOptions, readRowsOrInstances} from '../rows/envelope.ts';
import type {Problem} from '../rows/problem.ts';
import {listNames, type RowLimits} from '../rows/read-rows.ts';
import {createDialectHandler} from './dialect.ts';
import {exampleInstances, exampleRows} from './examples.ts';
import {createPingRoute} from './ping.ts';
import type {PredictRequest} from './predict/predict-request.ts';
import {describeOptions, describePredictions, writePredictions} from './predictions.ts';

/**
 * What Vertex AI asks of a container, on the paths that it names in AIP_HEALTH_ROUTE and AIP_PREDICT_ROUTE:
 * https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements. None of them without these.
 */
export function createVertexRoutes(service: Service): Route[] {
  const {vertex} = service;
  const routes: Route[] = [];
  if (vertex?.healthRoute !== undefined) routes.push(createPingRoute(service, vertex.healthRoute, tag));
  if (vertex?.predictRoute !== undefined) {
    routes.push({
      method: 'POST',
      path: vertex.predictRoute,
      handler: createDialectHandler(service, {
        parse: parseVertexRequest,
        write: writePredictions,
        accepted: 'JSON (application/json)',
      }),
      describe: () => describePredict(service),
    });
  }
  return routes;
}

const tag = 'Vertex AI';

/** Reads `{"instances": […], "parameters"?: {"interval": 0.95}}`, each instance a list or an object. */
function parseVertexRequest(text: string, limits: RowLimits): PredictRequest | Problem {
  const {schemas} = limits;
  const row = listNames(schemas.features);
  const instance = listNames(schemas.features.map(name => `${JSON.stringify(name)}: number`));
  const examples = `{"instances": [[${row}], …]} or {"instances": [{${instance}}, …]}`;
  const body = readEnvelope(text, {keys: ['instances'], option: 'parameters', examples});
  if ('problem' in body) return body;
  const level = readOptions(body.option, 'parameters', schemas);
  if (typeof level === 'object') return level;
  const read = readRowsOrInstances(body.value, 'instances', limits);
  return 'problem' in read ? read : {...read, level};
}

function describePredict({artifact, schemas}: Service): Operation {
  const instances = z.union([schemas.rows, schemas.instances]);
  const rows = exampleRows(artifact);
  return {
    tag,
    summary: 'Predict',
    request: {
      'application/json': {
        schema: z.strictObject({instances, parameters: describeOptions(schemas)}),
        examples: {
          lists: {instances: rows},
          objects: {instances: exampleInstances(artifact)},
          ...(artifact.uncertainty === undefined
            ? {}
            : {'with an interval': {instances: rows, parameters: {interval: 0.95}}}),
        },
      },
    },
    answer: {'application/json': describePredictions(artifact, schemas)},
    problems: [400, 413, 415, 503],
  };
}
