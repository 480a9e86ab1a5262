import assert from 'node:assert/strict';
import type {Check} from './checks.ts';
import {
  type Answer,
  ask,
  checkRefused,
  infer,
  readModel,
  readObject,
  type Subject,
  type Tensor,
} from './server.ts';
import {makeTensor, splitAnswer, toBinary} from './tensors.ts';

/**
 * The rules of the extension for binary tensor data, for servers that list it in `extensions`:
 * https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol/binary-tensor-data-extension
 */
export const binaryChecks: readonly Check[] = [
  {
    name: 'GET /v2 lists the extension for binary data',
    run: async subject => {
      const {extensions} = readObject(await ask(subject, '/v2'));
      assert.ok(
        Array.isArray(extensions) && extensions.includes('binary_tensor_data'),
        '"binary_tensor_data"',
      );
    },
  },
  {
    name: 'binary inputs are answered as the same inputs in JSON',
    run: async subject => {
      const inputs = await makeInputs(subject);
      const {outputs} = readObject(await send(subject, inputs));
      assert.deepEqual(outputs, (await infer(subject, {inputs})).outputs);
    },
  },
  {
    name: 'binary data may come under the media type application/octet-stream',
    run: async subject => {
      const inputs = await makeInputs(subject);
      readObject(await send(subject, inputs, {}, {'content-type': 'application/octet-stream'}));
    },
  },
  {
    name: '"binary_data_output" asks for every output in binary',
    run: async subject => {
      const inputs = await makeInputs(subject);
      const {bytes, headers, status} = await send(subject, inputs, {parameters: {binary_data_output: true}});
      assert.equal(status, 200);
      const {outputs, sections} = splitAnswer(bytes, headers);
      const {outputs: expected} = await infer(subject, {inputs});
      assert.deepEqual(sections, expected.map(toSection));
      assert.deepEqual(outputs.map(withoutData), expected.map(withoutData));
    },
  },
  {
    name: '"binary_data" asks for an output in binary or not, whatever "binary_data_output" says',
    run: async subject => {
      const inputs = await makeInputs(subject);
      const {outputs: expected} = await infer(subject, {inputs});
      for (const isBinary of [true, false]) {
        const outputs = expected.map(({name}) => ({name, parameters: {binary_data: isBinary}}));
        const answer = await send(subject, inputs, {parameters: {binary_data_output: !isBinary}, outputs});
        if (isBinary)
          assert.deepEqual(splitAnswer(answer.bytes, answer.headers).sections, expected.map(toSection));
        else assert.deepEqual(readObject(answer).outputs, expected);
      }
    },
  },
  {
    name: 'inputs in JSON may be answered in binary',
    run: async subject => {
      const inputs = await makeInputs(subject);
      const body = {inputs, parameters: {binary_data_output: true}};
      const {bytes, headers} = await ask(subject, `/v2/models/${subject.model}/infer`, {body});
      splitAnswer(bytes, headers);
    },
  },
  {
    name: 'refuses binary data that are shorter or longer than they say, and says why',
    run: async subject => {
      const inputs = await makeInputs(subject);
      const {json, sections} = pack(inputs);
      for (const rest of [
        Buffer.concat(sections).subarray(1),
        Buffer.concat([...sections, Buffer.alloc(8)]),
      ]) {
        checkRefused(await sendBytes(subject, json, rest));
      }
    },
  },
  {
    name: 'refuses a length of the JSON that is beyond the body, and says why',
    run: async subject => {
      const {json, sections} = pack(await makeInputs(subject));
      const headers = {'inference-header-content-length': '1000000'};
      checkRefused(await sendBytes(subject, json, Buffer.concat(sections), headers));
    },
  },
];

async function makeInputs(subject: Subject) {
  return (await readModel(subject)).inputs.map(makeTensor);
}

/** Writes a request with all inputs in binary. */
function pack(
  inputs: readonly (Tensor & {data: unknown[]})[],
  others: object = {},
): {json: Buffer; sections: Buffer[]} {
  const sections = inputs.map(toBinary);
  const tensors = inputs.map(({name, datatype, shape}, k) => {
    return {name, datatype, shape, parameters: {binary_data_size: sections[k]?.length}};
  });
  return {json: Buffer.from(JSON.stringify({...others, inputs: tensors})), sections};
}

function send(
  subject: Subject,
  inputs: readonly (Tensor & {data: unknown[]})[],
  others: object = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const {json, sections} = pack(inputs, others);
  return sendBytes(subject, json, Buffer.concat(sections), headers);
}

function sendBytes(
  subject: Subject,
  json: Buffer,
  rest: Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return ask(subject, `/v2/models/${subject.model}/infer`, {
    body: Buffer.concat([json, rest]),
    headers: {'inference-header-content-length': String(json.length), ...headers},
  });
}

function toSection({datatype, data = []}: Tensor): Buffer {
  return toBinary({datatype, data: data.flat(Number.POSITIVE_INFINITY)});
}

function withoutData({name, datatype, shape}: Tensor) {
  return {name, datatype, shape};
}
