import {Validator} from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {type Artifact, sealArtifact} from '../../../serve/artifact/artifact.ts';
import {type Json, nearTo} from '../../helpers/mutation.ts';
import {type ReadDocument, readDocument} from '../../helpers/openapi-document.ts';
import {
  irisArtifact,
  oddArtifact,
  pairArtifact,
  uncertainPlaneContent,
} from '../../helpers/server-artifact.ts';
import {createTestApp, type TestApp} from '../../helpers/test-app.ts';

const models: [string, Artifact][] = [
  ['iris', irisArtifact()],
  ['several targets', pairArtifact()],
  ['intervals', sealArtifact(uncertainPlaneContent()).artifact],
  ['odd names', oddArtifact()],
];

const vertex = {healthRoute: '/v1/endpoints/7/health', predictRoute: '/v1/endpoints/7:predict'};

async function read(artifact: Artifact): Promise<TestApp & ReadDocument> {
  const server = createTestApp(artifact, {vertex, maxBodyBytes: 100_000, maxRows: 100});
  return {...server, ...(await readDocument(server.app))};
}

/** Every example of a request body, with its media type. */
function listRequests({operations}: ReadDocument) {
  return operations.flatMap(({method, path, operation}) =>
    Object.entries(operation.requestBody?.content ?? {}).flatMap(([type, {schema, examples = {}}]) =>
      Object.entries(examples).map(([name, {value}]) => {
        return {method, path, operation, type, name, value, schema};
      }),
    ),
  );
}

function toBody(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

describe.each(models)('the document of a model with %s', (_, artifact) => {
  test('is valid OpenAPI 3.1', async () => {
    const {document} = await read(artifact);
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({valid: true});
    expect(validator.version).toBe('3.1');
  });

  test('says how long a list is by what it has, since generators refuse "items": false', async () => {
    const {document} = await read(artifact);
    expect(JSON.stringify(document)).not.toContain('"items":false');
    const width = artifact.features.length;
    expect(document.components.schemas.Row).toMatchObject({minItems: width, maxItems: width});
  });

  test('has no object without a name inside of another, so that generators make one class of it', async () => {
    const {document} = await read(artifact);
    const unnamed = JSON.stringify(document.components.schemas).match(
      /"(?:items|additionalProperties)":\{"type":"object","properties"/g,
    );
    expect(unnamed).toBeNull();
  });

  test('says which model it is about', async () => {
    const {document} = await read(artifact);
    expect(document.info.title).toBe(`${artifact.name} model server`);
    expect(document.info.version).toBe(artifact.version);
    for (const {name} of [...artifact.features, ...artifact.targets]) {
      expect(document.info.description).toContain(name);
    }
  });

  test('names each feature with its unit and training range', async () => {
    const {document} = await read(artifact);
    const {Row, Instance} = document.components.schemas as Record<
      string,
      {prefixItems: object[]; properties: Record<string, object>}
    >;
    for (const [j, {name, unit, min, max, mean}] of artifact.features.entries()) {
      const description = `${name}${unit === null ? '' : ` in ${unit}`}; the model was trained on ${min} to ${max}`;
      const schema = {type: 'number', description, examples: [mean]};
      expect(Row?.prefixItems[j]).toEqual(schema);
      expect(Instance?.properties[name]).toEqual(schema);
    }
  });

  test('has every route of the server but those that a browser asks for, and another spelling of one', async () => {
    const {app, operations} = await read(artifact);
    const documented = new Set(operations.map(({method, path}) => `${method} ${decodeURI(path)}`));
    const missing = app.routes
      .map(({method, path}) => `${method} ${path}`)
      .filter(route => !documented.has(route));
    const pages = /^GET \/(page\.(js|css)|docs(\.js|\.css|\/.*)?|v2\/)?$/;
    expect(missing.filter(route => !pages.test(route))).toEqual([]);
    expect(documented.size).toBe(app.routes.length - missing.length);
  });

  test('accepts its own examples of requests, and the server answers each as documented', async () => {
    const server = await read(artifact);
    const requests = listRequests(server);
    expect(new Set(requests.map(({path}) => path)).size).toBeGreaterThanOrEqual(5);
    for (const {method, path, operation, type, name, value, schema} of requests) {
      const validate = server.compile(schema);
      expect(validate(value), `${path} ${name}: ${JSON.stringify(validate.errors)}`).toBe(true);
      for (const accept of Object.keys(server.findResponse(operation, 200)?.content ?? {})) {
        const headers = {'content-type': type, accept};
        const response = await server.app.request(path, {method, body: toBody(value), headers});
        const body = await response.text();
        expect(response.status, `${path} ${name}: ${body}`).toBe(200);
        expect(server.findFault(operation, response, body), `${path} ${name}`).toBeUndefined();
      }
    }
  });

  test('shows answers that are as documented', async () => {
    const server = await read(artifact);
    for (const {path, operation} of server.operations) {
      const contents = server.findResponse(operation, 200)?.content ?? {};
      for (const {schema, examples = {}} of Object.values(contents)) {
        const validate = server.compile(schema);
        for (const {value} of Object.values(examples)) {
          expect(validate(value), `${path}: ${JSON.stringify(validate.errors)}`).toBe(true);
        }
      }
    }
  });

  test('has what every GET answers', async () => {
    const server = await read(artifact);
    for (const {method, path, operation} of server.operations) {
      if (method !== 'GET') continue;
      const response = await server.app.request(path);
      expect(response.status, path).toBe(200);
      expect(server.findFault(operation, response, await response.text()), path).toBeUndefined();
    }
  });

  test('has what each operation answers while the server starts and drains', async () => {
    const {operations, findFault} = await read(artifact);
    for (const phase of ['starting', 'draining'] as const) {
      const {app} = createTestApp(artifact, {vertex, phase: () => phase});
      for (const {method, path, operation} of operations) {
        const response = await app.request(path, {method});
        expect(findFault(operation, response, await response.text()), `${phase} ${path}`).toBeUndefined();
      }
    }
  });

  test('has what each operation answers to a wrong body', async () => {
    const {app, operations, findFault} = await read(artifact);
    const requests: RequestInit[] = [
      {body: '{}', headers: {'content-type': 'application/json'}},
      {body: '{', headers: {'content-type': 'application/json'}},
      {body: '"', headers: {'content-type': 'text/csv'}},
      {body: '{}', headers: {'content-type': 'application/json', 'content-encoding': 'gzip'}},
      {body: '<a/>', headers: {'content-type': 'text/xml'}},
      {body: ' '.repeat(100_001), headers: {'content-type': 'application/json'}},
    ];
    for (const {method, path, operation} of operations) {
      if (method === 'GET') continue;
      for (const request of requests) {
        const response = await app.request(path, {method, ...request});
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(findFault(operation, response, await response.text()), path).toBeUndefined();
      }
    }
  });

  test('has what each operation answers when the server fails', async () => {
    const {operations, findResponse, findFault} = await read(artifact);
    let looks = 0;
    const phase = () => {
      if (looks++ === 0) throw new Error('broken');
      return 'ready' as const;
    };
    const {app} = createTestApp(artifact, {vertex, phase});
    for (const {method, path, operation} of operations) {
      // only those that look at the phase can be made to fail by it
      if (findResponse(operation, 503) === undefined) continue;
      looks = 0;
      const response = await app.request(path, {method});
      expect(response.status).toBe(500);
      expect(findFault(operation, response, await response.text()), path).toBeUndefined();
    }
  });

  test('accepts near-examples just where the server does', async () => {
    const server = await read(artifact);
    const numbers = fc.double({min: -1e6, max: 1e6, noNaN: true});
    for (const {path, operation, type, value, schema} of listRequests(server)) {
      if (type !== 'application/json') continue;
      const validate = server.compile(schema);
      // shapes that depend on other members of the body are more than a schema can say
      const isExact = path === '/predict' || path === vertex.predictRoute;
      const property = fc.asyncProperty(nearTo(value as Json, numbers), async near => {
        const text = JSON.stringify(near);
        const response = await server.post(path, text);
        const body = await response.text();
        const fault = server.findFault(operation, response, body);
        if (fault !== undefined) throw new Error(fault);
        // how large a prediction becomes is not in a schema
        if (body.includes('too large for a double')) return;
        const isValid = validate(JSON.parse(text));
        if (response.status === 200 ? !isValid : isValid && isExact) {
          throw new Error(`the schema ${isValid ? 'accepts' : 'refuses'} what gets ${body}`);
        }
      });
      await fc.assert(property, {numRuns: process.env.CI ? 200 : 30});
    }
  });
});

test('the names of operations are the same for every version of a model, and each has one of its own', async () => {
  const ids = await Promise.all(
    models.map(async ([, artifact]) =>
      (await read(artifact)).operations.map(({operation}) => operation.operationId),
    ),
  );
  for (const list of ids) expect(list).toEqual(ids[0]);
  expect(new Set(ids[0]).size).toBe(ids[0]?.length);
  expect(ids[0]).toContain('postPredict');
  expect(ids[0]).toContain('postV2ModelsVersionsInfer');
});

test('the document is made once', async () => {
  const {app} = createTestApp(irisArtifact());
  const [first, second] = [await app.request('/openapi.json'), await app.request('/openapi.json')];
  expect(first.headers.get('content-type')).toBe('application/json');
  expect(await first.text()).toBe(await second.text());
});
