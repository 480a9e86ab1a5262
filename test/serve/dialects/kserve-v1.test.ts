import {describe, expect, test} from 'vitest';
import {planeArtifact} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

// https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
// The plane is y = 2a + 3b + 5.
const plane = planeArtifact();

async function get(path: string, phase: 'starting' | 'ready' = 'ready') {
  const response = await createTestApp(plane, {phase: () => phase}).app.request(path);
  return {status: response.status, body: await response.json()};
}

async function predict(body: unknown) {
  const response = await createTestApp(plane).post('/v1/models/plane:predict', body);
  return {status: response.status, body: await response.json()};
}

describe('KServe V1', () => {
  test('lists the model', async () => {
    expect(await get('/v1/models')).toEqual({status: 200, body: {models: ['plane']}});
  });

  test('says whether the model is ready', async () => {
    expect(await get('/v1/models/plane')).toEqual({status: 200, body: {name: 'plane', ready: true}});
    expect(await get('/v1/models/plane', 'starting')).toEqual({
      status: 503,
      body: {error: 'The server is starting.'},
    });
  });

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
        inputs: [
          [1, 1],
          [2, 0.5],
        ],
      },
    ],
    [{inputs: {a: [1, 2], b: [1, 0.5]}}],
  ])('predicts %j', async body => {
    expect(await predict(body)).toEqual({status: 200, body: {predictions: [10, 10.5]}});
  });

  test('says in one text what is wrong', async () => {
    expect(await predict({instances: [[1, 'x']]})).toEqual({
      status: 400,
      body: {
        error: '1 value is not what this model expects. instances[0][1]: expected a number (b), found text.',
      },
    });
  });

  test.each(['/v1/models/secret', '/v1/models/secret:predict'])('has no other model: %s', async path => {
    expect(await get(path)).toEqual({
      status: 404,
      body: {error: 'Nothing is here. The only model is "plane": GET /v1/models/plane.'},
    });
  });
});
