import {type Context, Hono} from 'hono';
import {type Artifact, ArtifactError} from './artifact.ts';
import type {RequestEntry} from './log.ts';
import {verifyHeldOut} from './predict.ts';
import {createPredict} from './predict-route.ts';
import {
  baseHeaders,
  errorReply,
  type Handler,
  jsonReply,
  notServing,
  type Phase,
  type Reply,
} from './reply.ts';
import {chooseRequestId} from './request-id.ts';

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
  const routes: Record<string, {method: 'GET' | 'POST'; handler: Handler}> = {
    '/healthz': {method: 'GET', handler: () => jsonReply(200, {status: 'alive'})},
    '/readyz': {
      method: 'GET',
      handler: () => {
        const phase = options.phase();
        if (phase !== 'ready') return notServing(phase);
        return jsonReply(200, {
          status: 'ready',
          held_out: {checked: heldOut.checked, max_error: heldOut.maxError},
        });
      },
    },
    '/model': {method: 'GET', handler: () => ({status: 200, body: metadata})},
    '/predict': {method: 'POST', handler: createPredict(artifact, options)},
  };

  const app = new Hono();
  for (const [path, {method, handler}] of Object.entries(routes)) {
    app.on(method, path, respond(path, handler));
  }
  app.notFound(c => {
    // Hono's own lists would need a second handler on each path, and with it the composition.
    const route = Object.hasOwn(routes, c.req.path) ? routes[c.req.path] : undefined;
    if (route === undefined) {
      return respond('unmatched', () => errorReply(404, 'not_found', `Nothing is here. ${knownRoutes}`))(c);
    }
    const allow = route.method === 'GET' ? 'GET, HEAD' : route.method;
    return respond(c.req.path, () => {
      return errorReply(405, 'method_not_allowed', `This path answers ${allow}.`, {headers: {allow}});
    })(c);
  });
  const knownRoutes = `Known paths: ${Object.entries(routes)
    .map(([path, {method}]) => `${method} ${path}`)
    .join(', ')}.`;
  return app;

  function respond(route: string, handler: Handler): (c: Context) => Promise<Response> {
    return async c => {
      const request = c.req.raw;
      const startedMs = options.now();
      const id = chooseRequestId(request.headers.get('x-request-id'), options.newRequestId);
      let reply: Reply;
      try {
        reply = await handler(request);
      } catch (error) {
        options.onError?.(id, error);
        reply = errorReply(
          500,
          'internal_error',
          `Internal error. The server's log has it as request ${id}.`,
        );
      }
      const headers = baseHeaders(id, artifact.version);
      // The client must not send its next request on a connection that is about to close.
      if (options.phase() === 'draining') headers.connection = 'close';
      const {status, rows} = reply;
      options.onRequest?.({id, method: request.method, route, status, ms: options.now() - startedMs, rows});
      return new Response(reply.body, {status, headers: Object.assign(headers, reply.headers)});
    };
  }
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
