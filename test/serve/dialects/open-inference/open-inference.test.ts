import {readFile} from 'node:fs/promises';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type Artifact, sealArtifact} from '../../../../serve/artifact/artifact.ts';
import {serverVersion} from '../../../../serve/dialects/open-inference/open-inference.ts';
import {createInferSchemas} from '../../../../serve/dialects/open-inference/schemas.ts';
import type {ServiceOptions} from '../../../../serve/http/service.ts';
import {
  irisArtifact,
  pairArtifact,
  planeArtifact,
  planeContent,
  uncertainPlaneContent,
} from '../../../helpers/server-artifact.ts';
import {createTestApp} from '../../../helpers/test-app.ts';

// The rules are those of the protocol's two published texts:
// https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
// https://github.com/kserve/kserve/blob/master/docs/predict-api/v2/required_api.md
// The plane is y = 2a + 3b + 5, trained on a from 0 to 2 m and b from 0 to 4.
const plane = planeArtifact();
const uncertainPlane = sealArtifact(uncertainPlaneContent()).artifact;
const {version} = plane;

type Tensor = {name: string; shape: number[]; datatype: string; data?: unknown; parameters?: unknown};

/** One tensor with both features of the plane. */
function table(data: unknown, shape = [2, 2], datatype = 'FP64'): Tensor {
  return {name: 'features', shape, datatype, data};
}

function column(name: string, data: unknown, shape = [2], datatype = 'FP64'): Tensor {
  return {name, shape, datatype, data};
}

async function infer(body: unknown, artifact: Artifact = plane, options: Partial<ServiceOptions> = {}) {
  const {post, service, entries} = createTestApp(artifact, options);
  const response = await post(`/v2/models/${artifact.name}/infer`, body);
  const text = await response.text();
  return {status: response.status, text, body: JSON.parse(text), service, entries, headers: response.headers};
}

/** What the plane answers to two rows, in the protocol's shape. */
function answerOf(data: number[], others: object = {}) {
  const outputs = [{name: 'y', datatype: 'FP64', shape: [data.length], data}];
  return {model_name: 'plane', model_version: version, ...others, outputs};
}

async function get(path: string, options: Partial<ServiceOptions> = {}, artifact = plane) {
  const response = await createTestApp(artifact, options).app.request(path);
  return {status: response.status, body: await response.json()};
}

describe('health', () => {
  test.each(['starting', 'ready', 'draining'] as const)('is live while %s', async phase => {
    expect(await get('/v2/health/live', {phase: () => phase})).toEqual({status: 200, body: {live: true}});
  });

  // inference_rest.md has "live" in the answer to both; KServe's own server and client have "ready" here
  test('is ready when the model is', async () => {
    expect(await get('/v2/health/ready')).toEqual({status: 200, body: {live: true, ready: true}});
  });

  test.each([`/v2/models/plane/ready`, `/v2/models/plane/versions/${version}/ready`])(
    'of the model has its name: %s',
    async path => {
      expect(await get(path)).toEqual({status: 200, body: {name: 'plane', ready: true}});
    },
  );

  test.each(['/v2/health/ready', '/v2/models/plane/ready', `/v2/models/plane/versions/${version}/ready`])(
    'is 503 with the reason until the server is ready: %s',
    async path => {
      expect(await get(path, {phase: () => 'starting'})).toEqual({
        status: 503,
        body: {error: 'The server is starting.'},
      });
      expect(await get(path, {phase: () => 'draining'})).toEqual({
        status: 503,
        body: {error: 'The server is shutting down.'},
      });
    },
  );
});

describe('metadata', () => {
  test.each(['/v2', '/v2/'])('of the server has its name, version and extensions: %s', async path => {
    const {version} = JSON.parse(
      await readFile(new URL('../../../../package.json', import.meta.url), 'utf8'),
    );
    expect(serverVersion).toBe(version);
    expect(await get(path)).toEqual({
      status: 200,
      body: {name: 'csv-to-server', version, extensions: ['binary_tensor_data']},
    });
  });

  test('of the server lists the interval where the model has what it needs', async () => {
    const {body} = await get('/v2', {}, uncertainPlane);
    expect(body).toMatchObject({extensions: ['binary_tensor_data', 'prediction_interval']});
  });

  test.each(['/v2/models/plane', `/v2/models/plane/versions/${version}`])(
    'of the model has its tensors, with -1 for the rows: %s',
    async path => {
      expect(await get(path)).toEqual({
        status: 200,
        body: {
          name: 'plane',
          versions: [version],
          platform: 'csv-to-server_json',
          inputs: [{name: 'features', datatype: 'FP64', shape: [-1, 2]}],
          outputs: [{name: 'y', datatype: 'FP64', shape: [-1]}],
        },
      });
    },
  );

  test('of the model has an output for each target', async () => {
    const {body} = await get('/v2/models/pair', {}, pairArtifact());
    expect(body).toMatchObject({
      outputs: [
        {name: 'sum', datatype: 'FP64', shape: [-1]},
        {name: 'difference', datatype: 'FP64', shape: [-1]},
      ],
    });
  });
});

describe('inference', () => {
  test.each(['/v2/models/plane/infer', `/v2/models/plane/versions/${version}/infer`])(
    'answers at %s',
    async path => {
      const response = await createTestApp(plane).post(path, {
        id: '42',
        inputs: [table([1, 1, 2, 0.5])],
        outputs: [{name: 'y'}],
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.json()).toEqual(answerOf([10, 10.5], {id: '42'}));
    },
  );

  // required_api.md: "in their nature multi-dimensional representation, or as a flattened one-dimensional" one
  const forms: [string, Tensor[]][] = [
    [
      'one tensor, nested',
      [
        table([
          [1, 1],
          [2, 0.5],
        ]),
      ],
    ],
    ['one tensor, flat in row-major order', [table([1, 1, 2, 0.5])]],
    ['one tensor by any name', [{...table([1, 1, 2, 0.5]), name: 'input-0'}]],
    ['one tensor by the name of a feature', [{...table([1, 1, 2, 0.5]), name: 'b'}]],
    ['a tensor for each feature', [column('a', [1, 2]), column('b', [1, 0.5])]],
    ['a tensor for each feature, in any order', [column('b', [1, 0.5]), column('a', [1, 2])]],
    ['columns of a table, nested', [column('a', [[1], [2]], [2, 1]), column('b', [[1], [0.5]], [2, 1])]],
    ['columns of a table, flat', [column('a', [1, 2], [2, 1]), column('b', [1, 0.5])]],
    ['datatypes that differ', [column('a', [1, 2], [2], 'INT64'), column('b', [1, 0.5], [2], 'FP32')]],
  ];
  test.each(forms)('takes %s', async (_form, inputs) => {
    expect(await infer({inputs})).toMatchObject({status: 200, body: answerOf([10, 10.5])});
  });

  test('takes a tensor of one dimension with all features as one row', async () => {
    expect((await infer({inputs: [table([2, 0.5], [2])]})).body).toEqual(answerOf([10.5]));
    expect((await infer({inputs: [table([[2, 0.5]], [1, 2])]})).body).toEqual(answerOf([10.5]));
  });

  // y = 2a + 5
  test.each([
    ['a list', [3], [1, 2, 3]],
    ['a flat table', [3, 1], [1, 2, 3]],
    ['a nested table', [3, 1], [[1], [2], [3]]],
  ])('takes the only feature of a model as %s of rows', async (_form, shape, data) => {
    const {features, targets, ...content} = planeContent();
    const {artifact} = sealArtifact({
      ...content,
      features: features.slice(0, 1),
      targets: targets.map(target => ({...target, coefficients: [2]})),
      heldOut: [{row: 1, features: [1], actual: [7], prediction: [7]}],
    });
    const {body} = await infer({inputs: [{name: 'x', shape, datatype: 'FP64', data}]}, artifact);
    expect(body.outputs).toEqual([{name: 'y', datatype: 'FP64', shape: [3], data: [7, 9, 11]}]);
  });

  test.each(['FP32', 'FP64', 'INT32', 'INT64'])('takes the datatype %s', async datatype => {
    expect((await infer({inputs: [table([1, 1, 0, 0], [2, 2], datatype)]})).body).toEqual(answerOf([10, 5]));
  });

  // Value of scikit-learn's LinearRegression.predict for the same coefficients. The floats nearest to the inputs
  // would give 1.4892105..., different from the 8th digit on.
  test.each(['FP64', 'FP32'])('answers what scikit-learn does for iris, in %s too', async datatype => {
    const inputs = [{name: 'x', shape: [1, 3], datatype, data: [[5.1, 3.5, 0.2]]}];
    const {body} = await infer({inputs}, irisArtifact());
    expect(body.outputs[0].name).toBe('petal_length');
    expect(Math.abs(body.outputs[0].data[0] - 1.4892105741903334)).toBeLessThanOrEqual(1e-12);
  });

  test.each([
    ['INT32', [2147483647, -2147483648]],
    ['INT64', [2 ** 63, -(2 ** 63)]],
    ['FP32', [3.4028234663852886e38, -3.4028234663852886e38]],
  ])('takes the numbers at the bounds of %s', async (datatype, [high = 0, low = 0]) => {
    const {body} = await infer({inputs: [column('a', [high, low], [2], datatype), column('b', [0, 0])]});
    expect(body.outputs[0].data).toEqual([2 * high + 5, 2 * low + 5]);
  });

  // which no double is: its nearest is 2 ** 63
  test('takes the greatest INT64', async () => {
    const body =
      '{"inputs": [{"name": "x", "shape": [1, 2], "datatype": "INT64", "data": [9223372036854775807, 0]}]}';
    expect((await infer(body)).status).toBe(200);
  });

  test('answers a tensor for each target, or those asked for, in their order', async () => {
    const pair = pairArtifact();
    const inputs = [table([2, 3, 1, 1])];
    const sum = {name: 'sum', datatype: 'FP64', shape: [2], data: [5, 2]};
    const difference = {name: 'difference', datatype: 'FP64', shape: [2], data: [-1, 0]};
    const ask = async (outputs?: unknown) => (await infer({inputs, outputs}, pair)).body.outputs;
    expect(await ask()).toEqual([sum, difference]);
    expect(await ask([])).toEqual([sum, difference]);
    expect(await ask([{name: 'difference'}])).toEqual([difference]);
    expect(await ask([{name: 'difference', parameters: {binary_data: false}}, {name: 'sum'}])).toEqual([
      difference,
      sum,
    ]);
  });

  test.each(['', '42', 'é"\\\n', 'x'.repeat(128)])('echoes the id %j', async id => {
    expect((await infer({id, inputs: [table([1, 1, 2, 0.5])]})).body).toEqual(answerOf([10, 10.5], {id}));
  });

  // see uncertainPlaneContent: at a = 1, b = 2 the leverage is 1/4, at a = 1.5, b = 3 it is 3/4
  test('adds the bounds of the interval that the parameters ask for', async () => {
    const inputs = [table([1, 2, 1.5, 3])];
    const {body} = await infer({inputs, parameters: {interval: 0.95}}, uncertainPlane);
    const half = [0.25, 0.75].map(leverage => 12.706204736174694 * 0.5 * Math.sqrt(1 + leverage));
    expect(body.parameters).toEqual({interval: 0.95});
    expect(body.outputs.map((output: Tensor) => [output.name, output.shape])).toEqual([
      ['y', [2]],
      ['y.lower', [2]],
      ['y.upper', [2]],
    ]);
    const [y, lower, upper] = body.outputs.map((output: Tensor) => output.data);
    expect(y).toEqual([13, 17]);
    for (const i of [0, 1]) {
      expect(lower[i]).toBeCloseTo(y[i] - (half[i] ?? 0), 9);
      expect(upper[i]).toBeCloseTo(y[i] + (half[i] ?? 0), 9);
    }
    const outputs = [{name: 'y.upper'}];
    const filtered = await infer({inputs, parameters: {interval: 0.95}, outputs}, uncertainPlane);
    expect(filtered.body.outputs).toEqual([body.outputs[2]]);
  });

  // required_api.md: a parameter is a string, a number or a boolean
  test.each([
    [
      'nested',
      [
        table([
          [1, 1],
          [3, 5],
        ]),
      ],
      ['inputs[0].data[1][0]', 'inputs[0].data[1][1]'],
    ],
    ['flat', [table([1, 1, 3, 5])], ['inputs[0].data[2]', 'inputs[0].data[3]']],
    [
      'by feature',
      [column('b', [1, 5]), column('a', [[1], [3]], [2, 1])],
      ['inputs[1].data[1][0]', 'inputs[0].data[1]'],
    ],
  ])('says in a parameter which inputs are outside the training range: %s', async (_form, inputs, [a, b]) => {
    expect((await infer({inputs})).body).toEqual(
      answerOf([10, 26], {
        parameters: {
          warnings: `${a}: a is above its training range, 0 to 2 m; ${b}: b is above its training range, 0 to 4`,
        },
      }),
    );
  });

  test('lists the first 20 inputs outside the training range, and says how many there are', async () => {
    const data = Array.from({length: 30}, () => 9);
    const {body} = await infer({inputs: [table(data, [15, 2])]}, plane, {maxRows: 15});
    expect(body.parameters.warnings).toMatch(
      /; inputs: 30 values are outside the training range; the first 20 are listed$/,
    );
  });

  test('ignores parameters and members that the protocol does not have', async () => {
    const body = {
      inputs: [{...table([1, 1, 2, 0.5]), parameters: {content_type: 'np'}, extra: 1}],
      parameters: {binary_data_output: false, headers: {}},
      more: [],
    };
    expect(await infer(body)).toMatchObject({status: 200, body: answerOf([10, 10.5])});
  });

  test('counts the rows for the log and the metrics', async () => {
    const {entries, service} = await infer({inputs: [table([1, 1, 3, 0.5])]});
    expect(entries).toMatchObject([{route: '/v2/models/plane/infer', status: 200, rows: 2}]);
    expect(service.predictor.tally).toMatchObject({rows: 2, outOfRange: [1, 0]});
  });

  test('still answers while draining', async () => {
    const {status} = await infer({inputs: [table([1, 1, 2, 0.5])]}, plane, {phase: () => 'draining'});
    expect(status).toBe(200);
  });

  test('answers what its schema for the OpenAPI document says', async () => {
    const {body, service} = await infer(
      {id: '1', inputs: [table([1, 1, 9, 0.5])], parameters: {interval: 0.5}},
      uncertainPlane,
    );
    const {answer, request} = createInferSchemas(uncertainPlane, service.schemas);
    expect(answer.safeParse(body).error).toBeUndefined();
    for (const [, inputs] of forms) expect(request.safeParse({inputs}).error).toBeUndefined();
  });
});

describe('a request that is refused', () => {
  const one = '1 value is not what this model expects.';
  const two = '2 values are not what this model expects.';
  const shape = '{"inputs": [{"name": text, "shape": [n, …], "datatype": "FP64", "data": [number, …]}]}';
  const good = table([1, 1, 2, 0.5]);
  const cases: [string, unknown, string][] = [
    ['an empty body', '', `The body is empty. Send ${shape}.`],
    ['a body that is not JSON', 'secret', `The body is not JSON. Send ${shape}.`],
    ['a list', [], `The body must be a JSON object, such as ${shape}.`],
    [
      'no inputs',
      {},
      `${one} inputs: expected a list with one tensor for all features, or one for each of a, b; found none.`,
    ],
    [
      'an empty list of inputs',
      {inputs: []},
      `${one} inputs: expected a list with one tensor for all features, or one for each of a, b; found 0 tensors.`,
    ],
    [
      'more tensors than features',
      {inputs: [good, good, good]},
      `${one} inputs: expected a list with one tensor for all features, or one for each of a, b; found 3 tensors.`,
    ],
    [
      'a tensor that is none',
      {inputs: ['secret']},
      `${one} inputs[0]: expected an object with "name", "shape", "datatype" and "data"; found text.`,
    ],
    [
      'a tensor without members',
      {inputs: [{}]},
      '4 values are not what this model expects. inputs[0].name: expected text; found none; inputs[0].shape: expected [n, 2], or [2] for one row; found none; inputs[0].datatype: expected one of BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, FP32, FP64, BYTES; found none; inputs[0].data: expected a list of numbers; found none.',
    ],
    [
      'texts that are no numbers, and numbers that are no text',
      {inputs: [table(['secret', 1], [2], 'BYTES')]},
      `${two} inputs[0].data[0]: expected a number as text (a), found other text; inputs[0].data[1]: expected a number as text (b), found a number.`,
    ],
    [
      'numbers in place of booleans',
      {inputs: [table([true, 1], [2], 'BOOL')]},
      `${one} inputs[0].data[1]: expected a boolean (b), found a number.`,
    ],
    ...['FP16', 'BF16'].map((datatype): [string, object, string] => [
      `${datatype} in JSON`,
      {inputs: [table([1, 1], [2], datatype)]},
      `${one} inputs[0].data: expected binary data, since JSON has no form for ${datatype}; found a list.`,
    ]),
    [
      'a datatype in lower case',
      {inputs: [{...good, datatype: 'fp64'}]},
      `${one} inputs[0].datatype: expected one of BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, FP32, FP64, BYTES; found another.`,
    ],
    [
      'parameters that are none',
      {inputs: [{...good, parameters: 'secret'}], parameters: [1]},
      `${two} parameters: expected an object; found a list; inputs[0].parameters: expected an object, whose "binary_data_size" is a whole number; found another.`,
    ],
    ...[[2, 3], [1, 2, 2], [0, 2], [-1, 2], [1.5, 2], ['2', 2], [], {}, '2'].map(
      (wrong): [string, unknown, string] => [
        `the shape ${JSON.stringify(wrong)}`,
        {inputs: [{...good, shape: wrong}]},
        `${one} inputs[0].shape: expected [n, 2], or [2] for one row; found ${
          Array.isArray(wrong) || typeof wrong === 'string' ? 'another' : 'an object'
        }.`,
      ],
    ),
    [
      'the shape of a table for one feature',
      {inputs: [column('a', [1, 2, 3, 4], [2, 2]), column('b', [1, 2])]},
      `${one} inputs[0].shape: expected [n] or [n, 1]; found another.`,
    ],
    [
      'fewer elements than the shape says',
      {inputs: [table([1, 1, 2])]},
      `${one} inputs[0].data: expected 4 elements, as its shape says; found 3.`,
    ],
    [
      'more elements than the shape says',
      {inputs: [table([1, 1, 2, 3, 4])]},
      `${one} inputs[0].data: expected 4 elements, as its shape says; found 5.`,
    ],
    [
      'fewer rows than the shape says',
      {inputs: [table([[1, 1]])]},
      `${one} inputs[0].data: expected 2 lists, as its shape says; found 1.`,
    ],
    [
      'rows of another width',
      {inputs: [table([[1, 1], [2]])]},
      `${one} inputs[0].data[1]: expected a list of 2 numbers (a, b), found 1.`,
    ],
    [
      'rows among elements',
      {inputs: [table([1, 1, [2, 0.5], 1])]},
      `${one} inputs[0].data[2]: expected a number (a), found a list.`,
    ],
    [
      'an element among rows',
      {inputs: [table([[1, 1], 2])]},
      `${one} inputs[0].data[1]: expected a list of 2 numbers (a, b), found a number.`,
    ],
    [
      'nested data of one dimension',
      {inputs: [table([[1, 1]], [2])]},
      `${one} inputs[0].data: expected 2 elements, as its shape says; found 1.`,
    ],
    [
      'elements that are no numbers',
      {
        inputs: [
          table([
            [1, 'secret'],
            [true, null],
          ]),
        ],
      },
      '3 values are not what this model expects. inputs[0].data[0][1]: expected a number (b), found text; inputs[0].data[1][0]: expected a number (a), found a boolean; inputs[0].data[1][1]: expected a number (b), found null.',
    ],
    [
      'a number that no double can hold',
      '{"inputs": [{"name": "x", "shape": [2], "datatype": "FP64", "data": [1, 1e999]}]}',
      `${one} inputs[0].data[1]: expected a number (b), found a number too large for a double.`,
    ],
    [
      'a number that no FP32 can hold',
      {inputs: [table([1, 3.5e38], [2], 'FP32')]},
      `${one} inputs[0].data[1]: expected a number in the range of FP32 (b), found another number.`,
    ],
    [
      'fractions in integers',
      {inputs: [column('a', [1, 0.5], [2], 'INT32'), column('b', [1.5, 1], [2], 'INT64')]},
      `${two} inputs[0].data[1]: expected a whole number in the range of INT32 (a), found another number; inputs[1].data[0]: expected a whole number in the range of INT64 (b), found another number.`,
    ],
    [
      'integers out of range',
      {inputs: [table([2147483648, -2147483649], [2], 'INT32')]},
      `${two} inputs[0].data[0]: expected a whole number in the range of INT32 (a), found another number; inputs[0].data[1]: expected a whole number in the range of INT32 (b), found another number.`,
    ],
    [
      'an integer out of the range of INT64',
      {inputs: [table([1e19, 0], [2], 'INT64')]},
      `${one} inputs[0].data[0]: expected a whole number in the range of INT64 (a), found another number.`,
    ],
    [
      'a feature that the model does not have',
      {inputs: [column('a', [1, 2]), column('secret', [1, 2])]},
      `${one} inputs[1].name: expected one of a, b; found another.`,
    ],
    [
      'a feature in two tensors',
      {inputs: [column('a', [1, 2]), column('a', [1, 2])]},
      `${one} inputs[1].name: expected a tensor for each feature; found the name of one before.`,
    ],
    [
      'tensors of different lengths',
      {inputs: [column('a', [1, 2]), column('b', [1, 2, 3], [3])]},
      `${one} inputs[1].shape: expected as many rows as in the tensors before.`,
    ],
    [
      'a tensor as binary data',
      {inputs: [{name: 'x', shape: [2, 2], datatype: 'FP64', parameters: {binary_data_size: 32}}]},
      `${one} inputs: expected 32 bytes of binary data behind the JSON, as "binary_data_size" says; found 0.`,
    ],
    [
      'an output that the model does not have',
      {inputs: [good], outputs: [{name: 'secret'}]},
      `${one} outputs[0].name: expected one of y, each at most once; found another.`,
    ],
    [
      'a bound without an interval',
      {inputs: [good], outputs: [{name: 'y.lower'}]},
      `${one} outputs[0].name: expected one of y, each at most once; found another.`,
    ],
    [
      'an output without a name',
      {inputs: [good], outputs: [{}]},
      `${one} outputs[0]: expected an object with the name of an output.`,
    ],
    [
      'more outputs than there are',
      {inputs: [good], outputs: [{name: 'y'}, {name: 'y'}]},
      `${one} outputs: expected a list of outputs (y, each at most once), found 2.`,
    ],
    [
      'outputs that are no list',
      {inputs: [good], outputs: {name: 'y'}},
      `${one} outputs: expected a list of outputs (y, each at most once), found an object.`,
    ],
    [
      'an id that is no text',
      {id: 42, inputs: [good]},
      `${one} id: expected text of at most 128 characters; found a number.`,
    ],
    [
      'an id that is too long',
      {id: 'x'.repeat(129), inputs: [good]},
      `${one} id: expected text of at most 128 characters; found longer text.`,
    ],
    [
      'a level that is none',
      {inputs: [good], parameters: {interval: '0.95'}},
      `${one} parameters.interval: expected a number above 0 and at most 0.9999, such as 0.95; found text.`,
    ],
    [
      'an interval of a model that has none',
      {inputs: [good], parameters: {interval: 0.95}},
      'This model has no prediction intervals: it was trained on as many rows as it has coefficients. Ask without "interval".',
    ],
    [
      'a row whose prediction overflows, nested',
      {
        inputs: [
          table([
            [1, 1],
            [1e308, 1e308],
          ]),
        ],
      },
      `${one} inputs[0].data[1]: expected smaller numbers: the prediction is too large for a double.`,
    ],
    [
      'a row whose prediction overflows, flat',
      {inputs: [table([1, 1, 1e308, 1e308])]},
      `${one} rows[1]: expected smaller numbers: the prediction is too large for a double.`,
    ],
  ];
  test.each(cases)('says why: %s', async (_what, body, error) => {
    const answer = await infer(body);
    expect(answer).toMatchObject({status: 400, body: {error}});
    expect(Object.keys(answer.body)).toEqual(['error']);
    expect(answer.text).not.toContain('secret');
  });

  test('names an output twice in a model that has several', async () => {
    const outputs = [{name: 'sum'}, {name: 'sum'}];
    const {status, body} = await infer({inputs: [good], outputs}, pairArtifact());
    expect(status).toBe(400);
    expect(body).toEqual({
      error: `${one} outputs[1].name: expected one of sum, difference, each at most once; found another.`,
    });
  });

  test('has a hundred thousand faults, of which the first 20 are listed', async () => {
    const data = Array.from({length: 100_000}, () => 'x');
    const {status, body} = await infer({inputs: [table(data, [50_000, 2])]}, plane, {
      maxBodyBytes: 1e6,
      maxRows: 1e5,
    });
    expect(status).toBe(400);
    expect(body.error).toMatch(
      /^100000 values are not what this model expects \(the first 20 are listed\)\. /,
    );
    expect(body.error.match(/found text/g)).toHaveLength(20);
  });

  test('has more rows than allowed', async () => {
    for (const inputs of [[table([], [6, 2])], [column('a', [], [6]), column('b', [], [6])]]) {
      expect(await infer({inputs})).toMatchObject({
        status: 413,
        body: {
          error:
            'The request has too many rows. Send at most 5 at a time. inputs: expected at most 5 rows, found 6.',
        },
      });
    }
  });

  test('claims more rows than it has, and room for them is not made', async () => {
    const {status, body} = await infer({inputs: [table([], [1e8, 2])]}, plane, {maxRows: 1e8});
    expect(status).toBe(400);
    expect(body.error).toContain('expected 200000000 elements, as its shape says; found 0');
  });

  test('is too large', async () => {
    expect(await infer(' '.repeat(1001))).toMatchObject({
      status: 413,
      body: {error: 'The body is too large. Send at most 1000 bytes.'},
    });
  });

  test('is not JSON alone', async () => {
    const {post} = createTestApp(plane);
    const path = '/v2/models/plane/infer';
    const body = JSON.stringify({inputs: [good]});
    const csv = await post(path, body, {'content-type': 'text/csv'});
    expect(csv.status).toBe(415);
    expect(await csv.json()).toEqual({
      error:
        'The body must be JSON (application/json) or application/octet-stream with the header "inference-header-content-length". Name it in the header "content-type".',
    });
  });

  test('comes while the server starts', async () => {
    expect(await infer({inputs: [good]}, plane, {phase: () => 'starting'})).toMatchObject({
      status: 503,
      body: {error: 'The server is starting.'},
    });
  });
});

describe('other paths and methods of the protocol', () => {
  test.each([
    '/v2/models/secret',
    '/v2/models/secret/infer',
    '/v2/models/plane/versions/secret/ready',
    '/v2/models/plane/secret',
    '/v2/models/Plane',
    '/v2/health',
    '/v2/secret',
    '/v2//',
  ])('%s is 404 in its own shape', async path => {
    const {app, entries} = createTestApp(plane);
    const response = await app.request(path, {method: path.endsWith('infer') ? 'POST' : 'GET'});
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      error: `Nothing is here. The only model is "plane", version "${version}": GET /v2/models/plane.`,
    });
    expect(entries).toMatchObject([{route: '/v2/*', status: 404}]);
  });

  test.each([
    ['GET', '/v2/models/plane/infer', 'POST'],
    ['POST', '/v2/health/ready', 'GET, HEAD'],
    ['DELETE', '/v2/models/plane', 'GET, HEAD'],
    ['PUT', '/v2', 'GET, HEAD'],
  ])('%s %s is 405 in its own shape', async (method, path, allow) => {
    const response = await createTestApp(plane).app.request(path, {method});
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect(await response.json()).toEqual({error: `This path answers ${allow}.`});
  });

  test('outside of it are answered in the shape of the server', async () => {
    const {status, body} = await get('/v20');
    expect(status).toBe(404);
    expect(body).toMatchObject({error: {code: 'not_found'}});
  });
});

describe('any request', () => {
  const value = fc.oneof(fc.double(), fc.integer(), fc.jsonValue());
  const data = fc.oneof(
    fc.array(value, {maxLength: 6}),
    fc.array(fc.array(value, {maxLength: 3}), {maxLength: 3}),
    fc.jsonValue(),
  );
  const tensor = fc.record(
    {
      name: fc.oneof(fc.constantFrom('a', 'b', '__proto__'), fc.string()),
      shape: fc.oneof(fc.array(fc.integer({min: -1, max: 6}), {maxLength: 3}), fc.jsonValue()),
      datatype: fc.constantFrom('FP32', 'FP64', 'INT32', 'INT64', 'BYTES'),
      parameters: fc.jsonValue(),
      data,
    },
    {requiredKeys: ['name', 'shape', 'datatype', 'data']},
  );
  /** Two rows in any of the forms that are taken. */
  const rows = fc.array(fc.tuple(fc.double(), fc.double()), {minLength: 1, maxLength: 4}).chain(list =>
    fc
      .constantFrom(
        [table(list, [list.length, 2])],
        [table(list.flat(), [list.length, 2])],
        [
          column(
            'b',
            list.map(([, b]) => b),
            [list.length],
          ),
          column(
            'a',
            list.map(([a]) => [a]),
            [list.length, 1],
          ),
        ],
      )
      .map(inputs => ({list, inputs})),
  );

  test('is answered with numbers, or refused in the shape of the protocol', async () => {
    const {post, errors} = createTestApp(plane);
    const request = fc.record(
      {
        id: fc.oneof(fc.string(), fc.jsonValue()),
        parameters: fc.oneof(fc.record({interval: fc.jsonValue()}), fc.jsonValue()),
        inputs: fc.oneof(fc.array(fc.oneof(tensor, fc.jsonValue()), {maxLength: 3}), fc.jsonValue()),
        outputs: fc.oneof(fc.array(fc.record({name: fc.constantFrom('y', 'z')})), fc.jsonValue()),
      },
      {requiredKeys: ['inputs']},
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(request, fc.jsonValue()), async body => {
        const response = await post('/v2/models/plane/infer', body);
        const answer = JSON.parse(await response.text());
        if (response.status === 200) {
          for (const output of answer.outputs) expect(output.data.every(Number.isFinite)).toBe(true);
        } else {
          expect([400, 413]).toContain(response.status);
          expect(answer).toEqual({error: expect.stringMatching(/\.$/)});
        }
      }),
      {numRuns: 1000},
    );
    expect(errors).toEqual([]);
  });

  test('that is as it should be is answered with the plane', async () => {
    const {post} = createTestApp(plane);
    await fc.assert(
      fc.asyncProperty(rows, async ({list, inputs}) => {
        const expected = list.map(([a, b]) => 5 + 2 * a + 3 * b);
        const response = await post('/v2/models/plane/infer', {inputs});
        const isHeld = list.flat().every(Number.isFinite) && expected.every(Number.isFinite);
        expect(response.status).toBe(isHeld ? 200 : 400);
        if (isHeld)
          expect(JSON.parse(await response.text()).outputs[0].data).toEqual(expected.map(y => y + 0));
      }),
      {numRuns: 500},
    );
  });
});
