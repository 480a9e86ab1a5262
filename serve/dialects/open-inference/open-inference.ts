import {type Reply, refuseInPhase, replyJson} from '../../http/reply.ts';
import {isJsonType, readBytes, readMediaType, refuseMediaType} from '../../http/request-body.ts';
import type {Fallback, Route} from '../../http/route.ts';
import type {Service} from '../../http/service.ts';
import {type Problem, refuse} from '../../rows/problem.ts';
import type {Sliced} from '../../rows/slices.ts';
import type {Dialect} from '../dialect.ts';
import {formatTextProblem} from '../text-problem.ts';
import {binaryType, writeAnswer} from './answer.ts';
import {jsonLengthHeader, type SplitBody, splitBody} from './binary.ts';
import {describeHealth, describeInfer, describeModel, describeServer} from './operations.ts';
import {listInferQuestions} from './questions.ts';
import {parseInferRequest} from './request.ts';
import {createInferSchemas, type InferSchemas, listOutputs} from './schemas.ts';

/** The version in package.json. */
export const serverVersion = '0.1.0';

/**
 * The Open Inference Protocol, version 2 over REST, as KServe, Triton and MLServer speak it:
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 *
 * Two extensions: binary tensor data
 * (https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol/binary-tensor-data-extension),
 * and the parameter `interval`, which asks for prediction intervals.
 */
export const openInference: Dialect = {
  name: 'Open Inference Protocol',
  description: 'Version 2 of the protocol that KServe, Triton and MLServer share',
  createRoutes,
  createFallback,
  smoke: {listQuestions: ({artifact}) => listInferQuestions(artifact)},
};

function createRoutes(service: Service): Route[] {
  const {artifact, phase} = service;
  const {name, version, features, targets} = artifact;
  let schemas: InferSchemas | undefined;
  const useSchemas = () => {
    schemas ??= createInferSchemas(artifact, service.schemas);
    return schemas;
  };
  const server = {
    name: 'csv-to-server',
    version: serverVersion,
    extensions: [
      'binary_tensor_data',
      ...(artifact.uncertainty === undefined ? [] : ['prediction_interval']),
    ],
  };
  const model = {
    name,
    versions: [version],
    platform: 'csv-to-server_json',
    inputs: [{name: 'features', datatype: 'FP64', shape: [-1, features.length]}],
    outputs: listOutputs(targets, false).map(output => ({name: output.name, datatype: 'FP64', shape: [-1]})),
  };
  const get = (path: string, handler: Route['handler'], describe?: Route['describe']): Route => {
    return {method: 'GET', path, handler, formatProblem: formatTextProblem, ...(describe && {describe})};
  };
  const getHealth: typeof get = (...parts) => ({...get(...parts), open: 'always'});
  const whenReady = (value: unknown) => () => {
    const now = phase();
    return now === 'ready' ? replyJson(200, value) : refuseInPhase(now);
  };
  const infer = createInferHandler(service, useSchemas);
  return [
    get(
      '/v2',
      () => replyJson(200, server),
      () => describeServer(server),
    ),
    // The protocol's own OpenAPI document has it with a slash.
    get('/v2/', () => replyJson(200, server)),
    getHealth(
      '/v2/health/live',
      () => replyJson(200, {live: true}),
      () => describeHealth('alive', {live: true}),
    ),
    // "live" is what the protocol's text has, "ready" what KServe's server answers and its client reads.
    getHealth('/v2/health/ready', whenReady({live: true, ready: true}), () =>
      describeHealth('ready', {live: true, ready: true}),
    ),
    ...[`/v2/models/${name}`, `/v2/models/${name}/versions/${version}`].flatMap((path): Route[] => [
      get(
        path,
        () => replyJson(200, model),
        () => describeModel(model),
      ),
      getHealth(`${path}/ready`, whenReady({name, ready: true}), () =>
        describeHealth('ready', {name, ready: true}),
      ),
      {
        method: 'POST',
        path: `${path}/infer`,
        handler: infer,
        formatProblem: formatTextProblem,
        describe: () => describeInfer(artifact, useSchemas()),
      },
    ]),
  ];
}

/** Answers the other paths of the protocol, those of other models among them. */
function createFallback({artifact: {name, version}}: Service): Fallback {
  const message = `Nothing is here. The only model is "${name}", version "${version}": GET /v2/models/${name}.`;
  return {prefix: '/v2/', handler: () => refuse(404, 'not_found', message), formatProblem: formatTextProblem};
}

function createInferHandler(service: Service, useSchemas: () => InferSchemas): Route['handler'] {
  const {artifact, predictor, maxBodyBytes, maxRows} = service;
  return async request => {
    if (service.phase() === 'starting') return refuseInPhase('starting');
    const {headers} = request;
    const mediaType = readMediaType(headers);
    const jsonLength = headers.get(jsonLengthHeader);
    if (!isJsonType(mediaType) && (jsonLength === null || mediaType !== binaryType)) {
      return refuseMediaType([
        'JSON (application/json)',
        `${binaryType} with the header "${jsonLengthHeader}"`,
      ]);
    }
    const bytes = await readBytes(request, maxBodyBytes);
    if ('problem' in bytes) return bytes;
    const body = splitBody(bytes, jsonLength);
    return 'problem' in body ? body : service.work.onBody(bytes, answerTensors(body));
  };

  function* answerTensors({json, binary}: SplitBody): Sliced<Reply | Problem> {
    const limits = {targets: artifact.targets, schemas: useSchemas(), maxRows, binary};
    const asked = yield* parseInferRequest(json, limits);
    if ('problem' in asked) return asked;
    const prediction = yield* predictor.predictInSlices(asked, asked.level);
    if ('problem' in prediction) return prediction;
    return {status: 200, rows: asked.rows.length, ...(yield* writeAnswer(artifact, asked, prediction))};
  }
}
