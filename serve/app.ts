import {type Context, Hono} from 'hono';
import {dialects} from './dialects/dialects.ts';
import {answerThenDiscard} from './http/body.ts';
import {isWorthPacking, packAnswer} from './http/coding.ts';
import {createBaseHeaders, formatProblem, type Reply} from './http/reply.ts';
import {chooseRequestId} from './http/request-id.ts';
import type {GroupedRoute, Route} from './http/route.ts';
import type {Service} from './http/service.ts';
import {formatTraceResponse, readTrace} from './observe/trace.ts';
import {createOpenApiRoute} from './openapi/openapi.ts';
import {createDocsRoutes} from './page/docs-routes.ts';
import {createPageRoutes} from './page/page-routes.ts';
import {type Problem, refuse} from './rows/problem.ts';

/**
 * Builds the server for one model, without listening. Everything it needs is in its argument.
 *
 * Each route is one handler that also sets the headers, measures and reports: a header set after a middleware's
 * `next()` costs 68 µs a request, and a path matched by one handler alone skips the composition.
 */
export function createApp(service: Service, spoken = dialects): Hono {
  const {artifact, card, cors, guard, metrics, readFile = async () => undefined} = service;
  const group = (name: string, members: Route[]) => members.map(route => ({...route, group: name}));
  const routes: GroupedRoute[] = keepFirst([
    ...spoken.flatMap(({name, createRoutes}) => group(name, createRoutes(service))),
    ...group('Server', [
      createOpenApiRoute(service, () => routes, spoken),
      ...createPageRoutes(artifact, {hasCard: card !== undefined, guard}),
      ...createDocsRoutes(artifact, readFile, guard),
    ]),
  ]);

  const app = new Hono();
  for (const route of routes) app.on(route.method, route.path, respond(route));
  const respondNotFound = respond({
    path: 'unmatched',
    handler: () =>
      refuse(404, 'not_found', 'Nothing is here. GET /openapi.json lists what this server answers.'),
  });
  // Hono's own lists would need a second handler on each path, and with it the composition.
  const wrongMethod = new Map(
    routes.map(route => {
      const allow = listMethods(routes, route.path);
      const handler = () =>
        refuse(405, 'method_not_allowed', `This path answers ${allow}.`, {headers: {allow}});
      return [route.path, respond({...route, handler})];
    }),
  );
  const fallbacks = spoken.flatMap(({createFallback}) => {
    if (createFallback === undefined) return [];
    const {prefix, ...route} = createFallback(service);
    return [{prefix, respond: respond({...route, path: `${prefix}*`})}];
  });
  const respondPreflight = respond({
    path: 'preflight',
    open: 'always',
    handler: request => ({status: 204, body: null, headers: cors?.answerPreflight(request) ?? {}}),
  });
  app.notFound(c => {
    const {path} = c.req;
    if (c.req.method === 'OPTIONS' && cors?.answerPreflight(c.req.raw)) return respondPreflight(c);
    const fallback = fallbacks.find(({prefix}) => path.startsWith(prefix));
    return (wrongMethod.get(path) ?? fallback?.respond ?? respondNotFound)(c);
  });
  return app;

  function respond(route: Omit<Route, 'method' | 'describe'>): (c: Context) => Promise<Response> {
    const format = route.formatProblem ?? formatProblem;
    const record = metrics.createRecorder(route.path);
    const isOpen = guard === undefined || guard.isOpen(route.open);
    return async c => {
      const request = c.req.raw;
      const startedMs = service.now();
      const id = chooseRequestId(request.headers.get('x-request-id'), service.newRequestId);
      const trace = readTrace(request.headers.get('traceparent'));
      let outcome: Reply | Problem;
      try {
        // Node's own request, which the adapter hands on, knows of the connection.
        outcome = (isOpen ? undefined : guard.refuse(c.env?.incoming)) ?? (await route.handler(request));
      } catch (error) {
        service.onError?.(id, error);
        outcome = refuse(500, 'internal_error', `Internal error. The server's log has it as request ${id}.`);
      }
      const reply = 'problem' in outcome ? replyToProblem(outcome, format, request) : outcome;
      const {ignored = 0} = reply;
      if (ignored > 0) service.onIgnored?.({id, route: route.path, ignored});
      const headers = createBaseHeaders(id, artifact.version);
      const {status, body} = reply;
      const report = (rows: number | undefined) => {
        const ms = service.now() - startedMs;
        record(request.method, status, ms);
        service.onRequest?.({id, method: request.method, route: route.path, status, ms, rows, trace});
      };
      if (reply.ended === undefined) report(reply.rows);
      else {
        reply.ended.then(report, error => {
          service.onError?.(id, error);
          report(undefined);
        });
      }
      const packed =
        body === null || body instanceof ReadableStream || !isWorthPacking(body.length)
          ? {body, headers: {}}
          : await packAnswer(body, request.headers.get('accept-encoding'));
      Object.assign(
        headers,
        trace && {traceresponse: formatTraceResponse(trace)},
        reply.headers,
        packed.headers,
      );
      cors?.addTo(headers, request.headers.get('origin'));
      return new Response(packed.body, {status, headers});
    };
  }
}

/** Keeps of routes with the same method and path the first one. */
function keepFirst(routes: readonly GroupedRoute[]): GroupedRoute[] {
  const byPlace = new Map<string, GroupedRoute>();
  for (const route of routes) {
    const place = `${route.method} ${route.path}`;
    if (!byPlace.has(place)) byPlace.set(place, route);
  }
  return [...byPlace.values()];
}

function listMethods(routes: readonly Route[], path: string): string {
  const methods = routes.filter(route => route.path === path).map(({method}) => method);
  return methods.map(method => (method === 'GET' ? 'GET, HEAD' : method)).join(', ');
}

function replyToProblem(
  {status, problem, headers, rest}: Problem,
  format: NonNullable<Route['formatProblem']>,
  request: Request,
): Reply {
  const unread = rest ?? takeUnread(request);
  const body = format(problem);
  if (unread === undefined) return {status, body, headers: headers ?? {}};
  return {
    status,
    body: answerThenDiscard(body, unread),
    headers: {
      ...headers,
      ...(rest !== undefined && {connection: 'close'}),
      'content-length': String(Buffer.byteLength(body)),
    },
  };
}

/** Takes a body that nobody has read; a short one has arrived as a whole, and is not in the way of the answer. */
function takeUnread(request: Request): Problem['rest'] {
  const length = request.headers.get('content-length');
  const isLong = length === null ? request.headers.has('transfer-encoding') : Number(length) > 64 * 1024;
  return isLong && !request.bodyUsed ? request.body?.getReader() : undefined;
}
