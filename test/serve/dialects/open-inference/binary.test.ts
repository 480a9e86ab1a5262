import {deflateSync, gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import type {ServiceOptions} from '../../../../serve/http/service.ts';
import {planeArtifact} from '../../../helpers/server-artifact.ts';
import {createTestApp} from '../../../helpers/test-app.ts';

// https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol/binary-tensor-data-extension
// The plane is y = 2a + 3b + 5.
const plane = planeArtifact();

/** Sends inputs whose bytes are written in hexadecimal digits. */
async function inferBinary(
  inputs: {datatype: string; hex: string; name?: string; shape?: number[]; size?: unknown}[],
  {
    others = {},
    headers = {},
    wrap = (body: Buffer) => body,
    options = {},
  }: {
    others?: object;
    headers?: Record<string, string>;
    wrap?: (body: Buffer) => Buffer;
    options?: Partial<ServiceOptions>;
  } = {},
) {
  const sections = inputs.map(({hex}) => Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  const tensors = inputs.map(({datatype, name = 'features', shape = [1, 2], size}, k) => {
    return {name, datatype, shape, parameters: {binary_data_size: size ?? sections[k]?.length}};
  });
  const json = Buffer.from(JSON.stringify({...others, inputs: tensors}));
  const {post, entries} = createTestApp(plane, options);
  const response = await post('/v2/models/plane/infer', wrap(Buffer.concat([json, ...sections])), {
    'inference-header-content-length': String(json.length),
    ...headers,
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  return {status: response.status, headers: response.headers, bytes, entries};
}

/** The predictions in an answer of JSON, or why there are none. */
function readAnswer({bytes}: {bytes: Buffer}): unknown {
  const {outputs, error} = JSON.parse(bytes.toString());
  return error ?? outputs[0].data;
}

const oneAndTwo = {datatype: 'FP64', hex: '000000000000f03f 0000000000000040'};

describe('binary tensors', () => {
  // the bytes of 1 and 2 in each data type, by IEEE 754 and two's complement; of 1 and 0 for BOOL
  test.each([
    ['UINT8', '01 02', 13],
    ['UINT16', '0100 0200', 13],
    ['UINT32', '01000000 02000000', 13],
    ['UINT64', '0100000000000000 0200000000000000', 13],
    ['INT8', 'ff 02', 9],
    ['INT16', 'ffff 0200', 9],
    ['INT32', 'ffffffff 02000000', 9],
    ['INT64', 'ffffffffffffffff 0200000000000000', 9],
    ['FP16', '003c 0040', 13],
    ['BF16', '803f 0040', 13],
    ['FP32', '0000803f 00000040', 13],
    ['FP64', '000000000000f03f 0000000000000040', 13],
    ['BOOL', '01 00', 7],
    ['BYTES', '01000000 31 03000000 322e30', 13],
  ])('of %s are read', async (datatype, hex, expected) => {
    const answer = await inferBinary([{datatype, hex}]);
    expect(readAnswer(answer)).toEqual([expected]);
    expect(answer.entries).toMatchObject([{rows: 1}]);
  });

  test('of one feature each stand one after the other', async () => {
    const b = {name: 'b', shape: [2], datatype: 'INT8', hex: '02 04'};
    const a = {name: 'a', shape: [2, 1], datatype: 'FP32', hex: '0000803f 00000040'};
    expect(readAnswer(await inferBinary([b, a]))).toEqual([13, 21]);
  });

  test('may be among tensors of JSON', async () => {
    const {post} = createTestApp(plane);
    const json = JSON.stringify({
      inputs: [
        {name: 'a', shape: [1], datatype: 'FP64', data: [1]},
        {name: 'b', shape: [1], datatype: 'UINT8', parameters: {binary_data_size: 1}},
      ],
    });
    const headers = {'inference-header-content-length': String(json.length)};
    const response = await post('/v2/models/plane/infer', Buffer.from(`${json}\u0002`), headers);
    expect(await response.json()).toMatchObject({outputs: [{data: [13]}]});
  });

  test.each([
    ['2⁵³ + 2', 'INT64', '0200000000002000', 2 ** 53 + 2],
    ['−2⁶³', 'INT64', '0000000000000080', -(2 ** 63)],
    ['2⁶⁴ − 2¹¹', 'UINT64', '00f8ffffffffffff', 2 ** 64 - 2 ** 11],
  ])('may have whole numbers as large as %s', async (_, datatype, hex, a) => {
    const answer = await inferBinary([{datatype, hex: `${hex} 0000000000000000`}]);
    expect(readAnswer(answer)).toEqual([2 * a + 5]);
  });

  const refused: [string, Parameters<typeof inferBinary>[0], string][] = [
    [
      'whole numbers that no double has',
      [{datatype: 'INT64', hex: '0100000000002000 ffffffffffffff7f'}],
      '2 values are not what this model expects. inputs[0].data[0]: expected a number (a), found a whole number that no double has; inputs[0].data[1]: expected a number (b), found a whole number that no double has.',
    ],
    [
      'NaN and infinities',
      [{datatype: 'FP16', hex: '007e 007c'}],
      '2 values are not what this model expects. inputs[0].data[0]: expected a number (a), found NaN or an infinity; inputs[0].data[1]: expected a number (b), found NaN or an infinity.',
    ],
    [
      'a boolean that is neither 0 nor 1',
      [{datatype: 'BOOL', hex: '01 02'}],
      '1 value is not what this model expects. inputs[0].data[1]: expected a number (b), found a byte other than 0 and 1.',
    ],
    [
      'other bytes than its shape says',
      [{datatype: 'FP32', hex: '0000803f'}],
      '1 value is not what this model expects. inputs[0].parameters.binary_data_size: expected 8, as its shape says; found 4.',
    ],
    [
      'texts longer than they are',
      [{datatype: 'BYTES', hex: '01000000 31 04000000 322e30'}],
      '1 value is not what this model expects. inputs[0].parameters.binary_data_size: expected 2 texts, each behind its length, as its shape says; found 12.',
    ],
    [
      'less than it says',
      [{...oneAndTwo, size: 24}],
      '1 value is not what this model expects. inputs: expected 24 bytes of binary data behind the JSON, as "binary_data_size" says; found 16.',
    ],
    [
      'more than it says',
      [{...oneAndTwo, size: 8}],
      '1 value is not what this model expects. inputs: expected 8 bytes of binary data behind the JSON, as "binary_data_size" says; found 16.',
    ],
    [
      'a size that is none',
      [{...oneAndTwo, size: -1}],
      '1 value is not what this model expects. inputs[0].parameters: expected an object, whose "binary_data_size" is a whole number; found an object.',
    ],
    [
      'more rows than there may be',
      [{datatype: 'UINT8', shape: [6, 2], hex: '000000000000000000000000'}],
      'The request has too many rows. Send at most 5 at a time. inputs: expected at most 5 rows, found 6.',
    ],
  ];
  test.each(refused)('are refused: %s', async (_, inputs, error) => {
    const answer = await inferBinary(inputs);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(readAnswer(answer)).toBe(error);
  });

  test('beside data in JSON are refused', async () => {
    const {post} = createTestApp(plane);
    const inputs = [
      {name: 'x', shape: [2], datatype: 'FP64', data: [1, 2], parameters: {binary_data_size: 16}},
    ];
    expect(await (await post('/v2/models/plane/infer', {inputs})).json()).toEqual({
      error:
        '1 value is not what this model expects. inputs[0].data: expected none, as there is "binary_data_size"; found a list.',
    });
  });

  test.each(['-1', 'x', '1e2', '1000'])('need a length of the JSON: %s', async length => {
    const answer = await inferBinary([oneAndTwo], {headers: {'inference-header-content-length': length}});
    expect(answer.status).toBe(400);
    expect(readAnswer(answer)).toBe(
      'The header "inference-header-content-length" must be the length of the JSON in bytes, at most that of the body.',
    );
  });
});

describe('binary answers', () => {
  test('have their bytes behind the JSON, whose length the header says', async () => {
    const others = {id: '7', parameters: {binary_data_output: true}};
    const {headers, bytes} = await inferBinary([oneAndTwo], {others});
    expect(headers.get('content-type')).toBe('application/octet-stream');
    const length = Number(headers.get('inference-header-content-length'));
    expect(JSON.parse(bytes.subarray(0, length).toString())).toEqual({
      model_name: 'plane',
      model_version: plane.version,
      id: '7',
      outputs: [{name: 'y', datatype: 'FP64', shape: [1], parameters: {binary_data_size: 8}}],
    });
    // 13 by IEEE 754
    expect(bytes.subarray(length).toString('hex')).toBe('0000000000002a40');
  });

  test.each([
    [
      'binary_data_output',
      {parameters: {binary_data_output: 1}},
      'parameters.binary_data_output: expected a boolean; found a number.',
    ],
    [
      'binary_data',
      {outputs: [{name: 'y', parameters: {binary_data: 'yes'}}]},
      'outputs[0].parameters: expected an object, whose "binary_data" is a boolean; found another.',
    ],
  ])('are asked for by a boolean: %s', async (_, others, error) => {
    const answer = await inferBinary([oneAndTwo], {others});
    expect(answer.status).toBe(400);
    expect(readAnswer(answer)).toBe(`1 value is not what this model expects. ${error}`);
  });
});

describe('packed requests', () => {
  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
  ])('are unpacked: %s', async (coding, wrap) => {
    expect(readAnswer(await inferBinary([oneAndTwo], {wrap, headers: {'content-encoding': coding}}))).toEqual(
      [13],
    );
  });
});
