import {describe, expect, test} from 'vitest';
import * as z from 'zod/mini';
import {checkServer} from '../../../pipeline/smoke/checks.ts';
import type {Dialect} from '../../../serve/dialects/dialect.ts';
import {dialects} from '../../../serve/dialects/dialects.ts';
import {arrangeHeldOut} from '../../../serve/dialects/held-out.ts';
import {createRowsRoute} from '../../../serve/dialects/rows-route.ts';
import {levelObject} from '../../../serve/rows/json-body.ts';
import {instanceList} from '../../../serve/rows/row-shapes.ts';
import {startLocalServer} from '../../helpers/local-server.ts';
import {readDocument} from '../../helpers/openapi-document.ts';
import {planeArtifact} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

/** A dialect that nobody speaks: all that a newcomer would write, beside its line in dialects.ts. */
const toy: Dialect = {
  name: 'Toy',
  description: 'A dialect that nobody speaks',
  createRoutes: service => [
    createRowsRoute(service, {
      path: '/toy',
      body: {keys: {blocks: instanceList}, option: {key: 'wishes', ...levelObject}},
      answer: {
        write: ({values}) => ({towers: values}),
        schema: ({prediction}) => z.strictObject({towers: z.array(prediction)}),
      },
    }),
  ],
  smoke: {
    listQuestions: ({artifact}) => {
      const {instances, predictions} = arrangeHeldOut(artifact);
      const answer = {status: 200, says: {towers: predictions}};
      return [{name: 'toy', exchanges: [{method: 'POST', path: '/toy', body: {blocks: instances}, answer}]}];
    },
  },
};
const spoken = [...dialects, toy];
const artifact = planeArtifact();

describe('a dialect that is added', () => {
  test('is routed, validates and answers', async () => {
    const {post} = createTestApp(artifact, {}, spoken);
    // y = 2a + 3b + 5
    expect(await (await post('/toy', {blocks: [{a: 1, b: 2}]})).json()).toEqual({towers: [13]});
    const refused = await post('/toy', {blocks: [{a: 1}]});
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: {fields: [{path: 'blocks[0].b', message: 'expected a number, found none'}]},
    });
    expect((await post('/predict', {features: [[1, 2]]})).status).toBe(200);
  });

  test('is in the OpenAPI document, with examples that the server accepts and an answer as documented', async () => {
    const {app, post} = createTestApp(artifact, {}, spoken);
    const {operations, compile, findFault} = await readDocument(app);
    const operation = operations.find(({path}) => path === '/toy')?.operation;
    if (operation === undefined) throw new Error('the toy is not in the document');
    expect(operation.tags).toEqual(['Toy']);
    const {schema, examples = {}} = operation.requestBody?.content['application/json'] ?? {schema: {}};
    expect(Object.keys(examples)).toEqual(['blocks']);
    expect(compile(schema)({blocks: [{a: 1}]})).toBe(false);
    const response = await post('/toy', examples.blocks?.value);
    expect(findFault(operation, response, await response.text())).toBeUndefined();
  });

  test('is asked by the smoke test', async () => {
    const ask = async (served: readonly Dialect[]) => {
      const {port, close} = await startLocalServer({artifact, dialects: served});
      try {
        const signal = new AbortController().signal;
        const url = `http://127.0.0.1:${port}`;
        const {checks} = await checkServer({url, artifact, hasCard: true, signal}, 'all', [toy]);
        return checks;
      } finally {
        await close();
      }
    };
    expect(await ask(spoken)).toEqual([{name: 'toy', passed: true}]);
    expect(await ask(dialects)).toEqual([
      {
        name: 'toy',
        passed: false,
        detail: expect.stringMatching(/^POST \/toy: expected status 200, got 404/),
      },
    ]);
  });
});
