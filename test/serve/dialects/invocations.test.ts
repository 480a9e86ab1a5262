import {describe, expect, test} from 'vitest';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {
  irisArtifact,
  pairArtifact,
  planeArtifact,
  uncertainPlaneContent,
} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

// MLflow's contract: mlflow/pyfunc/scoring_server/__init__.py and client.py, mlflow/utils/proto_json_utils.py, and
// https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally. SageMaker's:
// https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html and
// …/dg/clarify-processing-job-data-format-tabular-response.html.

// y = 2a + 3b + 5, trained on a from 0 to 2 m and b from 0 to 4
const plane = planeArtifact();
const uncertainPlane = sealArtifact(uncertainPlaneContent()).artifact;

async function invoke(body: unknown, artifact = plane) {
  const response = await createTestApp(artifact).post('/invocations', body);
  return {status: response.status, answer: await response.json()};
}

function refusal(fields: {path: string; message: string}[]) {
  const message = `${fields.length === 1 ? '1 value is' : `${fields.length} values are`} not what this model expects.`;
  const details = fields.map(field => `${field.path}: ${field.message}`).join('; ');
  return {
    status: 400,
    answer: {
      error_code: 'BAD_REQUEST',
      message: `${message} ${details}.`,
      error: {code: 'invalid_input', message, fields},
    },
  };
}

describe('POST /invocations, as MLflow scores', () => {
  test.each([
    // what pandas.DataFrame([[1, 1], [2, 0.5]], columns=['a', 'b']).to_dict(orient='split') gives
    [
      {
        dataframe_split: {
          index: [0, 1],
          columns: ['a', 'b'],
          data: [
            [1, 1],
            [2, 0.5],
          ],
        },
      },
    ],
    [
      {
        dataframe_split: {
          columns: ['b', 'a'],
          data: [
            [1, 1],
            [0.5, 2],
          ],
        },
      },
    ],
    [
      {
        dataframe_split: {
          data: [
            [1, 1],
            [2, 0.5],
          ],
        },
      },
    ],
    [
      {
        dataframe_records: [
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
    [
      {
        inputs: [
          {a: 1, b: 1},
          {b: 0.5, a: 2},
        ],
      },
    ],
    [{inputs: {b: [1, 0.5], a: [1, 2]}}],
    [
      {
        features: [
          [1, 1],
          [2, 0.5],
        ],
      },
    ],
    [
      {
        inputs: [
          [1, 1],
          [2, 0.5],
        ],
        params: {},
      },
    ],
    [
      {
        inputs: [
          [1, 1],
          [2, 0.5],
        ],
        params: null,
      },
    ],
  ])('answers %j', async body => {
    expect(await invoke(body)).toEqual({status: 200, answer: {predictions: [10, 10.5]}});
  });

  test('answers one list per row for several targets', async () => {
    const {answer} = await invoke({instances: [[2, 3]]}, pairArtifact());
    expect(answer).toEqual({predictions: [[5, -1]]});
  });

  // Value of scikit-learn's LinearRegression.predict for the same coefficients.
  test('answers what scikit-learn does for iris', async () => {
    const columns = ['petal_width', 'sepal_length', 'sepal_width'];
    const {answer} = await invoke({dataframe_split: {columns, data: [[0.2, 5.1, 3.5]]}}, irisArtifact());
    const {predictions} = answer as {predictions: [number]};
    expect(Math.abs(predictions[0] - 1.4892105741903334)).toBeLessThanOrEqual(1e-12);
  });

  test('adds a prediction interval where params asks for one', async () => {
    const {answer} = await invoke({inputs: [[1, 2]], params: {interval: 0.95}}, uncertainPlane);
    const {predictions, interval} = answer as {
      predictions: number[];
      interval: {level: number; lower: [number]; upper: [number]};
    };
    // t(0.975, 1) · s · √(1 + h), the leverage h of the means being 1/4
    const half = 12.706204736174694 * 0.5 * Math.sqrt(1.25);
    expect(predictions).toEqual([13]);
    expect(interval.level).toBe(0.95);
    expect(interval.lower[0]).toBeCloseTo(13 - half, 9);
    expect(interval.upper[0]).toBeCloseTo(13 + half, 9);
  });

  test.each([
    [{dataframe_split: {columns: ['b', 'a'], data: [[1, 9]]}}, 'dataframe_split.data[0][1]'],
    [{dataframe_records: [{b: 1, a: 9}]}, 'dataframe_records[0].a'],
    [{inputs: {b: [1], a: [9]}}, 'inputs.a[0]'],
    [{instances: [[9, 1]]}, 'instances[0][0]'],
  ])('names the inputs out of range as they were sent: %j', async (body, path) => {
    expect(await invoke(body)).toEqual({
      status: 200,
      answer: {
        predictions: [26],
        warnings: [{path, message: 'a is above its training range, 0 to 2 m'}],
      },
    });
  });

  const rowsExpected = 'expected a list of rows, each with 2 numbers (a, b)';
  test.each([
    [
      {dataframe_split: [[1, 1]]},
      'dataframe_split',
      'expected an object with "data", and "columns" and "index" at most; found a list',
    ],
    [
      {dataframe_split: {data: [[1, 1]], secret: 1}},
      'dataframe_split',
      'expected an object with "data", and "columns" and "index" at most; found 1 unknown member',
    ],
    [{dataframe_split: {}}, 'dataframe_split.data', `${rowsExpected}; found none`],
    [{dataframe_split: {data: []}}, 'dataframe_split.data', `${rowsExpected}; found an empty one`],
    [{dataframe_split: {data: 'secret'}}, 'dataframe_split.data', `${rowsExpected}; found text`],
    [{dataframe_split: {data: [1]}}, 'dataframe_split.data[0]', 'expected 2 numbers (a, b), found a number'],
    [
      {dataframe_split: {data: [[1, 1]], index: 3}},
      'dataframe_split.index',
      'expected a list, found a number',
    ],
    [
      {dataframe_split: {data: [[1, 1]], columns: 'ab'}},
      'dataframe_split.columns',
      'expected a list of names, found text',
    ],
    [
      {dataframe_split: {data: [[1, 1, 1]], columns: ['a', 'b', 'a']}},
      'dataframe_split.columns[2]',
      'expected each feature once, found it again',
    ],
    [
      {dataframe_split: {data: [[1, 1, 1]], columns: ['a', 'b', 7]}},
      'dataframe_split.columns[2]',
      'expected the name of a feature (a, b), found a number',
    ],
    [
      {dataframe_split: {data: [[1]], columns: ['b']}},
      'dataframe_split.columns',
      'expected every feature, found none of a',
    ],
    [
      {
        dataframe_split: {
          data: [
            [1, 1],
            [1, 'secret'],
          ],
          columns: ['b', 'a'],
        },
      },
      'dataframe_split.data[1][1]',
      'expected a number (a), found text',
    ],
    [
      {
        dataframe_split: {
          data: [
            [1, 1],
            [1, 1, 1],
          ],
          columns: ['b', 'a'],
        },
      },
      'dataframe_split.data[1]',
      'expected 2 numbers (b, a), found 3',
    ],
    [
      {dataframe_split: {data: [[1, 1], null]}},
      'dataframe_split.data[1]',
      'expected 2 numbers (a, b), found null',
    ],
    [{dataframe_records: [{a: 1}]}, 'dataframe_records[0].b', 'expected a number, found none'],
    [{dataframe_records: [[1, 1]]}, 'dataframe_records[0]', 'expected an object with a, b; found a list'],
    [{instances: [{a: 1, b: null}]}, 'instances[0].b', 'expected a number, found null'],
    [{instances: [{a: 1, b: 1}, [1, 1]]}, 'instances[1]', 'expected an object with a, b; found a list'],
    [{instances: []}, 'instances', `${rowsExpected}; found an empty one`],
    [{inputs: 7}, 'inputs', `${rowsExpected}; found a number`],
    [{inputs: {a: [1], secret: [1]}}, 'inputs', 'expected every feature, found none of b'],
    [{inputs: {a: [1], b: 1}}, 'inputs.b', 'expected a list of numbers, found a number'],
    [{inputs: {a: [1], b: []}}, 'inputs.b', 'expected a list of numbers, found an empty one'],
    [{inputs: {a: [1, 2], b: [1]}}, 'inputs.b', 'expected 2 numbers, as in inputs.a; found 1'],
    [{inputs: {a: [1, 2], b: [1, 'secret']}}, 'inputs.b[1]', 'expected a number, found text'],
    [
      {inputs: {a: [1, 1e308], b: [1, 1]}},
      'inputs.*[1]',
      'expected smaller numbers: the prediction is too large for a double',
    ],
    [{features: [{a: 1, b: 1}]}, 'features', 'expected 2 numbers (a, b), found 1'],
    [
      {inputs: [[1, 1]], params: 7},
      'params',
      'expected an object, such as {"interval": 0.95}; found a number',
    ],
    [
      {inputs: [[1, 1]], params: {interval: 1}},
      'params.interval',
      'expected a number above 0 and at most 0.9999, such as 0.95; found another number',
    ],
  ])('refuses %j', async (body, path, message) => {
    expect(await invoke(body)).toEqual(refusal([{path, message}]));
  });

  test.each([
    ['{}', 'none'],
    ['{"inputs": [[1, 1]], "instances": [[1, 1]]}', '"instances" and "inputs"'],
    ['{"inputs": [[1, 1]], "signature_name": "secret"}', '"inputs" and 1 unknown key'],
  ])('asks for exactly one kind of rows: %s', async (body, found) => {
    expect(await invoke(body)).toMatchObject({
      status: 400,
      answer: {
        error: {
          code: 'invalid_input',
          message:
            'The body must be {"dataframe_split": {"columns": ["a", "b"], "data": [[a, b], …]}}, {"dataframe_records": [{"a": number, "b": number}, …]}, {"instances": [[a, b], …] or [{"a": number, "b": number}, …]}, {"inputs": {"a": [number, …], "b": [number, …]}} or {"features": [[a, b], …]}.',
          fields: [
            {
              path: 'body',
              message: `expected exactly one of "dataframe_split", "dataframe_records", "instances", "inputs" and "features", and "params" at most; found ${found}`,
            },
          ],
        },
      },
    });
  });

  test.each([
    [{dataframe_split: {data: Array(6).fill([1, 1])}}, 'dataframe_split.data'],
    [{inputs: {a: Array(6).fill(1), b: Array(6).fill(1)}}, 'inputs'],
    [{inputs: Array(6).fill([1, 1])}, 'inputs'],
  ])('answers 413 to more rows than allowed: %j', async (body, path) => {
    const {status, answer} = await invoke(body);
    expect(status).toBe(413);
    expect(answer).toMatchObject({error: {fields: [{path, message: 'expected at most 5 rows, found 6'}]}});
  });

  test('takes features whose names every object has', async () => {
    const {artifact} = sealArtifact({
      ...uncertainPlaneContent(),
      features: uncertainPlaneContent().features.map((feature, j) => {
        return {...feature, name: ['constructor', '__proto__'][j] ?? ''};
      }),
    });
    const {answer} = await invoke('{"inputs": {"__proto__": [1], "constructor": [0]}}', artifact);
    expect(answer).toEqual({predictions: [8]});
    expect(await invoke('{"inputs": {"constructor": [0]}}', artifact)).toEqual(
      refusal([{path: 'inputs', message: 'expected every feature, found none of __proto__'}]),
    );
  });
});

describe('what MLflow ignores', () => {
  const rows = {a: 1, b: 1, secret: 'x', more: null};
  test.each([
    [{dataframe_split: {columns: ['secret', 'a', 'more', 'b'], data: [['x', 1, null, 1]]}}, 2],
    [{dataframe_records: [rows, {a: 1, b: 1}]}, 2],
    [{inputs: {a: [1], b: [1], secret: ['x', 'y']}}, 1],
    [{inputs: [[1, 1]], params: {secret: 7, interval: 0.95}}, 1],
    [{dataframe_records: [rows], params: {secret: 7}}, 3],
    ['secret,b,a\nx,1,1\n', 1],
    [{instances: [[1, 1]], params: {interval: 0.5}}, 0],
  ])('is counted and told of: %j', async (body, count) => {
    const told: object[] = [];
    const {post, service, app} = createTestApp(uncertainPlane, {onIgnored: entry => told.push(entry)});
    const type = typeof body === 'string' ? 'text/csv' : 'application/json';
    const response = await post('/invocations', body, {'content-type': type});
    expect(Object(await response.json()).predictions[0]).toBe(10);
    expect(service.predictor.tally.ignored).toBe(count);
    expect(told).toEqual(count === 0 ? [] : [{id: 'id-1', route: '/invocations', ignored: count}]);
    const metrics = await (await app.request('/metrics')).text();
    expect(metrics).toContain(`\nmodel_unknown_inputs_ignored_total ${count}\n`);
  });

  test('is not what a wrong row says in a column that it needs', async () => {
    const body = {dataframe_split: {columns: ['secret', 'a', 'b'], data: [['x', 'y', 1]]}};
    expect(await invoke(body)).toEqual(
      refusal([{path: 'dataframe_split.data[0][1]', message: 'expected a number (a), found text'}]),
    );
  });

  test('is not repeated', async () => {
    const body = {dataframe_split: {columns: ['secret', 'a', 'b'], data: [[1, 1]]}};
    expect(await invoke(body)).toEqual(
      refusal([{path: 'dataframe_split.data[0]', message: 'expected 3 numbers (ignored, a, b), found 2'}]),
    );
  });

  test('is nothing in the own dialect of the server', async () => {
    const response = await createTestApp(plane).post('/predict', {instances: [rows]});
    expect(response.status).toBe(400);
  });
});

test('a level in the query is refused where it is none, whatever the body asks for', async () => {
  const {post} = createTestApp(uncertainPlane);
  const body = {instances: [[1, 1]], params: {interval: 0.5}};
  expect((await post('/invocations?interval=x', body)).status).toBe(400);
  expect(await (await post('/invocations?interval=0.9', body)).json()).toMatchObject({
    interval: {level: 0.5},
  });
});

describe('errors as MLflow has them', () => {
  // mlflow.exceptions.RestException reads both members at the top level
  test.each([
    ['starting' as const, 503, 'TEMPORARILY_UNAVAILABLE'],
    ['ready' as const, 400, 'BAD_REQUEST'],
  ])('while %s', async (phase, status, code) => {
    const response = await createTestApp(plane, {phase: () => phase}).post('/invocations', '{');
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({error_code: code, message: expect.any(String)});
  });

  test.each([
    'application/json; charset',
    'application/json; =utf-8',
    'application/json; charset=',
    'application/json; charset=latin-1',
    'text/csv; header="present',
    'application/json charset=utf-8',
  ])('a media type that cannot be read is a 415: %s', async type => {
    const response = await createTestApp(plane).post('/invocations', '{"inputs": [[1, 1]]}', {
      'content-type': type,
    });
    expect(response.status).toBe(415);
  });

  test.each([
    'application/json; charset=UTF-8',
    'application/json ;charset="utf-8"; x=y;',
    'Application/JSON;',
  ])('one that can is none: %s', async type => {
    const response = await createTestApp(plane).post('/invocations', '{"inputs": [[1, 1]]}', {
      'content-type': type,
    });
    expect(response.status).toBe(200);
  });
});

describe('POST /invocations, as SageMaker asks', () => {
  const headers = {'content-type': 'text/csv', accept: 'text/csv'};

  // The service's clients compare the content type to the letter: sagemaker-python-sdk, `NumpyDeserializer`.
  test('answers CSV without names with a line for each row', async () => {
    const response = await createTestApp(plane).post('/invocations', '1,1\n2,0.5\n', headers);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv');
    expect(await response.text()).toBe('10\n10.5\n');
  });

  test('takes CSV with names, which MLflow sends, and answers JSON where nothing else is asked for', async () => {
    const response = await createTestApp(plane).post('/invocations', 'b,a\n1,1\n0.5,2\n', {
      'content-type': 'text/csv',
    });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({predictions: [10, 10.5]});
  });

  test('answers CSV to JSON where that is asked for, the bounds of an interval beside each value', async () => {
    const body = {instances: [[1, 2]], params: {interval: 0.95}};
    const response = await createTestApp(uncertainPlane).post('/invocations', body, {
      'content-type': 'application/json',
      accept: 'text/csv',
    });
    const half = 12.706204736174694 * 0.5 * Math.sqrt(1.25);
    const values = (await response.text()).trimEnd().split(',').map(Number);
    [13, 13 - half, 13 + half].forEach((expected, k) => {
      expect(values[k]).toBeCloseTo(expected, 9);
    });
  });

  // what sagemaker.serializers.JSONSerializer makes of a numpy array
  test.each([
    [
      [
        [1, 1],
        [2, 0.5],
      ],
      [10, 10.5],
    ],
    [[1, 1], [10]],
    [[{a: 1, b: 1}], [10]],
  ])('answers a list of rows without a key: %j', async (rows, predictions) => {
    expect(await invoke(rows)).toEqual({status: 200, answer: {predictions}});
  });

  test.each([
    ['application/jsonlines', '[1,1]\n{"features":[2,0.5]}\n'],
    ['application/json', '[[1,1],[2,0.5]]'],
    ['text/csv', '1,1\n2,0.5\n'],
  ])('answers lines of JSON where they are asked for, to %s', async (type, body) => {
    const headers = {'content-type': type, accept: 'application/jsonlines'};
    const response = await createTestApp(plane).post('/invocations', body, headers);
    expect(response.headers.get('content-type')).toBe('application/jsonlines');
    expect(await response.text()).toBe('{"prediction":10}\n{"prediction":10.5}\n');
  });

  // https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html: at most 100 MB at a time
  test.each([
    [1000, 4, 1],
    [10 * 2 ** 20, 4, 10],
    [2 ** 26, 1, 64],
    [2 ** 28, 1, 100],
  ])('says how Batch Transform may send: %d bytes', async (maxBodyBytes, concurrent, payload) => {
    const response = await createTestApp(plane, {maxBodyBytes}).app.request('/execution-parameters');
    expect(await response.json()).toEqual({
      MaxConcurrentTransforms: concurrent,
      BatchStrategy: 'MULTI_RECORD',
      MaxPayloadInMB: payload,
    });
  });

  test('answers 415 to other media types', async () => {
    const response = await createTestApp(plane).post('/invocations', '1,1', {'content-type': 'text/libsvm'});
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({
      error: {
        code: 'unsupported_media_type',
        message:
          'The body must be JSON (application/json), CSV (text/csv) or lines of JSON (application/x-ndjson). Name it in the header "content-type".',
        fields: [],
      },
    });
  });

  test('answers 503 while starting, and still answers while draining', async () => {
    const starting = createTestApp(plane, {phase: () => 'starting'});
    expect((await starting.post('/invocations', '1,1\n', headers)).status).toBe(503);
    const draining = createTestApp(plane, {phase: () => 'draining'});
    expect((await draining.post('/invocations', '1,1\n', headers)).status).toBe(200);
  });
});

describe('health and version', () => {
  test.each(['/ping', '/health'])('%s answers 200 while ready and 503 otherwise', async path => {
    const ready = await createTestApp(plane).app.request(path);
    expect(ready.status).toBe(200);
    expect(await ready.text()).toBe('{}');
    for (const phase of ['starting', 'draining'] as const) {
      const response = await createTestApp(plane, {phase: () => phase}).app.request(path);
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({error: {code: phase}});
    }
  });

  test('/version names the model and its version', async () => {
    const response = await createTestApp(plane).app.request('/version');
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe(`plane ${plane.version}`);
  });

  test.each([
    ['/invocations', 'GET', 'POST'],
    ['/ping', 'POST', 'GET, HEAD'],
  ])('%s is 405 for %s', async (path, method, allow) => {
    const response = await createTestApp(plane).app.request(path, {method});
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
  });
});
