import {once} from 'node:events';
import {Agent, type IncomingHttpHeaders, request as openRequest} from 'node:http';
import type {AddressInfo} from 'node:net';
import {unzipSync} from 'node:zlib';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {createApp} from '../../../serve/app.ts';
import {type Artifact, sealArtifact} from '../../../serve/artifact/artifact.ts';
import {createFastPath} from '../../../serve/dialects/predict/fast-path.ts';
import {createNodeServer, type NodeServer} from '../../../serve/http/node-server.ts';
import {createService} from '../../../serve/http/service.ts';
import {
  type Body,
  bodiesNear,
  headers,
  methods,
  queries,
  secret,
  targetsNear,
  usual,
} from '../../helpers/odd-requests.ts';
import {type ReadDocument, readDocument} from '../../helpers/openapi-document.ts';
import {parseScrape} from '../../helpers/prometheus-text.ts';
import {oddContent, uncertainPlaneContent} from '../../helpers/server-artifact.ts';

/** The longest that an answer may take. */
const deadlineMs = 10_000;
const maxBodyBytes = 200_000;
/** About 5 s of them, or 20 s. */
const runs = process.env.CI ? 30 : 8;
const vertex = {healthRoute: '/v1/health', predictRoute: '/v1/endpoints/7:predict'};

type Sent = {method: string; target: string; headers: Record<string, string>; body: Body | undefined};
type Received = {status: number; headers: IncomingHttpHeaders; body: string};

/** A value of JSON, or a cell of CSV, that is no number. */
const noNumber = /(?:^|[:[,])(?:null|NaN|-?Infinity)(?:[,\]}]|$)/m;

const models: [string, Artifact][] = [
  ['intervals', sealArtifact(uncertainPlaneContent()).artifact],
  ['odd names', sealArtifact(oddContent()).artifact],
];

describe.each(models)('a server of a model with %s', (_, artifact) => {
  const agent = new Agent({keepAlive: true});
  const errors: unknown[] = [];
  const service = createService(artifact, {
    maxBodyBytes,
    maxRows: 50,
    vertex,
    phase: () => 'ready',
    newRequestId: () => 'made-here',
    now: () => performance.now(),
    onError: (_id, error) => errors.push(error),
  });
  const app = createApp(service);
  const routes = app.routes.map(({method, path}) => ({method, path}));
  let server: NodeServer;
  let document: ReadDocument;
  let count = 0;

  beforeAll(async () => {
    const countRefused = service.metrics.createRecorder('refused');
    server = createNodeServer(async () => app, {
      fastPath: createFastPath(service),
      newRequestId: () => 'made-here',
      modelVersion: artifact.version,
      onRefused: ({method, status}) => countRefused(method, status, 0),
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    document = await readDocument(app);
  });
  afterAll(() => {
    agent.destroy();
    server.close();
  });

  async function send({
    method,
    target,
    headers,
    body: {text, encoding, times = 1} = {text: ''},
  }: Sent): Promise<Received> {
    count++;
    const body = Buffer.from(text.repeat(times), encoding);
    const {port} = server.address() as AddressInfo;
    const signal = AbortSignal.timeout(deadlineMs);
    // no body is one without a length, too
    const length = body.length === 0 ? {} : {'content-length': String(body.length)};
    const outgoing = openRequest({
      port,
      agent,
      signal,
      method,
      path: target,
      headers: {...headers, ...length},
    });
    outgoing.end(body);
    const [incoming] = await once(outgoing, 'response');
    const chunks: Buffer[] = await incoming.toArray();
    const packed = Buffer.concat(chunks);
    const isPacked = incoming.headers['content-encoding'] !== undefined && packed.length > 0;
    const content = isPacked ? unzipSync(packed) : packed;
    return {status: incoming.statusCode, headers: incoming.headers, body: content.toString()};
  }

  /** What is wrong with an answer: nothing, or a sentence. */
  function findFault({method, target}: Sent, {status, headers, body}: Received): string | undefined {
    // as URLs are read: without dot segments and fragments
    const path = new URL(`http://localhost${target}`).pathname;
    if (status >= 500) return `answers ${status}`;
    if (headers['x-model-version'] !== artifact.version) return 'has no model version';
    if (!/^[A-Za-z0-9._-]{1,128}$/.test(String(headers['x-request-id']))) return 'has no request id';
    const {'x-request-id': _id, ...others} = headers;
    const said = path.endsWith('/infer') ? body.replace(/"id":"(?:[^"\\]|\\.)*",/, '') : body;
    if (`${said}${JSON.stringify(others)}`.toLowerCase().includes(secret)) return 'repeats what was sent';
    if (method === 'HEAD') return body === '' ? undefined : 'has a body';
    if (status === 405 && headers.allow === undefined) return 'does not say what is allowed';
    const operation = document.operations.find(
      known => known.path === path && known.method === method,
    )?.operation;
    // what HTTP itself forbids never reaches an operation
    const isHttp = status !== 400 || !body.includes('"malformed_request"');
    if (operation === undefined || !isHttp) return findPlainFault(path, status, body);
    if (method === 'POST' && status === 200 && noNumber.test(said)) return 'has no number';
    const response = new Response(body, {status, headers: headers as Record<string, string>});
    return document.findFault(operation, response, body);
  }

  /** For what is not an operation of the document. */
  function findPlainFault(path: string, status: number, body: string): string | undefined {
    if (status < 400) return routes.some(route => route.path === path) ? undefined : `answers ${status}`;
    if (![400, 404, 405].includes(status)) return `answers ${status}`;
    const {error} = JSON.parse(body);
    if (/^\/v(?:2|1\/models)/.test(path) && typeof error === 'string') return undefined;
    const validate = document.compile({$ref: '#/components/schemas/Error'});
    return validate({error}) ? undefined : `is no error as documented: ${body}`;
  }

  async function check(sent: Sent): Promise<void> {
    const received = await send(sent);
    const fault = findFault(sent, received);
    if (fault === undefined) return;
    throw new Error(`${JSON.stringify(sent)} ${fault}: ${received.status} ${received.body.slice(0, 500)}`);
  }

  test.each(routes)('holds to its document whatever is sent to $method $path', async ({method, path}) => {
    const operation = document.operations.find(
      known => known.path === path && known.method === method,
    )?.operation;
    const examples = Object.entries(operation?.requestBody?.content ?? {}).flatMap(([type, content]) =>
      Object.values(content.examples ?? {}).map(({value}) => ({type, value})),
    );
    if (examples.length === 0) examples.push(usual);
    const sent = fc.record({
      isUsual: fc.boolean(),
      method: methods,
      query: queries,
      headers,
      content: bodiesNear(examples, maxBodyBytes),
    });
    const property = fc.asyncProperty(sent, async ({isUsual, query, content: {type, ...body}, ...odd}) => {
      await check({
        method: isUsual ? method : odd.method,
        target: path + query,
        headers: {...(isUsual && type !== undefined ? {'content-type': type} : odd.headers)},
        body,
      });
    });
    await fc.assert(property, {numRuns: runs * (method === 'POST' ? 120 : 15)});
  });

  test('answers any other path', async () => {
    const target = targetsNear(routes.map(({path}) => path));
    const sent = fc.record({method: methods, target, headers, content: bodiesNear([usual], maxBodyBytes)});
    const property = fc.asyncProperty(sent, ({content, ...rest}) => check({...rest, body: content}));
    await fc.assert(property, {numRuns: runs * 300});
  });

  test('has counted every request in the end, and met no failure of its own', async () => {
    expect(errors).toEqual([]);
    const {body} = await send({method: 'GET', target: '/metrics', headers: {}, body: undefined});
    const {samples} = parseScrape(body);
    const total = (samples.get('http_requests_total') ?? []).reduce((sum, {value}) => sum + value, 0);
    // the document was asked for besides; the scrape is not counted yet
    expect(total).toBe(1 + count - 1);
    expect(server.connections.inFlight).toBe(0);
    expect(server.connections.bufferedBytes).toBe(0);
  });
});
