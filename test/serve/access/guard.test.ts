import {describe, expect, test} from 'vitest';
import {parseApiKeys} from '../../../serve/access/api-keys.ts';
import {createGuard, type OpenPart} from '../../../serve/access/guard.ts';
import {readDocument} from '../../helpers/openapi-document.ts';
import {planeArtifact} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

const artifact = planeArtifact();
const vertex = {healthRoute: '/vertex/health', predictRoute: '/vertex/predict'};

function createGuarded({
  open = ['page'],
  certificate = false,
  keys = 'secret\nother',
}: {
  open?: OpenPart[];
  certificate?: boolean;
  keys?: string | undefined;
} = {}) {
  const known = parseApiKeys(keys, 'keys');
  const guard = createGuard({realm: 'plane', open, keys: () => known, asksForCertificate: certificate});
  const server = createTestApp(artifact, {vertex, guard});
  const ask = (
    path: string,
    headers: Record<string, string> = {},
    {method = 'GET', body, socket = {}}: {method?: string; body?: string; socket?: object} = {},
  ) =>
    // the adapter hands Node's request to the app
    server.app.request(path, {method, headers, ...(body && {body})}, {incoming: {headers, socket}});
  return {...server, ask};
}

const predict = {method: 'POST', body: '{"features": [[1, 1]]}'};
const json = {'content-type': 'application/json'};

describe('a server with API keys', () => {
  test.each([
    {authorization: 'Bearer secret'},
    {authorization: 'bearer  other'},
    {'x-api-key': 'secret'},
    {'x-api-key': 'secret', authorization: 'Bearer of-the-gateway'},
    {'x-api-key': 'of-the-gateway', authorization: 'Bearer secret'},
    {'x-api-key': 'secret', authorization: 'Basic c2VjcmV0Og=='},
  ])('answers who sends %j', async headers => {
    const response = await createGuarded().ask('/predict', {...json, ...headers}, predict);
    expect(response.status).toBe(200);
  });

  test.each([
    {},
    {authorization: 'Basic c2VjcmV0Og=='},
    {authorization: 'secret'},
    {authorization: 'Bearer'},
  ])('asks who sends %j for a key', async headers => {
    const {ask, entries} = createGuarded();
    const response = await ask('/predict', {...json, ...headers}, predict);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="plane"');
    expect(await response.json()).toEqual({
      error: {
        code: 'unauthorized',
        message:
          'This server asks for an API key. Send it as "authorization: Bearer KEY" or as "x-api-key: KEY".',
        fields: [],
      },
    });
    expect(entries).toMatchObject([{route: '/predict', status: 401}]);
  });

  test.each([
    {authorization: 'Bearer wrong'},
    {authorization: 'Bearer secret other'},
    {'x-api-key': ''},
    {'x-api-key': 'secret, secret'},
  ])('tells who sends %j that the key is wrong, without repeating it', async headers => {
    const response = await createGuarded().ask('/predict', {...json, ...headers}, predict);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer realm="plane"/);
    expect(await response.text()).not.toMatch(/secret|wrong/);
  });

  test('says in its challenge that a key was wrong', async () => {
    const response = await createGuarded().ask('/model', {'x-api-key': 'wrong'});
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="plane", error="invalid_token"');
  });

  test('lets nobody in whose request does not come from node:http', async () => {
    const {app} = createGuarded();
    expect((await app.request('/model', {headers: {'x-api-key': 'secret'}})).status).toBe(401);
  });

  test('refuses in the shape of the dialect', async () => {
    const response = await createGuarded().ask(`/v2/models/${artifact.name}`);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({error: expect.any(String)});
  });

  test.each([
    '/healthz',
    '/readyz',
    '/ping',
    '/health',
    '/v2/health/live',
    '/v2/health/ready',
    `/v2/models/${artifact.name}/ready`,
    '/vertex/health',
  ])('says at %s to everybody whether it is well', async path => {
    expect((await createGuarded({open: []}).ask(path)).status).toBe(200);
  });

  const ofThePage = ['/', '/page.js', '/page.css', '/docs', '/docs.js', '/docs.css', '/openapi.json'];

  test.each([
    ...[...ofThePage, '/docs/swagger-ui.css'].map(path => [path, 'page'] as const),
    ['/metrics', 'metrics'] as const,
  ])('asks for a key at %s, unless the part "%s" is open', async (path, part) => {
    expect((await createGuarded({open: []}).ask(path)).status).toBe(401);
    expect((await createGuarded({open: []}).ask(path, {'x-api-key': 'secret'})).status).toBe(200);
    expect((await createGuarded({open: [part]}).ask(path)).status).toBe(200);
  });

  test('asks for a key wherever nothing is said of it: at each other operation, path and method', async () => {
    const {app, ask} = createGuarded({open: ['page', 'metrics']});
    const {operations} = await readDocument(app);
    const guarded = operations.filter(({operation}) => operation.security === undefined);
    expect(guarded.length).toBeGreaterThan(8);
    for (const {method, path} of guarded) expect((await ask(path, {}, {method})).status).toBe(401);
    for (const path of ['/nothing', '/v2/nothing', '/predict/', '//predict']) {
      expect((await ask(path)).status).toBe(401);
    }
    expect((await ask('/predict', {}, {method: 'DELETE'})).status).toBe(401);
  });
});

test('a server that asks for certificates refuses a connection without one, whatever key is sent', async () => {
  const {ask} = createGuarded({certificate: true});
  const response = await ask('/predict', {...json, 'x-api-key': 'secret'}, predict);
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({error: {code: 'certificate_required'}});
  const socket = {authorized: true};
  expect((await ask('/predict', json, {...predict, socket})).status).toBe(401);
  expect((await ask('/predict', {...json, 'x-api-key': 'secret'}, {...predict, socket})).status).toBe(200);
  expect((await ask('/readyz')).status).toBe(200);
});

describe('the OpenAPI document', () => {
  test('says with empty lists that everybody may ask, where everybody may', async () => {
    const {document} = await readDocument(createTestApp(artifact).app);
    expect(document.security).toEqual([]);
    expect(document.components.securitySchemes).toEqual({});
  });

  test('names both ways to send a key, what needs none, and the refusal', async () => {
    const {document, operations, findFault} = await readDocument(createGuarded({certificate: true}).app);
    expect(document.security).toEqual([
      {bearer: [], certificate: []},
      {apiKey: [], certificate: []},
    ]);
    expect(document.components.securitySchemes).toMatchObject({
      bearer: {type: 'http', scheme: 'bearer'},
      apiKey: {type: 'apiKey', in: 'header', name: 'x-api-key'},
      certificate: {type: 'mutualTLS'},
    });
    const open = operations.filter(({operation}) => operation.security?.length === 0);
    expect(open.map(({path}) => path)).toEqual(
      expect.arrayContaining(['/healthz', '/readyz', '/openapi.json', '/v2/health/live', '/ping']),
    );
    expect(open.map(({path}) => path)).not.toContain('/metrics');
    for (const {operation} of open) expect(operation.responses).not.toHaveProperty('401');
    const {ask} = createGuarded();
    const asked = operations.find(({path}) => path === '/predict');
    const response = await ask('/predict', json, predict);
    expect(asked && findFault(asked.operation, response, await response.text())).toBeUndefined();
    expect(asked?.operation.responses).toHaveProperty('401');
  });
});

describe('the pages', () => {
  test('have an input for the key, and no link that would only be refused', async () => {
    const page = await (await createGuarded().ask('/')).text();
    expect(page).toContain('<input id="key" type="password"');
    expect(page).toContain('authorization: Bearer YOUR_KEY');
    for (const html of [page, await (await createGuarded().ask('/docs')).text()]) {
      expect(html).not.toMatch(/href="(model|metrics)/);
    }
    const opener = await (await createGuarded({open: ['page', 'metrics']}).ask('/')).text();
    expect(opener).toContain('href="metrics"');
  });

  test('ask for nothing where everybody may ask', async () => {
    const page = await (await createTestApp(artifact).app.request('/')).text();
    expect(page).not.toMatch(/id="key"|YOUR_KEY/);
    expect(page).toContain('href="model"');
  });
});
