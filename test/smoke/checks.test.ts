import {once} from 'node:events';
import {createServer, type RequestListener} from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, expect, onTestFinished, test} from 'vitest';
import {checkServer, type SmokeScope, smokeEnvironment} from '../../pipeline/smoke/checks.ts';
import {type Artifact, sealArtifact} from '../../serve/artifact/artifact.ts';
import {parseConfig} from '../../serve/config.ts';
import {startLocalServer} from '../helpers/local-server.ts';
import {oddArtifact, pairArtifact, planeArtifact, uncertainPlaneContent} from '../helpers/server-artifact.ts';

const signal = new AbortController().signal;
const {vertex} = parseConfig(smokeEnvironment, '');

async function startServer(artifact: Artifact, hasCard = true) {
  const card = hasCard ? `# Model card\n\nVersion \`${artifact.version}\`.\n` : undefined;
  const local = await startLocalServer({artifact, service: {vertex, card}});
  onTestFinished(() => local.close());
  return {...local, url: `http://127.0.0.1:${local.port}`};
}

async function check(artifact: Artifact, url: string, {hasCard = true, scope = 'all' as SmokeScope} = {}) {
  const {checks, latenciesMs} = await checkServer({url, artifact, hasCard, signal}, scope);
  return {checks, latenciesMs, failed: checks.filter(({passed}) => !passed)};
}

describe('a server that is right', () => {
  test.each([
    ['one target', planeArtifact()],
    ['several targets', pairArtifact()],
    ['intervals', sealArtifact(uncertainPlaneContent()).artifact],
    ['odd names', oddArtifact()],
  ])('passes with a model of %s, with a card and without one', async (_, artifact) => {
    for (const hasCard of [true, false]) {
      const {url} = await startServer(artifact, hasCard);
      const {failed, latenciesMs} = await check(artifact, url, {hasCard});
      expect(failed).toEqual([]);
      expect(latenciesMs).toHaveLength(200);
      expect(latenciesMs.every(ms => ms > 0)).toBe(true);
    }
  });

  test('is asked all that clients rely on', async () => {
    const artifact = planeArtifact();
    const {url} = await startServer(artifact);
    const names = async (scope: SmokeScope) =>
      (await check(artifact, url, {scope})).checks.map(({name}) => name).sort();
    const core = [
      '200 requests in a row',
      'alive and ready',
      'batch of 1000 rows',
      'content type other than JSON',
      'empty body',
      'held-out examples',
      'malformed JSON',
      'model metadata',
      'one row without a batch',
      'oversized body',
      'rows by name',
      'text in place of a number',
      'unknown feature',
      'unknown path',
      'wrong method',
      'wrong width',
    ];
    const later = [
      'CSV in and out',
      'KServe V1: /v1/models',
      'MLflow: /invocations and /version',
      'Open Inference Protocol, version 2',
      'SageMaker: /ping and /invocations',
      'Vertex AI: the routes of its environment',
      'documentation',
      'lines of JSON in and out',
      'model card',
    ];
    expect(await names('core')).toEqual(core);
    expect(await names('all')).toEqual([...core, ...later].sort());
  });

  test('is asked over a connection that is kept alive, and closed at the end', async () => {
    const artifact = planeArtifact();
    const {url, server} = await startServer(artifact);
    let opened = 0;
    let requests = 0;
    server.on('connection', () => opened++);
    server.on('request', () => requests++);
    await check(artifact, url);
    expect(requests).toBeGreaterThan(200);
    // the answer to a body that is too large closes its connection
    expect(opened).toBe(2);
    const deadlineMs = performance.now() + 5_000;
    while (server.connections.open.size > 0 && performance.now() < deadlineMs) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    expect(server.connections.open.size).toBe(0);
  });
});

describe('a server that is wrong', () => {
  /** Asks a server that answers everything in one way, and gives the reasons why checks failed. */
  async function findReasons(
    answer: RequestListener,
    artifact = planeArtifact(),
  ): Promise<(string | undefined)[]> {
    const server = createServer((incoming, outgoing) => {
      incoming.resume().once('end', () => answer(incoming, outgoing));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const {checks} = await check(artifact, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(checks.every(({passed}) => !passed)).toBe(true);
    return checks.map(({detail}) => detail);
  }

  test('fails each check where another model answers', async () => {
    const reasons = await findReasons((_, outgoing) => {
      outgoing.writeHead(200, {'x-model-version': 'ffffffffffff', 'x-request-id': '1'}).end('{}');
    });
    expect(reasons).toContain(
      `POST /predict: x-model-version: expected ${planeArtifact().version}, got ffffffffffff`,
    );
    expect(reasons.filter(reason => /x-model-version|expected status [45]/.test(reason ?? ''))).toHaveLength(
      reasons.length,
    );
  });

  test('fails each check where it hangs up', async () => {
    const reasons = await findReasons((_, outgoing) => outgoing.destroy());
    expect(new Set(reasons)).toEqual(new Set(['socket hang up']));
  });
});
