import {describe, expect, test} from 'vitest';
import {type Artifact, ArtifactError} from '../../serve/artifact/artifact.ts';
import {createService, type ServiceOptions} from '../../serve/http/service.ts';
import {irisArtifact, irisContent, pairArtifact, planeArtifact} from '../helpers/server-artifact.ts';
import {createTestApp} from '../helpers/test-app.ts';

const plane = planeArtifact();
const planeShapes = '{"features": [[a, b], …]} or {"instances": [{"a": number, "b": number}, …]}';

/** The test app, and what was reported as its failures together with the ids of the requests. */
function create(artifact: Artifact = plane, options: Partial<ServiceOptions> = {}) {
  const errors: [string, unknown][] = [];
  const {app, entries, post} = createTestApp(artifact, {
    onError: (id, error) => errors.push([id, error]),
    ...options,
  });
  return {
    app,
    entries,
    errors,
    post: (body: unknown, headers?: Record<string, string>) => post('/predict', body, headers),
  };
}

function errorBody(code: string, message: string, fields: {path: string; message: string}[] = []) {
  return {error: {code, message, fields}};
}

/** A body without a declared length, in chunks of 100 bytes. */
function streamOf(bytes: number): {body: ReadableStream<Uint8Array>; delivered: () => number} {
  let delivered = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (delivered >= bytes) return controller.close();
      delivered += 100;
      controller.enqueue(new Uint8Array(100).fill(0x20));
    },
  });
  return {body, delivered: () => delivered};
}

describe('POST /predict', () => {
  test('answers one number per row and the version of the model', async () => {
    const response = await create().post('{"features": [[0, 0], [1, 1], [2, 0.5]]}');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe(`{"prediction":[5,10,10.5],"model_version":"${plane.version}"}`);
  });

  test('answers a single row as a batch of one', async () => {
    const response = await create().post('{"features": [1, 1]}');
    expect(await response.json()).toEqual({prediction: [10], model_version: plane.version});
  });

  test('answers rows by name', async () => {
    const response = await create().post('{"instances": [{"b": 0.5, "a": 2}]}');
    expect(await response.json()).toEqual({prediction: [10.5], model_version: plane.version});
  });

  test('answers one list per row for several targets', async () => {
    const pair = pairArtifact();
    const response = await create(pair).post('{"features": [[2, 3], [1, 1]]}');
    expect(await response.json()).toEqual({
      prediction: [
        [5, -1],
        [2, 0],
      ],
      model_version: pair.version,
    });
  });

  // Value of scikit-learn's LinearRegression.predict for the same coefficients.
  test('answers what scikit-learn does for iris', async () => {
    const response = await create(irisArtifact()).post('{"features": [[5.1, 3.5, 0.2]]}');
    const {prediction} = (await response.json()) as {prediction: [number]};
    expect(Math.abs(prediction[0] - 1.4892105741903334)).toBeLessThanOrEqual(1e-12);
  });

  test('answers 400 with the fields at fault', async () => {
    const response = await create().post('{"features": [[1, 2], [3, "secret"], [4]]}');
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual(
      errorBody('invalid_input', '2 values are not what this model expects.', [
        {path: 'features[1][1]', message: 'expected a number (b), found text'},
        {path: 'features[2]', message: 'expected 2 numbers (a, b), found 1'},
      ]),
    );
  });

  test.each(['', ' \n'])('answers 400 to an empty body: %j', async body => {
    const response = await create().post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual(
      errorBody('malformed_json', `The body is empty. Send ${planeShapes}.`),
    );
  });

  test.each(['secret', '{"features": [[1, 2]'])('answers 400 to a body that is not JSON: %j', async body => {
    const response = await create().post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual(
      errorBody('malformed_json', `The body is not JSON. Send ${planeShapes}.`),
    );
  });

  test('answers 400 when a prediction overflows, never null', async () => {
    const message = 'expected smaller numbers: the prediction is too large for a double';
    const batch = await create().post('{"features": [[1, 1], [1e308, 1]]}');
    expect(batch.status).toBe(400);
    expect(await batch.json()).toEqual(
      errorBody('invalid_input', '1 value is not what this model expects.', [{path: 'features[1]', message}]),
    );
    const row = await create().post('{"features": [1e308, 1]}');
    expect(await row.json()).toMatchObject({error: {fields: [{path: 'features', message}]}});
    const named = await create().post('{"instances": [{"a": 1, "b": 1e308}]}');
    expect(await named.json()).toMatchObject({error: {fields: [{path: 'instances[0]', message}]}});
  });

  test('answers 413 to more rows than allowed', async () => {
    const response = await create().post(JSON.stringify({features: Array.from({length: 6}, () => [1, 1])}));
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual(
      errorBody('too_many_rows', 'The request has too many rows. Send at most 5 at a time.', [
        {path: 'features', message: 'expected at most 5 rows, found 6'},
      ]),
    );
  });

  test('answers 413 to a body that is declared too large, before reading it', async () => {
    const {body, delivered} = streamOf(100_000);
    const response = await create().app.request('/predict', {
      method: 'POST',
      body,
      headers: {'content-type': 'application/json', 'content-length': '100000'},
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
    expect(delivered()).toBeLessThan(1000);
    expect(response.headers.get('connection')).toBe('close');
    const text = await response.text();
    expect(JSON.parse(text)).toEqual(
      errorBody('body_too_large', 'The body is too large. Send at most 1000 bytes.'),
    );
    expect(response.headers.get('content-length')).toBe(String(text.length));
    expect(delivered()).toBe(100_000);
  });

  test('answers 413 to a streamed body as soon as it is too large', async () => {
    const {body, delivered} = streamOf(100_000);
    const response = await create().app.request('/predict', {
      method: 'POST',
      body,
      headers: {'content-type': 'application/json'},
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
    expect(delivered()).toBeLessThan(2000);
    expect(await response.json()).toEqual(
      errorBody('body_too_large', 'The body is too large. Send at most 1000 bytes.'),
    );
  });

  test('takes a body of exactly the largest size', async () => {
    const body = '{"features": [[1, 1]]}'.padEnd(1000);
    expect((await create().post(body)).status).toBe(200);
    expect((await create().post(`${body} `)).status).toBe(413);
  });

  test('counts the bytes of a body, not its characters', async () => {
    expect((await create().post(`{"features": [[1, 1]]}${'\u2003'.repeat(400)}`)).status).toBe(413);
  });

  test.each(['application/x-www-form-urlencoded', 'text/plain', 'text/csvx', 'application/jsonp', ''])(
    'answers 415 to the content type %j',
    async type => {
      const response = await create().post('{"features": [[1, 1]]}', {'content-type': type});
      expect(response.status).toBe(415);
      expect(await response.json()).toEqual(
        errorBody(
          'unsupported_media_type',
          'The body must be JSON (application/json), CSV (text/csv) or lines of JSON (application/x-ndjson). Name it in the header "content-type".',
        ),
      );
    },
  );

  test.each(['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.rows+json'])(
    'takes the content type %j',
    async type => {
      expect((await create().post('{"features": [[1, 1]]}', {'content-type': type})).status).toBe(200);
    },
  );

  test('takes a body without a content type for JSON', async () => {
    const body = new TextEncoder().encode('{"features": [[1, 1]]}');
    expect((await create().post(body, {})).status).toBe(200);
  });

  test.each(['br', 'gzip, gzip', 'x'])(
    'answers 415 to a body packed as %s and says how it may be',
    async coding => {
      const headers = {'content-type': 'application/json', 'content-encoding': coding};
      const response = await create().post('{"features": [[1, 1]]}', headers);
      expect(response.status).toBe(415);
      expect(response.headers.get('accept-encoding')).toBe('gzip, deflate');
      expect(await response.json()).toEqual(
        errorBody('unsupported_media_type', 'The body may be packed with gzip or deflate, and only once.'),
      );
    },
  );

  test('answers 400 when the body breaks off', async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new Error('aborted'));
      },
    });
    const {app, errors} = create();
    const response = await app.request('/predict', {method: 'POST', body, duplex: 'half'} as RequestInit);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual(
      errorBody('incomplete_body', 'The connection ended before the body did.'),
    );
    expect(errors).toEqual([]);
  });

  test('answers 503 while starting, and says when to come back', async () => {
    const response = await create(plane, {phase: () => 'starting'}).post('{"features": [[1, 1]]}');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await response.json()).toEqual(errorBody('starting', 'The server is starting.'));
  });

  test('still answers while draining', async () => {
    const response = await create(plane, {phase: () => 'draining'}).post('{"features": [[1, 1]]}');
    expect(response.status).toBe(200);
  });
});

describe('the input', () => {
  const secrets = [
    '{"features": [["secret"]]}',
    '{"features": "secret"}',
    '{"secret": [[1, 1]]}',
    '{"instances": [{"secret": 1}]}',
    '{"instances": ["secret"]}',
    'secret',
    '"secret"',
  ];
  test.each(secrets)('is not repeated in the answer to %s', async body => {
    const response = await create().post(body);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain('secret');
    expect(JSON.stringify([...response.headers])).not.toContain('secret');
  });

  test('is not repeated when it is a path, a query, a method or a header', async () => {
    const {app, entries} = create();
    for (const path of ['/secret', '/predict/secret', '/healthz?secret', '/predict?secret']) {
      const response = await app.request(path, {
        headers: {secret: 'secret', 'x-request-id': 'secret secret'},
      });
      expect(await response.text()).not.toContain('secret');
      expect(JSON.stringify([...response.headers])).not.toContain('secret');
    }
    await app.request('/secret', {method: 'POST', body: 'secret'});
    expect(JSON.stringify(entries)).not.toContain('secret');
  });
});

describe('GET routes', () => {
  test('/healthz says that the process is alive, in every phase', async () => {
    for (const phase of ['starting', 'ready', 'draining'] as const) {
      const response = await create(plane, {phase: () => phase}).app.request('/healthz');
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({status: 'alive'});
    }
  });

  test('/readyz says that the held-out examples were recomputed', async () => {
    const response = await create().app.request('/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({status: 'ready', held_out: {checked: 2, max_error: 0}});
  });

  test.each([
    ['starting', 'The server is starting.'],
    ['draining', 'The server is shutting down.'],
  ] as const)('/readyz answers 503 while %s', async (phase, message) => {
    const response = await create(plane, {phase: () => phase}).app.request('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual(errorBody(phase, message));
  });

  test('/model tells what the model is, without the rows of its data', async () => {
    const iris = irisArtifact();
    const response = await create(iris).app.request('/model');
    const {metrics, provenance} = irisContent();
    expect(await response.json()).toEqual({
      name: 'iris',
      version: iris.version,
      features: ['sepal_length', 'sepal_width', 'petal_width'].map(name => {
        return {name, unit: 'cm', min: 0.1, max: 7.9, mean: 3};
      }),
      targets: [{name: 'petal_length', unit: 'cm'}],
      metrics,
      held_out: 1,
      provenance,
    });
  });

  test.each(['/healthz', '/readyz', '/model'])(
    '%s answers HEAD with the same headers and no body',
    async path => {
      const {app} = create();
      const head = await app.request(path, {method: 'HEAD', headers: {'x-request-id': 'same'}});
      const get = await app.request(path, {headers: {'x-request-id': 'same'}});
      expect(head.status).toBe(200);
      expect(await head.text()).toBe('');
      expect([...head.headers]).toEqual([...get.headers]);
    },
  );
});

describe('other paths and methods', () => {
  test.each(['/nothing', '/predict/', '/predict/x', '/__proto__', '/constructor', '/%00'])(
    '%s is 404',
    async path => {
      const response = await create().app.request(path);
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual(
        errorBody('not_found', 'Nothing is here. GET /openapi.json lists what this server answers.'),
      );
    },
  );

  test.each([
    ['/predict', 'GET', 'POST'],
    ['/predict', 'PUT', 'POST'],
    ['/predict', 'DELETE', 'POST'],
    ['/predict', 'OPTIONS', 'POST'],
    ['/healthz', 'POST', 'GET, HEAD'],
    ['/readyz', 'PATCH', 'GET, HEAD'],
    ['/model', 'OPTIONS', 'GET, HEAD'],
  ])('%s is 405 for %s, with the methods that it answers', async (path, method, allow) => {
    const response = await create().app.request(path, {method});
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.json()).toEqual(errorBody('method_not_allowed', `This path answers ${allow}.`));
  });

  test('HEAD /predict is 405', async () => {
    const response = await create().app.request('/predict', {method: 'HEAD'});
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });
});

describe('every response', () => {
  const requests: [string, RequestInit, number][] = [
    ['/healthz', {}, 200],
    ['/predict', {method: 'POST', body: new TextEncoder().encode('{"features": [1, 1]}')}, 200],
    ['/predict', {method: 'POST', body: '{}'}, 415],
    ['/predict', {method: 'POST'}, 400],
    ['/predict', {}, 405],
    ['/nowhere', {}, 404],
    ['/model', {method: 'HEAD'}, 200],
  ];
  test.each(requests)('has the model version and a request id: %s %j', async (path, init, status) => {
    const response = await create().app.request(path, init);
    expect(response.status).toBe(status);
    expect(response.headers.get('x-model-version')).toBe(plane.version);
    expect(response.headers.get('x-request-id')).toBe('id-1');
  });

  test.each(['a', 'A-b_c.9', 'x'.repeat(128)])('keeps the request id %s', async id => {
    const response = await create().app.request('/healthz', {headers: {'x-request-id': id}});
    expect(response.headers.get('x-request-id')).toBe(id);
  });

  test.each(['', 'a b', 'x'.repeat(129), 'a,b', '<script>', 'é'])('replaces the request id %j', async id => {
    const response = await create().app.request('/healthz', {headers: {'x-request-id': id}});
    expect(response.headers.get('x-request-id')).toBe('id-1');
  });

  test('is reported with its route, status, time and rows', async () => {
    const {app, entries, post} = create();
    await post('{"features": [[1, 1], [2, 2]]}');
    await post('{}');
    await app.request('/healthz', {method: 'HEAD'});
    await app.request('/model', {method: 'POST'});
    await app.request('/nowhere');
    expect(entries).toEqual([
      {id: 'id-1', method: 'POST', route: '/predict', status: 200, ms: 2, rows: 2},
      {id: 'id-2', method: 'POST', route: '/predict', status: 400, ms: 2, rows: undefined},
      {id: 'id-3', method: 'HEAD', route: '/healthz', status: 200, ms: 2, rows: undefined},
      {id: 'id-4', method: 'POST', route: '/model', status: 405, ms: 2, rows: undefined},
      {id: 'id-5', method: 'GET', route: 'unmatched', status: 404, ms: 2, rows: undefined},
    ]);
  });
});

describe('a failure of the server', () => {
  test('is a 500 with the request id and nothing else; the error goes to the log', async () => {
    const failure = new Error('secret of the server');
    let looks = 0;
    const phase = () => {
      if (looks++ === 0) throw failure;
      return 'ready' as const;
    };
    const {app, errors, entries} = create(plane, {phase});
    const response = await app.request('/readyz', {headers: {'x-request-id': 'mine'}});
    expect(response.status).toBe(500);
    expect(response.headers.get('x-request-id')).toBe('mine');
    expect(response.headers.get('x-model-version')).toBe(plane.version);
    expect(await response.json()).toEqual(
      errorBody('internal_error', "Internal error. The server's log has it as request mine."),
    );
    expect(errors).toEqual([['mine', failure]]);
    expect(entries).toMatchObject([{id: 'mine', route: '/readyz', status: 500}]);
  });
});

describe('createService', () => {
  test('refuses a model that does not reproduce its held-out predictions', () => {
    const heldOut = [{row: 3, features: [1, 1], actual: [10], prediction: [11]}];
    const create = () =>
      createService(
        {...plane, heldOut},
        {maxBodyBytes: 1, maxRows: 1, phase: () => 'ready', newRequestId: () => 'id', now: () => 0},
      );
    expect(create).toThrow(ArtifactError);
    expect(create).toThrow(
      new ArtifactError(
        `Model plane ${plane.version} does not reproduce its held-out predictions: 1 of 1 disagree (first: row 3; largest error 0.09090909090909091). Train again with \`npm run train\`.`,
      ),
    );
  });
});
