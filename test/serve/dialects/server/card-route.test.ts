import {mkdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest';
import {sealArtifact} from '../../../../serve/artifact/artifact.ts';
import {planeArtifact, planeContent} from '../../../helpers/server-artifact.ts';
import {
  bundleServer,
  runServer,
  type ServerBundle,
  startServer,
  stopServer,
} from '../../../helpers/server-process.ts';
import {createTestApp} from '../../../helpers/test-app.ts';

const card = '# Model card: plane\n\nPrädiktion, 予測, μm².\n';
const missing = {
  error: {
    code: 'not_found',
    message:
      'This model came without a card: there is no model-card.md beside its model.json. GET /model tells what the model is.',
    fields: [],
  },
};

describe('GET /model/card', () => {
  test('answers the card as Markdown', async () => {
    const {app} = createTestApp(planeArtifact(), {card});
    for (const method of ['GET', 'HEAD', 'GET']) {
      const response = await app.request('/model/card', {method});
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
      expect(await response.text()).toBe(method === 'GET' ? card : '');
    }
  });

  test('is 404 for a model without a card', async () => {
    const response = await createTestApp(planeArtifact(), {card: undefined}).app.request('/model/card');
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual(missing);
  });

  test('is told of by page and OpenAPI document only where there is one', async () => {
    for (const given of [card, undefined]) {
      const {app} = createTestApp(planeArtifact(), {card: given});
      const told = await Promise.all(
        ['/', '/openapi.json'].map(async path =>
          (await (await app.request(path)).text()).includes('model/card'),
        ),
      );
      expect(told).toEqual([given !== undefined, given !== undefined]);
    }
  });

  test('is 405 for other methods', async () => {
    const response = await createTestApp(planeArtifact()).app.request('/model/card', {method: 'POST'});
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });
});

describe('a server with a model-card.md beside its model', () => {
  let bundle: ServerBundle;
  beforeAll(async () => {
    bundle = await bundleServer(sealArtifact(planeContent()).text);
  });
  afterAll(() => bundle.remove());

  async function getCard(): Promise<Response> {
    const server = await startServer(bundle);
    onTestFinished(() => stopServer(server));
    return fetch(`${server.url}/model/card`);
  }

  test('serves its bytes', async () => {
    await writeFile(join(bundle.folder, 'model-card.md'), card);
    const response = await getCard();
    expect(response.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(card));
  });

  test('starts without one, and says so when asked', async () => {
    await rm(join(bundle.folder, 'model-card.md'), {force: true});
    const response = await getCard();
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual(missing);
  });

  test('does not start where it may not read the card, and says so', async () => {
    await rm(join(bundle.folder, 'model-card.md'), {force: true});
    await mkdir(join(bundle.folder, 'model-card.md'));
    expect(await runServer(bundle)).toMatchObject({
      code: 2,
      stderr: `The model card cannot be read from ${bundle.folder}/model-card.md (EISDIR). Let this user read it, or remove it.\n`,
    });
  });
});
