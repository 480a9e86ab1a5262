import {describe, expect, test} from 'vitest';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {planeArtifact, planeContent, uncertainPlaneContent} from '../../helpers/server-artifact.ts';
import {bundleServer, startServer, stopServer} from '../../helpers/server-process.ts';
import {createTestApp} from '../../helpers/test-app.ts';

// Google's contract: https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements.

// y = 2a + 3b + 5, trained on a from 0 to 2 m and b from 0 to 4
const plane = planeArtifact();
const uncertainPlane = sealArtifact(uncertainPlaneContent()).artifact;

/** The routes that Vertex AI chooses where the model names none. */
const healthRoute = '/v1/endpoints/12/deployedModels/34';
const predictRoute = '/v1/endpoints/12/deployedModels/34:predict';

function create(options: Parameters<typeof createTestApp>[1] = {}, artifact = plane) {
  return createTestApp(artifact, {vertex: {healthRoute, predictRoute}, ...options});
}

async function predict(body: unknown, artifact = plane) {
  const response = await create({}, artifact).post(predictRoute, body);
  return {status: response.status, answer: await response.json()};
}

function refusal(path: string, message: string) {
  return {
    status: 400,
    answer: {
      error: {
        code: 'invalid_input',
        message: '1 value is not what this model expects.',
        fields: [{path, message}],
      },
    },
  };
}

describe('the predict route', () => {
  test.each([
    [
      {
        instances: [
          [1, 1],
          [2, 0.5],
        ],
      },
    ],
    [
      {
        instances: [
          {a: 1, b: 1},
          {b: 0.5, a: 2},
        ],
      },
    ],
    [
      {
        instances: [
          [1, 1],
          [2, 0.5],
        ],
        parameters: {},
      },
    ],
    [
      {
        instances: [
          [1, 1],
          [2, 0.5],
        ],
        parameters: null,
      },
    ],
  ])('answers %j', async body => {
    expect(await predict(body)).toEqual({status: 200, answer: {predictions: [10, 10.5]}});
  });

  test('adds a prediction interval where the parameters ask for one, and warnings', async () => {
    const {answer} = await predict({instances: [[1, 6]], parameters: {interval: 0.5}}, uncertainPlane);
    const {predictions, interval, warnings} = answer as {
      predictions: number[];
      interval: {level: number; lower: [number]; upper: [number]};
      warnings: unknown;
    };
    // t(0.75, 1) = 1, times s · √(1 + h), where h = 1/4 + (6 - 2)² / 4
    const half = 0.5 * Math.sqrt(1 + 0.25 + 4);
    expect(predictions).toEqual([25]);
    expect(interval.level).toBe(0.5);
    expect(interval.lower[0]).toBeCloseTo(25 - half, 9);
    expect(interval.upper[0]).toBeCloseTo(25 + half, 9);
    expect(warnings).toEqual([{path: 'instances[0][1]', message: 'b is above its training range, 0 to 4'}]);
  });

  test.each([
    [{instances: [[1, 'secret']]}, 'instances[0][1]', 'expected a number (b), found text'],
    [{instances: [{a: 1}]}, 'instances[0].b', 'expected a number, found none'],
    [{instances: 'secret'}, 'instances', 'expected a list of rows, each with 2 numbers (a, b); found text'],
    [
      {instances: [[1, 1]], parameters: {secret: 1}},
      'parameters',
      'expected "interval" at most; found 1 unknown key',
    ],
    [
      {instances: [[1, 1]], parameters: {interval: '0.95'}},
      'parameters.interval',
      'expected a number above 0 and at most 0.9999, such as 0.95; found text',
    ],
  ])('refuses %j', async (body, path, message) => {
    expect(await predict(body)).toEqual(refusal(path, message));
  });

  test.each([
    ['{}', 'none'],
    ['{"features": [[1, 1]]}', '1 unknown key'],
    ['{"instances": [[1, 1]], "secret": 1}', '"instances" and 1 unknown key'],
  ])('asks for instances: %s', async (body, found) => {
    expect(await predict(body)).toEqual({
      status: 400,
      answer: {
        error: {
          code: 'invalid_input',
          message: 'The body must be {"instances": [[a, b], …] or [{"a": number, "b": number}, …]}.',
          fields: [{path: 'body', message: `expected "instances", and "parameters" at most; found ${found}`}],
        },
      },
    });
  });

  test('answers 415 to CSV', async () => {
    const response = await create().post(predictRoute, '1,1\n', {'content-type': 'text/csv'});
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({
      error: {message: 'The body must be JSON (application/json). Name it in the header "content-type".'},
    });
  });

  test('is matched to the letter, the colon included', async () => {
    const {post} = create();
    for (const path of [
      '/v1/endpoints/12/deployedModels/34:other',
      '/v1/endpoints/12/deployedModels/35:predict',
    ]) {
      expect((await post(path, {instances: [[1, 1]]})).status).toBe(404);
    }
  });
});

describe('the health route', () => {
  test('answers 200 while ready and 503 otherwise', async () => {
    expect((await create().app.request(healthRoute)).status).toBe(200);
    for (const phase of ['starting', 'draining'] as const) {
      const response = await create({phase: () => phase}).app.request(healthRoute);
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({error: {code: phase}});
    }
  });
});

describe('the routes of the environment', () => {
  test('are there only where they are set', async () => {
    const {app, post} = createTestApp(plane);
    expect((await app.request(healthRoute)).status).toBe(404);
    expect((await post(predictRoute, {instances: [[1, 1]]})).status).toBe(404);
    const one = createTestApp(plane, {vertex: {healthRoute}});
    expect((await one.app.request(healthRoute)).status).toBe(200);
    expect((await one.post(predictRoute, {instances: [[1, 1]]})).status).toBe(404);
  });

  test('leave our own where they are', async () => {
    const response = await create().post('/predict', {features: [[1, 1]]});
    expect(await response.json()).toEqual({prediction: [10], model_version: plane.version});
  });

  test('replace ours on the same path', async () => {
    const {app, post} = create({
      vertex: {healthRoute: '/healthz', predictRoute: '/predict'},
      phase: () => 'draining',
    });
    expect((await app.request('/healthz')).status).toBe(503);
    const response = await post('/predict', {instances: [[1, 1]]});
    expect(await response.json()).toEqual({predictions: [10]});
    expect((await post('/predict', {features: [[1, 1]]})).status).toBe(400);
    for (const path of ['/', '/openapi.json', '/metrics', '/ping', '/v2']) {
      const response = await create({vertex: {healthRoute: path}}).app.request(path);
      expect(await response.text()).toBe('{}');
    }
  });

  test('share a path with ours, or with each other, where the method is another', async () => {
    const {app, post} = create({vertex: {healthRoute: '/predict', predictRoute: '/model'}});
    expect((await app.request('/predict')).status).toBe(200);
    expect((await post('/predict', {features: [[1, 1]]})).status).toBe(200);
    expect((await app.request('/model')).status).toBe(200);
    expect((await post('/model', {instances: [[1, 1]]})).status).toBe(200);
    for (const [path, allow] of [
      ['/predict', 'GET, HEAD, POST'],
      ['/model', 'POST, GET, HEAD'],
    ] as const) {
      const response = await app.request(path, {method: 'PUT'});
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe(allow);
    }

    const shared = create({vertex: {healthRoute: '/vertex', predictRoute: '/vertex'}});
    expect((await shared.app.request('/vertex', {method: 'HEAD'})).status).toBe(200);
    expect((await shared.post('/vertex', {instances: [[1, 1]]})).status).toBe(200);
  });

  test('are what the requests are reported under', async () => {
    const {post, entries} = create();
    await post(predictRoute, {instances: [[1, 1]]});
    expect(entries).toMatchObject([{route: predictRoute, status: 200, rows: 1}]);
  });
});

test('a server with such an environment has its own path for the platform, also on its fast path', async () => {
  const bundle = await bundleServer(sealArtifact(planeContent()).text);
  try {
    const server = await startServer(bundle, {AIP_HEALTH_ROUTE: '/healthz', AIP_PREDICT_ROUTE: '/predict'});
    try {
      const ask = (body: unknown) =>
        fetch(`${server.url}/predict`, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: {'content-type': 'application/json'},
        });
      expect(await (await ask({instances: [[1, 1]]})).json()).toEqual({predictions: [10]});
      expect((await ask({features: [[1, 1]]})).status).toBe(400);
      expect(await (await fetch(`${server.url}/healthz`)).text()).toBe('{}');
    } finally {
      await stopServer(server);
    }
  } finally {
    await bundle.remove();
  }
});
