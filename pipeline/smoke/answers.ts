import {isDeepStrictEqual} from 'node:util';
import type {Artifact} from '../../serve/artifact/artifact.ts';
import {heldOutTolerance} from '../../serve/model/predict.ts';

/** A running server and the artifact that it must serve. */
export interface ServerUnderTest {
  /** `http://127.0.0.1:PORT` */
  url: string;
  artifact: Artifact;
  /** Whether a model card came with it. */
  hasCard: boolean;
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The text as JSON; undefined where it is none. */
  body: unknown;
}

const answerTimeoutMs = 10_000;

/** Sends one request; text as it is, anything else as JSON. Throws where the answer lacks what every answer has. */
export async function ask(
  {url, artifact, signal}: ServerUnderTest,
  method: string,
  path: string,
  {
    body,
    contentType = 'application/json',
    accept = '*/*',
  }: {body?: unknown; contentType?: string | undefined; accept?: string} = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]),
    // A server that is told to stop gives each idle connection half a second to ask once more: none is left idle.
    headers: {connection: 'close', ...(body === undefined ? {} : {'content-type': contentType, accept})},
    ...(body === undefined ? {} : {body: typeof body === 'string' ? body : JSON.stringify(body)}),
  });
  const text = await response.text();
  const answer = {status: response.status, headers: response.headers, text, body: parseJson(text)};
  expectEqual('x-model-version', answer.headers.get('x-model-version'), artifact.version);
  if (!answer.headers.get('x-request-id')) throw new Error('the answer has no x-request-id');
  return answer;
}

export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(`expected status ${status}, got ${answer.status}: ${answer.text.slice(0, 200)}`);
}

export function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) {
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(found)}`);
  }
}

/**
 * Compares served predictions, a number a row or with several targets a list a row, with what the model predicts.
 *
 * @param expected a list a row with a number per target.
 */
export function expectValues(served: unknown, expected: readonly (readonly number[])[]): void {
  const rows = Array.isArray(served) ? served.map(row => (Array.isArray(row) ? row : [row])) : [];
  expectEqual('number of predictions', rows.length, expected.length);
  expected.forEach((row, i) => {
    row.forEach((value, k) => {
      const found: unknown = rows[i]?.[k];
      if (
        typeof found !== 'number' ||
        !(Math.abs(found - value) <= heldOutTolerance * Math.max(1, Math.abs(value)))
      ) {
        throw new Error(`row ${i}: expected ${value}, got ${JSON.stringify(found)}`);
      }
    });
  });
}

export function pick(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

export function firstExample({heldOut}: Artifact): Artifact['heldOut'][number] {
  const [example] = heldOut;
  if (example === undefined) throw new Error('the artifact holds no held-out example');
  return example;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what was expected is said by the check that looks into the body
  }
}
