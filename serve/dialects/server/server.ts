import type {Artifact} from '../../artifact/artifact.ts';
import {createKeptHandler} from '../../http/kept.ts';
import type {Route} from '../../http/route.ts';
import type {Service} from '../../http/service.ts';
import {metricsContentType} from '../../observe/metrics.ts';
import {createProcessMetrics} from '../../observe/process-metrics.ts';
import type {Dialect, Exchange, Question, SmokeSubject} from '../dialect.ts';
import {cardMediaType, createCardRoute} from './card-route.ts';
import {createHealthChecks, describeReady} from './health.ts';
import {describeHealth, describeMetadata, describeMetrics, describeReadiness} from './operations.ts';

/** The server and its model: `/healthz`, `/readyz`, `/model`, `/model/card` and `/metrics`. */
export const server: Dialect = {
  name: 'Server',
  description: 'The state of the server, and what its model is',
  createRoutes,
  smoke: {listQuestions},
};

function listQuestions({artifact, hasCard}: SmokeSubject): Question[] {
  const {version} = artifact;
  const get = (path: string, answer: Exchange['answer'] = {status: 200}): Exchange => {
    return {method: 'GET', path, answer};
  };
  const headers = {'content-type': cardMediaType};
  const read = (text: string) => text.includes(version);
  return [
    {name: 'alive and ready', isCore: true, exchanges: [get('/healthz'), get('/readyz')]},
    {name: 'model metadata', isCore: true, exchanges: [get('/model', {status: 200, says: {version}})]},
    {
      name: 'model card',
      exchanges: [get('/model/card', hasCard ? {status: 200, headers, read, says: true} : {status: 404})],
    },
    // it needs files that lie beside the server
    {name: 'documentation', exchanges: [get('/docs')]},
  ];
}

function createRoutes(service: Service): Route[] {
  const {artifact, metrics, extraMetrics} = service;
  const checks = createHealthChecks(service);
  const model = describeModel(artifact);
  const readProcess = createProcessMetrics();
  return [
    {
      method: 'GET',
      path: '/healthz',
      open: 'always',
      handler: checks['/healthz'],
      describe: describeHealth,
    },
    {
      method: 'GET',
      path: '/readyz',
      open: 'always',
      handler: checks['/readyz'],
      describe: () => describeReadiness(describeReady(service)),
    },
    {
      method: 'GET',
      path: '/model',
      handler: createKeptHandler(() => JSON.stringify(model)),
      describe: () => describeMetadata(model),
    },
    createCardRoute(service),
    {
      method: 'GET',
      path: '/metrics',
      open: 'metrics',
      handler: () => ({
        status: 200,
        body: metrics.render([...(extraMetrics?.() ?? []), ...readProcess()]),
        headers: {'content-type': metricsContentType},
      }),
      describe: () => describeMetrics(metricsContentType),
    },
  ];
}

/** Picks what `GET /model` tells: everything but the rows of the data and the coefficients. */
function describeModel({name, version, features, targets, metrics, heldOut, provenance}: Artifact) {
  return {
    name,
    version,
    features: features.map(({name, unit, min, max, mean}) => ({name, unit, min, max, mean})),
    targets: targets.map(({name, unit}) => ({name, unit})),
    metrics,
    held_out: heldOut.length,
    provenance,
  };
}
