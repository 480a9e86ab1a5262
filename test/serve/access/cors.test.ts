import {describe, expect, test} from 'vitest';
import {createCors} from '../../../serve/access/cors.ts';
import {startLocalServer} from '../../helpers/local-server.ts';
import {readResponses} from '../../helpers/raw-http.ts';
import {planeArtifact} from '../../helpers/server-artifact.ts';
import {openConnection} from '../../helpers/server-process.ts';
import {createTestApp} from '../../helpers/test-app.ts';

const origin = 'https://app.example.com';
const cors = createCors([origin, 'http://localhost:3000']);
const {app, post} = createTestApp(planeArtifact(), {cors});
const json = {'content-type': 'application/json'};

const allowed = (response: Response) => response.headers.get('access-control-allow-origin');

describe('with CORS_ORIGINS', () => {
  test.each([
    ['an answer', {features: [[1, 1]]}, 200],
    ['a refusal', {features: []}, 400],
  ])('%s may be read by scripts of a listed origin, with its headers', async (_, body, status) => {
    const response = await post('/predict', body, {...json, origin});
    expect(response.status).toBe(status);
    expect(allowed(response)).toBe(origin);
    expect(response.headers.get('access-control-expose-headers')).toBe('*');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    expect(response.headers.get('vary')).toBe('origin');
  });

  test.each([
    'https://evil.example.com',
    'http://app.example.com',
    'https://app.example.com.evil.org',
    'null',
  ])('scripts of %s may not read the answer', async stranger => {
    const response = await post('/predict', {features: [[1, 1]]}, {...json, origin: stranger});
    expect(allowed(response)).toBeNull();
    expect(response.headers.get('vary')).toBe('origin');
  });

  test('keeps caches from giving the answer without an origin to one that has one', async () => {
    expect((await app.request('/model')).headers.get('vary')).toBe('origin');
  });

  test('keeps what an answer says of caches by itself', async () => {
    const response = await app.request('/openapi.json', {headers: {origin, 'accept-encoding': 'gzip'}});
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('vary')).toBe('accept-encoding, origin');
  });

  test('answers a preflight request: every method and header, for a listed origin', async () => {
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    };
    const response = await app.request('/predict', {method: 'OPTIONS', headers});
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, POST',
      'access-control-allow-headers': '*, authorization',
      'access-control-max-age': '7200',
      vary: 'origin',
    });
  });

  test('answers the preflight request of another origin without a permission', async () => {
    const headers = {origin: 'https://evil.example.com', 'access-control-request-method': 'POST'};
    const response = await app.request('/predict', {method: 'OPTIONS', headers});
    expect(response.status).toBe(204);
    expect([...response.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([]);
  });

  test('refuses OPTIONS that is no preflight request', async () => {
    expect((await app.request('/predict', {method: 'OPTIONS', headers: {origin}})).status).toBe(405);
  });

  test('tells scripts also what the app has no part in, and predictions that are asked for plainly', async () => {
    const server = await startLocalServer({service: {cors}, limits: {maxInFlight: 1}});
    const ask = (head: string) => `POST /predict HTTP/1.1\r\nHost: x\r\nOrigin: ${origin}\r\n${head}`;
    const body = '{"features": [[1, 1]]}';
    const head = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const busy = openConnection(server.port);
    busy.socket.write(ask(head));
    await expect.poll(() => server.server.connections.inFlight).toBe(1);
    const next = openConnection(server.port);
    next.socket.write(ask(head) + body);
    const refused = readResponses(await next.receive('too_many_requests')).at(-1);
    expect(refused).toMatchObject({
      status: 429,
      headers: {'access-control-allow-origin': origin, vary: 'origin'},
    });
    busy.socket.write(body);
    const answered = readResponses(await busy.receive('prediction'))[0];
    expect(answered).toMatchObject({status: 200, headers: {'access-control-allow-origin': origin}});
    await server.close();
  });
});

test('without CORS_ORIGINS no answer says anything of origins', async () => {
  const plain = createTestApp(planeArtifact());
  const headers = {...json, origin, 'access-control-request-method': 'POST'};
  const answers = [
    await plain.post('/predict', {features: [[1, 1]]}, headers),
    await plain.app.request('/predict', {method: 'OPTIONS', headers}),
  ];
  expect(answers.map(({status}) => status)).toEqual([200, 405]);
  for (const {headers} of answers) {
    expect([...headers.keys()].filter(name => /^access-control|vary/.test(name))).toEqual([]);
  }
});
