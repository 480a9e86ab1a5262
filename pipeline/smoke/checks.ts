import {defaultLimits} from '../../serve/http/limits.ts';
import type {Check} from '../core/release/evidence.ts';
import {
  type Answer,
  ask,
  expectEqual,
  expectStatus,
  expectValues,
  firstExample,
  pick,
  type ServerUnderTest,
} from './answers.ts';
import {dialectQuestions} from './dialects.ts';

const timedRequests = 200;
const batchRows = 1_000;

/**
 * What a server must answer: `all` that this version of the project serves, or only the `core` that every release
 * has served since the first, for a release that may be older than a dialect.
 */
export type SmokeScope = 'all' | 'core';

/**
 * Asks a running server everything that a client relies on.
 *
 * @returns a check per question, and the time of each of 200 sequential one-row predictions in ms.
 */
export async function checkServer(
  server: ServerUnderTest,
  scope: SmokeScope,
): Promise<{checks: Check[]; latenciesMs: number[]}> {
  const checks: Check[] = [];
  const asked = scope === 'all' ? {...questions, ...laterQuestions, ...dialectQuestions} : questions;
  for (const [name, question] of Object.entries(asked)) {
    server.signal.throwIfAborted();
    checks.push(await runCheck(name, () => question(server)));
  }
  const latenciesMs: number[] = [];
  checks.push(await runCheck(`${timedRequests} requests in a row`, () => timeRequests(server, latenciesMs)));
  return {checks, latenciesMs};
}

/** Runs one question; what it throws is the reason why the check failed. */
export async function runCheck(name: string, ask: () => Promise<unknown>): Promise<Check> {
  try {
    await ask();
    return {name, passed: true};
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return {name, passed: false, detail: `${error instanceof Error ? error.message : String(error)}${cause}`};
  }
}

const questions: Record<string, (server: ServerUnderTest) => Promise<unknown>> = {
  'alive and ready': async server => {
    for (const path of ['/healthz', '/readyz']) expectStatus(await ask(server, 'GET', path), 200);
  },
  'model metadata': async server => {
    const {body} = expectStatus(await ask(server, 'GET', '/model'), 200);
    expectEqual('version', pick(body, 'version'), server.artifact.version);
  },
  'held-out examples': async server => {
    const {heldOut} = server.artifact;
    await expectPredictions(
      server,
      {features: heldOut.map(({features}) => features)},
      heldOut.map(({prediction}) => prediction),
    );
  },
  'rows by name': async server => {
    const {heldOut, features} = server.artifact;
    const instances = heldOut.map(example =>
      Object.fromEntries(features.map(({name}, j) => [name, example.features[j]])),
    );
    await expectPredictions(
      server,
      {instances},
      heldOut.map(({prediction}) => prediction),
    );
  },
  'one row without a batch': async server => {
    const {features, prediction} = firstExample(server.artifact);
    await expectPredictions(server, {features}, [prediction]);
  },
  [`batch of ${batchRows} rows`]: async server => {
    const {heldOut} = server.artifact;
    const examples = Array.from(
      {length: batchRows},
      (_, i) => heldOut[i % heldOut.length] ?? firstExample(server.artifact),
    );
    await expectPredictions(
      server,
      {features: examples.map(({features}) => features)},
      examples.map(({prediction}) => prediction),
    );
  },
  'malformed JSON': server => expectRefusal(server, 400, {body: '{"features": [[1,'}),
  'wrong width': server =>
    expectRefusal(server, 400, {body: {features: [[...firstExample(server.artifact).features, 1]]}}),
  'text in place of a number': server =>
    expectRefusal(server, 400, {
      body: {features: [firstExample(server.artifact).features.map(() => 'smoke-test-text')]},
    }),
  'unknown feature': server =>
    expectRefusal(server, 400, {
      body: {
        instances: [
          {...Object.fromEntries(server.artifact.features.map(({name}) => [name, 1])), 'smoke-test-text': 1},
        ],
      },
    }),
  'empty body': server => expectRefusal(server, 400, {body: ''}),
  'oversized body': server => expectRefusal(server, 413, {body: ' '.repeat(defaultLimits.maxBodyBytes + 1)}),
  'content type other than JSON': server =>
    expectRefusal(server, 415, {body: 'a,b', contentType: 'application/xml'}),
  'wrong method': async server => {
    const answer = await expectRefusal(server, 405, {method: 'DELETE'});
    expectEqual('Allow', answer.headers.get('allow'), 'POST');
  },
  'unknown path': async server => {
    await expectRefusal(server, 404, {method: 'GET', path: '/smoke-test-text'});
  },
};

/** What the first releases did not serve yet. */
const laterQuestions: typeof questions = {
  'model card': async server => {
    const answer = expectStatus(await ask(server, 'GET', '/model/card'), server.hasCard ? 200 : 404);
    if (!server.hasCard) return;
    expectEqual('content-type', answer.headers.get('content-type'), 'text/markdown; charset=utf-8');
    if (!answer.text.includes(server.artifact.version)) throw new Error('it is the card of another version');
  },
};

async function expectPredictions(
  server: ServerUnderTest,
  body: unknown,
  expected: readonly (readonly number[])[],
) {
  const answer = expectStatus(await ask(server, 'POST', '/predict', {body}), 200);
  expectEqual('model_version', pick(answer.body, 'model_version'), server.artifact.version);
  expectValues(pick(answer.body, 'prediction'), expected);
}

async function expectRefusal(
  server: ServerUnderTest,
  status: number,
  {
    method = 'POST',
    path = '/predict',
    body,
    contentType,
  }: {method?: string; path?: string; body?: unknown; contentType?: string},
): Promise<Answer> {
  const answer = expectStatus(await ask(server, method, path, {body, contentType}), status);
  const error = pick(answer.body, 'error');
  const [code, message, fields] = [pick(error, 'code'), pick(error, 'message'), pick(error, 'fields')];
  if (typeof code !== 'string' || typeof message !== 'string' || !Array.isArray(fields)) {
    throw new Error(`expected {"error": {"code", "message", "fields"}}, got ${answer.text.slice(0, 200)}`);
  }
  if (answer.text.includes('smoke-test-text')) throw new Error('the answer echoes its input');
  return answer;
}

async function timeRequests(server: ServerUnderTest, latenciesMs: number[]): Promise<void> {
  const {heldOut} = server.artifact;
  for (let i = 0; i < timedRequests; i++) {
    const example = heldOut[i % heldOut.length] ?? firstExample(server.artifact);
    const start = performance.now();
    await expectPredictions(server, {features: [example.features]}, [example.prediction]);
    latenciesMs.push(performance.now() - start);
  }
}
