import * as z from 'zod/mini';
import type {Artifact} from '../../artifact/artifact.ts';
import type {Content, Operation} from '../../http/route.ts';
import {makeExampleRows, predictExamples} from '../../rows/examples.ts';
import {describe} from '../../rows/schemas.ts';
import {textProblem} from '../text-problem.ts';
import {binaryType} from './answer.ts';
import {jsonLengthHeader} from './binary.ts';
import type {InferSchemas} from './schemas.ts';

/** Describes the server's metadata. */
export function describeServer(example: unknown): Operation {
  const schema = z.strictObject({name: z.string(), version: z.string(), extensions: z.array(z.string())});
  return {
    summary: 'What this server is',
    answer: describeJson(schema, {server: example}),
    problems: [],
    problemSchema: textProblem,
  };
}

/** Describes a question that is answered by the status. */
export function describeHealth(state: 'alive' | 'ready', example: Record<string, unknown>): Operation {
  const schema = z.strictObject(
    Object.fromEntries(
      Object.entries(example).map(([key, value]) => [
        key,
        typeof value === 'string' ? z.literal(value) : z.literal(true),
      ]),
    ),
  );
  return {
    summary: `Whether ${'name' in example ? 'the model' : 'the server'} is ${state}`,
    answer: describeJson(schema, {[state]: example}),
    problems: state === 'ready' ? [503] : [],
    problemSchema: textProblem,
  };
}

/** Describes the model's metadata. */
export function describeModel(example: unknown): Operation {
  const tensors = z.array(z.strictObject({name: z.string(), datatype: z.string(), shape: z.array(z.int())}));
  const schema = z.strictObject({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: tensors,
    outputs: tensors,
  });
  return {
    summary: "The model's name, version and tensors; the features may also come in a tensor each",
    answer: describeJson(schema, {model: example}),
    problems: [],
    problemSchema: textProblem,
  };
}

/** Describes an inference. */
export function describeInfer(artifact: Artifact, {request, answer}: InferSchemas): Operation {
  const {name, version, features, targets} = artifact;
  const rows = makeExampleRows(artifact);
  const {length} = rows;
  const examples = {
    table: {
      id: '1',
      inputs: [{name: 'features', shape: [length, features.length], datatype: 'FP64', data: rows}],
    },
    columns: {
      inputs: features.map((feature, j) => {
        return {name: feature.name, shape: [length], datatype: 'FP64', data: rows.map(row => row[j])};
      }),
    },
  };
  const predicted = predictExamples(artifact).values.map(values => [values].flat());
  const answered = {
    model_name: name,
    model_version: version,
    id: '1',
    outputs: targets.map((target, k) => {
      return {name: target.name, datatype: 'FP64', shape: [length], data: predicted.map(values => values[k])};
    }),
  };
  return {
    summary:
      'Predict for a batch of tensors; "parameters": {"interval": 0.95} adds NAME.lower and NAME.upper',
    parameters: [
      {
        name: jsonLengthHeader,
        in: 'header',
        description: 'Where binary data stand behind the JSON: the length of the JSON in bytes',
        schema: z.string(),
      },
    ],
    request: {...describeJson(request, examples), [binaryType]: binary},
    answer: {...describeJson(answer, {table: answered}), [binaryType]: binary},
    answerHeaders: {[jsonLengthHeader]: 'In binary: the length of the JSON in bytes'},
    problems: [400, 413, 415, 503],
    problemSchema: textProblem,
  };
}

/** No schema says what bytes are. */
const binary: Content = {
  schema: describe(z.unknown(), {description: 'The same JSON, with binary data behind it'}),
};

function describeJson(schema: z.ZodMiniType, examples: Record<string, unknown>): Record<string, Content> {
  return {'application/json': {schema, examples}};
}
