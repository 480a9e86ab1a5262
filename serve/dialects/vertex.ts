import type {Route} from '../http/route.ts';
import type {Service} from '../http/service.ts';
import {levelObject} from '../rows/json-body.ts';
import {rowOrInstanceList} from '../rows/row-shapes.ts';
import type {Dialect} from './dialect.ts';
import {arrangeHeldOut} from './held-out.ts';
import {createPingRoute} from './ping.ts';
import {predictionsAnswer} from './predictions.ts';
import {createRowsRoute} from './rows-route.ts';

const smokeRoutes = {health: '/vertex/health', predict: '/vertex/predict'};

/**
 * Vertex AI, on the paths that it names in AIP_HEALTH_ROUTE and AIP_PREDICT_ROUTE:
 * https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements. Without these it has no routes.
 */
export const vertex: Dialect = {
  name: 'Vertex AI',
  description: 'The routes that Vertex AI asked for when it started the server',
  createRoutes,
  smoke: {
    environment: {AIP_HEALTH_ROUTE: smokeRoutes.health, AIP_PREDICT_ROUTE: smokeRoutes.predict},
    listQuestions: ({artifact}) => {
      const {rows, predictions} = arrangeHeldOut(artifact);
      return [
        {
          name: 'Vertex AI: the routes of its environment',
          exchanges: [
            {method: 'GET', path: smokeRoutes.health, answer: {status: 200}},
            {
              method: 'POST',
              path: smokeRoutes.predict,
              body: {instances: rows},
              answer: {status: 200, says: {predictions}},
            },
          ],
        },
      ];
    },
  },
};

function createRoutes(service: Service): Route[] {
  const {healthRoute, predictRoute} = service.vertex ?? {};
  const routes: Route[] = [];
  if (healthRoute !== undefined) routes.push(createPingRoute(service, healthRoute));
  if (predictRoute !== undefined) {
    routes.push(
      createRowsRoute(service, {
        path: predictRoute,
        body: {keys: {instances: rowOrInstanceList}, option: {key: 'parameters', ...levelObject}},
        answer: predictionsAnswer,
      }),
    );
  }
  return routes;
}
