import assert from 'node:assert/strict';
import {ask, checkRefused, infer, readModel, readObject, type Subject} from './server.ts';
import {count, makeTensor, nest} from './tensors.ts';

/** One rule of the protocol; `run` throws where the server breaks it. */
export type Check = {name: string; run: (subject: Subject) => Promise<void>};

/**
 * The rules of the Open Inference Protocol, version 2 over REST, for a model whose inputs take small whole numbers:
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
export const checks: readonly Check[] = [
  {
    name: 'GET /v2 has the name, the version and the extensions of the server',
    run: async subject => {
      const {name, version, extensions} = readObject(await ask(subject, '/v2'));
      assert.equal(typeof name, 'string', '"name" as text');
      assert.equal(typeof version, 'string', '"version" as text');
      assert.ok(
        Array.isArray(extensions) && extensions.every(text => typeof text === 'string'),
        'a list of texts',
      );
    },
  },
  {
    name: 'GET /v2/health/live and /v2/health/ready answer 200',
    run: async subject => {
      assert.equal(readObject(await ask(subject, '/v2/health/live')).live, true);
      readObject(await ask(subject, '/v2/health/ready'));
    },
  },
  {
    name: 'GET /v2/models/NAME/ready has the name of the model and that it is ready',
    run: async subject => {
      const {name, ready} = readObject(await ask(subject, `/v2/models/${subject.model}/ready`));
      assert.deepEqual({name, ready}, {name: subject.model, ready: true});
    },
  },
  {
    name: 'GET /v2/models/NAME has the name, the platform and the tensors of the model',
    run: async subject => {
      const {name, platform} = readObject(await ask(subject, `/v2/models/${subject.model}`));
      assert.equal(name, subject.model);
      assert.equal(typeof platform, 'string', '"platform" as text');
      const {inputs, outputs} = await readModel(subject);
      for (const tensor of [...inputs, ...outputs]) {
        assert.equal(typeof tensor.name, 'string', 'each tensor has a name');
        assert.match(tensor.datatype, datatypes, 'each tensor has a data type of the protocol');
        assert.ok(
          tensor.shape.length > 0 && tensor.shape.every(n => Number.isInteger(n) && n >= -1),
          'a shape',
        );
      }
    },
  },
  {
    name: 'an inference answers every output with as many elements as its shape says',
    run: async subject => {
      const {inputs, outputs} = await readModel(subject);
      const answer = await infer(subject, {inputs: inputs.map(makeTensor)});
      assert.equal(answer.model_name, subject.model);
      assert.deepEqual(answer.outputs.map(({name}) => name).sort(), outputs.map(({name}) => name).sort());
      for (const {name, shape, datatype, data} of answer.outputs) {
        assert.equal(datatype, outputs.find(output => output.name === name)?.datatype);
        assert.equal(data?.flat(Number.POSITIVE_INFINITY).length, count(shape));
      }
    },
  },
  {
    name: 'data nested as their shape says are the same as flat data',
    run: async subject => {
      const inputs = (await readModel(subject)).inputs.map(makeTensor);
      const nested = inputs.map(tensor => ({...tensor, data: nest(tensor)}));
      assert.deepEqual(
        (await infer(subject, {inputs: nested})).outputs,
        (await infer(subject, {inputs})).outputs,
      );
    },
  },
  {
    name: 'the id of a request is sent back',
    run: async subject => {
      const inputs = (await readModel(subject)).inputs.map(makeTensor);
      assert.equal((await infer(subject, {id: 'conformance-1', inputs})).id, 'conformance-1');
    },
  },
  {
    name: 'only the outputs that were asked for are answered',
    run: async subject => {
      const {inputs, outputs} = await readModel(subject);
      for (const {name} of outputs) {
        const answer = await infer(subject, {inputs: inputs.map(makeTensor), outputs: [{name}]});
        assert.deepEqual(
          answer.outputs.map(output => output.name),
          [name],
        );
      }
    },
  },
  {
    name: 'parameters that the server does not know are no error',
    run: async subject => {
      const inputs = (await readModel(subject)).inputs.map(makeTensor);
      const parameters = {'conformance-test': true};
      await infer(subject, {parameters, inputs: inputs.map(tensor => ({...tensor, parameters}))});
    },
  },
  {
    name: 'each version that the metadata list can be asked for by its path',
    run: async subject => {
      const {inputs, versions} = await readModel(subject);
      for (const version of versions) {
        const path = `/v2/models/${subject.model}/versions/${version}`;
        readObject(await ask(subject, path));
        const answer = await infer(subject, {inputs: inputs.map(makeTensor)}, `${path}/infer`);
        assert.equal(answer.model_version, version);
      }
    },
  },
  ...refusals(),
];

const datatypes = /^(BOOL|U?INT(8|16|32|64)|FP(16|32|64)|BF16|BYTES)$/;

/** The ways to ask wrongly: each is answered by a status of 4xx and `{"error": text}`. */
function refusals(): Check[] {
  const refuse = (name: string, send: (inputs: ReturnType<typeof makeTensor>[]) => unknown): Check => ({
    name: `refuses ${name}, and says why`,
    run: async subject => {
      const body = send((await readModel(subject)).inputs.map(makeTensor));
      checkRefused(await ask(subject, `/v2/models/${subject.model}/infer`, {body}));
    },
  });
  return [
    {
      name: 'refuses a model that it does not have, and says why',
      run: async subject => {
        for (const path of ['', '/ready']) {
          checkRefused(await ask(subject, `/v2/models/${subject.model}-conformance-test${path}`));
        }
      },
    },
    refuse('a body that is not JSON', () => Buffer.from('{"inputs": [')),
    refuse('a request without inputs', () => ({})),
    refuse('fewer elements than the shape says', inputs => ({
      inputs: inputs.map(tensor => ({...tensor, data: tensor.data.slice(1)})),
    })),
    refuse('a data type that there is not', inputs => ({
      inputs: inputs.map(tensor => ({...tensor, datatype: 'FP63'})),
    })),
    refuse('an output that the model does not have', inputs => ({
      inputs,
      outputs: [{name: 'conformance-test'}],
    })),
  ];
}
