import type {LoadRequest} from 'autocannon';
import {readIrisMeasurements} from '../helpers/iris-rows.ts';
import {type ServerCommand, withServer} from './server.ts';

/** Rows of the iris model's features, the 150 flowers over and over. */
export function repeatIrises(count: number): number[][] {
  const flowers = readIrisMeasurements().map(([length = 0, width = 0, , petalWidth = 0]) => [
    length,
    width,
    petalWidth,
  ]);
  return Array.from({length: count}, (_, i) => flowers[i % flowers.length] ?? []);
}

/** A request for predictions. */
export type PredictRequest = LoadRequest & {method: 'POST'; headers: Record<string, string>};

export const jsonHeaders = {'content-type': 'application/json'};

/** The body of a request to predict rows, as every contender takes it. */
export function formatBody(features: number[][]): string {
  return JSON.stringify({features});
}

/** The request to predict rows, as every contender takes it. */
export function askForRows(features: number[][]): PredictRequest & {body: string} {
  return {method: 'POST', path: '/predict', headers: jsonHeaders, body: formatBody(features)};
}

/** The request of the Open Inference Protocol for the same predictions: binary tensors there and back. */
export function askForTensors(model: string, features: number[][]): PredictRequest & {body: Buffer} {
  const values = Float64Array.from(features.flat());
  const input = {name: 'features', datatype: 'FP64', shape: [features.length, features[0]?.length ?? 0]};
  const head = Buffer.from(
    JSON.stringify({
      inputs: [{...input, parameters: {binary_data_size: values.byteLength}}],
      parameters: {binary_data_output: true},
    }),
  );
  return {
    method: 'POST',
    path: `/v2/models/${model}/infer`,
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(head.length),
    },
    body: Buffer.concat([head, Buffer.from(values.buffer)]),
  };
}

/** Sends a request for tensors; throws when the answer is not a 200. */
export async function askTensor(url: string, {path, headers, body}: PredictRequest): Promise<number[]> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers,
    body: new Uint8Array(Buffer.from(body ?? '')),
    signal: AbortSignal.timeout(30_000),
  });
  const bytes = await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${Buffer.from(bytes)}`);
  const start = Number(answer.headers.get('inference-header-content-length'));
  return [...new Float64Array(bytes.slice(start))];
}

/**
 * Asks all servers for the same predictions, so that nobody wins by being wrong.
 *
 * @throws when one differs from the first server's by more than 1e-12, relative to the larger of it and 1.
 */
export async function checkAgreement(commands: readonly ServerCommand[], body: string): Promise<void> {
  let expected: number[] | undefined;
  for (const command of commands) {
    const found = await withServer(command, ({url}) => askPredictions(url, body, command.headers));
    expected ??= found;
    const wrong = expected.findIndex((value, i) => {
      return !(Math.abs(value - (found[i] ?? Number.NaN)) <= 1e-12 * Math.max(1, Math.abs(value)));
    });
    if (wrong !== -1 || found.length !== expected.length) {
      throw new Error(
        `${command.title} answers ${found.length} predictions, ${commands[0]?.title} ${expected.length}; they differ in row ${wrong}: ${found[wrong]} and ${expected[wrong]}`,
      );
    }
  }
}

/** Sends a body to `/predict`; throws when the answer is not a 200. */
export async function askPredictions(
  url: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<number[]> {
  const answer = await fetch(`${url}/predict`, {
    method: 'POST',
    headers: {...jsonHeaders, ...headers},
    body,
    signal: AbortSignal.timeout(30_000),
  });
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  const {prediction}: {prediction: number[]} = JSON.parse(await answer.text());
  return prediction;
}
