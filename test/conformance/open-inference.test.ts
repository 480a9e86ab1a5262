import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {type LocalServer, startLocalServer} from '../helpers/local-server.ts';
import {pairArtifact, planeArtifact} from '../helpers/server-artifact.ts';
import {binaryChecks} from './open-inference/binary-checks.ts';
import {checks} from './open-inference/checks.ts';

const all = [...checks, ...binaryChecks];

describe.each([planeArtifact(), pairArtifact()])('our server, with the model $name', artifact => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startLocalServer({artifact});
  });
  afterAll(() => server.close());

  test.each(all)('conforms: $name', async ({run}) => {
    await run({url: `http://127.0.0.1:${server.port}`, model: artifact.name});
  });
});

test('a server that agrees to everything conforms to nothing', async () => {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.end('{}'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const passed: string[] = [];
    for (const {name, run} of all) {
      await run({url, model: 'any'}).then(
        () => passed.push(name),
        () => {},
      );
    }
    expect(passed).toEqual([]);
  } finally {
    server.close();
  }
});
