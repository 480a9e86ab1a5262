import {type Context, Hono} from 'hono';
import {type Artifact, ArtifactError} from './artifact.ts';
import {answerThenDiscard} from './body.ts';
import type {RequestEntry} from './log.ts';
import {verifyHeldOut} from './predict.ts';
import {createPredict} from './predict-route.ts';
import {
  baseHeaders,
  formatProblem,
  jsonReply,
  notServing,
  type Phase,
  type Problem,
  type Reply,
  refuse,
} from './reply.ts';
import {chooseRequestId} from './request-id.ts';
import type {Route} from './route.ts';

export type AppOptions = {
  maxBodyBytes: number;
  maxRows: number;
  phase: () => Phase;
  newRequestId: () => string;
  /** A clock in milliseconds; only differences are used. */
  now: () => number;
  onRequest?: ((entry: RequestEntry) => void) | undefined;
  onError?: ((id: string, error: unknown) => void) | undefined;
};

/**
 * Builds the server for one model, without listening. Everything it needs is in its arguments.
 *
 * Each route is one handler that also sets the headers, measures and reports: a header set after a middleware's
 * `next()` costs 68 µs a request, and a path matched by one handler alone skips the composition.
 *
 * @throws ArtifactError when the model does not reproduce its own held-out predictions.
 */
export function createApp(artifact: Artifact, options: AppOptions): Hono {
  const heldOut = verifyHeldOut(artifact);
  if (heldOut.status === 'disagrees') {
    throw new ArtifactError(
      `Model ${artifact.name} ${artifact.version} does not reproduce its held-out predictions: ${
        heldOut.rows.length
      } of ${heldOut.checked} disagree (first: row ${heldOut.rows[0]}; largest error ${
        heldOut.maxError
      }). Train again with \`npm run train\`.`,
    );
  }
  const metadata = JSON.stringify(describeModel(artifact));
  const routes: Route[] = [
    {method: 'GET', path: '/healthz', handler: () => jsonReply(200, {status: 'alive'})},
    {
      method: 'GET',
      path: '/readyz',
      handler: () => {
        const phase = options.phase();
        if (phase !== 'ready') return notServing(phase);
        return jsonReply(200, {
          status: 'ready',
          held_out: {checked: heldOut.checked, max_error: heldOut.maxError},
        });
      },
    },
    {method: 'GET', path: '/model', handler: () => ({status: 200, body: metadata})},
    {method: 'POST', path: '/predict', handler: createPredict(artifact, options)},
  ];

  const app = new Hono();
  for (const route of routes) app.on(route.method, route.path, respond(route));
  const byPath = new Map(routes.map(route => [route.path, route]));
  const knownRoutes = `Known paths: ${routes.map(({path, method}) => `${method} ${path}`).join(', ')}.`;
  app.notFound(c => {
    // Hono's own lists would need a second handler on each path, and with it the composition.
    const route = byPath.get(c.req.path);
    if (route === undefined) {
      return respond({
        path: 'unmatched',
        handler: () => refuse(404, 'not_found', `Nothing is here. ${knownRoutes}`),
      })(c);
    }
    const allow = route.method === 'GET' ? 'GET, HEAD' : route.method;
    const handler = () =>
      refuse(405, 'method_not_allowed', `This path answers ${allow}.`, {headers: {allow}});
    return respond({...route, handler})(c);
  });
  return app;

  function respond(route: Omit<Route, 'method'>): (c: Context) => Promise<Response> {
    const format = route.formatProblem ?? formatProblem;
    return async c => {
      const request = c.req.raw;
      const startedMs = options.now();
      const id = chooseRequestId(request.headers.get('x-request-id'), options.newRequestId);
      let outcome: Reply | Problem;
      try {
        outcome = await route.handler(request);
      } catch (error) {
        options.onError?.(id, error);
        outcome = refuse(500, 'internal_error', `Internal error. The server's log has it as request ${id}.`);
      }
      const reply = 'problem' in outcome ? replyToProblem(outcome, format) : outcome;
      const headers = baseHeaders(id, artifact.version);
      // The client must not send its next request on a connection that is about to close.
      if (options.phase() === 'draining') headers.connection = 'close';
      const {status, rows} = reply;
      options.onRequest?.({
        id,
        method: request.method,
        route: route.path,
        status,
        ms: options.now() - startedMs,
        rows,
      });
      return new Response(reply.body, {status, headers: Object.assign(headers, reply.headers)});
    };
  }
}

function replyToProblem(
  {status, problem, headers, rest}: Problem,
  format: NonNullable<Route['formatProblem']>,
): Reply {
  const body = format(problem);
  if (rest === undefined) return {status, body, headers: headers ?? {}};
  return {
    status,
    body: answerThenDiscard(body, rest),
    headers: {...headers, connection: 'close', 'content-length': String(Buffer.byteLength(body))},
  };
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
