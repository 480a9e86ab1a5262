import type {Artifact} from '../../artifact/artifact.ts';
import type {Route} from '../../http/route.ts';
import type {Service} from '../../http/service.ts';
import {metricsContentType} from '../../observe/metrics.ts';
import {createProcessMetrics} from '../../observe/process-metrics.ts';
import {createCardRoute} from './card-route.ts';
import {createHealthChecks, describeReady} from './health.ts';
import {describeHealth, describeMetadata, describeMetrics, describeReadiness} from './operations.ts';

/** What tells of the server and its model: `/healthz`, `/readyz`, `/model`, `/model/card` and `/metrics`. */
export function createModelRoutes(service: Service): Route[] {
  const {artifact, metrics, extraMetrics} = service;
  const checks = createHealthChecks(service);
  const model = describeModel(artifact);
  const metadata = JSON.stringify(model);
  const readProcess = createProcessMetrics();
  return [
    {
      method: 'GET',
      path: '/healthz',
      handler: checks['/healthz'],
      describe: describeHealth,
    },
    {
      method: 'GET',
      path: '/readyz',
      handler: checks['/readyz'],
      describe: () => describeReadiness(describeReady(service)),
    },
    {
      method: 'GET',
      path: '/model',
      handler: () => ({status: 200, body: metadata}),
      describe: () => describeMetadata(model),
    },
    createCardRoute(service),
    {
      method: 'GET',
      path: '/metrics',
      handler: () => ({
        status: 200,
        body: metrics.render([...(extraMetrics?.() ?? []), ...readProcess()]),
        headers: {'content-type': metricsContentType},
      }),
      describe: () => describeMetrics(metricsContentType),
    },
  ];
}

/** What `GET /model` tells: everything but the rows of the data and the coefficients. */
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
