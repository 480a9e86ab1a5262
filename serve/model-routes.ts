import type {Artifact} from './artifact.ts';
import {metricsContentType} from './metrics.ts';
import {describeHealth, describeMetadata, describeMetrics, describeReadiness} from './model-operations.ts';
import {createProcessMetrics} from './process-metrics.ts';
import {jsonReply, notServing} from './reply.ts';
import type {Route} from './route.ts';
import type {Service} from './service.ts';

/** What tells of the server and its model: `/healthz`, `/readyz`, `/model` and `/metrics`. */
export function createModelRoutes({artifact, heldOut, metrics, phase, extraMetrics}: Service): Route[] {
  const model = describeModel(artifact);
  const metadata = JSON.stringify(model);
  const ready = {status: 'ready', held_out: {checked: heldOut.checked, max_error: heldOut.maxError}};
  const readProcess = createProcessMetrics();
  return [
    {
      method: 'GET',
      path: '/healthz',
      handler: () => jsonReply(200, {status: 'alive'}),
      describe: describeHealth,
    },
    {
      method: 'GET',
      path: '/readyz',
      handler: () => {
        const now = phase();
        return now === 'ready' ? jsonReply(200, ready) : notServing(now);
      },
      describe: () => describeReadiness(ready),
    },
    {
      method: 'GET',
      path: '/model',
      handler: () => ({status: 200, body: metadata}),
      describe: () => describeMetadata(model),
    },
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
