import type {Artifact} from './artifact.ts';
import {metricsContentType} from './metrics.ts';
import {createProcessMetrics} from './process-metrics.ts';
import {jsonReply, notServing} from './reply.ts';
import type {Route} from './route.ts';
import type {Service} from './service.ts';

/** What tells of the server and its model: `/healthz`, `/readyz`, `/model` and `/metrics`. */
export function createModelRoutes({artifact, heldOut, metrics, phase}: Service): Route[] {
  const metadata = JSON.stringify(describeModel(artifact));
  const readProcess = createProcessMetrics();
  return [
    {method: 'GET', path: '/healthz', handler: () => jsonReply(200, {status: 'alive'})},
    {
      method: 'GET',
      path: '/readyz',
      handler: () => {
        const now = phase();
        if (now !== 'ready') return notServing(now);
        return jsonReply(200, {
          status: 'ready',
          held_out: {checked: heldOut.checked, max_error: heldOut.maxError},
        });
      },
    },
    {method: 'GET', path: '/model', handler: () => ({status: 200, body: metadata})},
    {
      method: 'GET',
      path: '/metrics',
      handler: () => ({
        status: 200,
        body: metrics.render(readProcess()),
        headers: {'content-type': metricsContentType},
      }),
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
