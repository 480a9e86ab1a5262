import {createHash} from 'node:crypto';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, expect, onTestFinished, test} from 'vitest';
import {Failure} from '../../../pipeline/core/failure.ts';
import {openRepository} from '../../../pipeline/io/registry/registry.ts';

/** A registry of three lines, for answers that a real one gives only on a bad day or with a token service. */
async function serveAnswers(
  answer: (
    path: string,
    authorization: string | undefined,
    host: string,
  ) => {status: number; headers?: Record<string, string>; body?: string},
) {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    const {status, headers, body} = answer(
      request.url ?? '',
      request.headers.authorization,
      request.headers.host ?? '',
    );
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return {
    address: {
      scheme: 'http' as const,
      host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      path: 'team',
    },
    paths,
  };
}

const manifest = '{"schemaVersion":2}';
const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;

describe('a repository', () => {
  test('answers a bearer challenge at the realm it names, with the account, for its own repository and for pushing', async () => {
    const {address, paths} = await serveAnswers((path, authorization, host) => {
      if (path.startsWith('/token')) {
        const isAccount = authorization === `Basic ${Buffer.from('robot:secret').toString('base64')}`;
        return isAccount ? {status: 200, body: '{"token": "abc"}'} : {status: 401};
      }
      if (authorization === 'Bearer abc') return {status: 200, body: manifest};
      return {
        status: 401,
        headers: {
          'www-authenticate': `Bearer realm="http://${host}/token",service="registry",scope="repository:user/image:pull"`,
        },
      };
    });
    const repository = openRepository(
      address,
      'iris',
      {username: 'robot', password: 'secret'},
      new AbortController().signal,
    );
    await repository.ping();
    expect(await repository.getManifest('production')).toMatchObject({digest});
    expect(paths).toEqual([
      '/v2/',
      '/token?service=registry&scope=repository%3Ateam%2Firis%3Apull%2Cpush',
      '/v2/',
      '/v2/team/iris/manifests/production',
    ]);
  });

  test('asks for a new token when the old one has expired', async () => {
    let [tokens, uses] = [0, 0];
    const {address} = await serveAnswers((path, authorization, host) => {
      if (path.startsWith('/token')) return {status: 200, body: `{"token": "${++tokens}"}`};
      if (authorization === `Bearer ${tokens}` && uses++ < 2) return {status: 200, body: manifest};
      uses = 0;
      return {status: 401, headers: {'www-authenticate': `Bearer realm="http://${host}/token"`}};
    });
    const repository = openRepository(address, 'iris', null, new AbortController().signal);
    for (let i = 0; i < 6; i++) expect(await repository.getManifest('production')).toMatchObject({digest});
    expect(tokens).toBe(3);
  });

  test('takes “not there” only from a registry that says so', async () => {
    const {address} = await serveAnswers(() => ({
      status: 404,
      body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}',
    }));
    expect(
      await openRepository(address, 'iris', null, new AbortController().signal).getManifest('production'),
    ).toBeUndefined();
    await expect(openRepository(address, 'iris', null, new AbortController().signal).ping()).rejects.toThrow(
      /expected success, got 404 MANIFEST_UNKNOWN/,
    );
  });

  test('refuses a manifest whose digest is not that of its bytes', async () => {
    const other = `sha256:${'0'.repeat(64)}`;
    const {address} = await serveAnswers(() => ({
      status: 200,
      headers: {'docker-content-digest': other},
      body: manifest,
    }));
    const error = await openRepository(address, 'iris', null, new AbortController().signal)
      .getManifest('production')
      .catch(reason => reason);
    expect(error).toBeInstanceOf(Failure);
    expect(error.message).toBe(
      `${address.host}: the manifest of team/iris:production has digest ${digest}, expected ${other}.`,
    );
  });

  test('never tries a refused login again', async () => {
    const {address, paths} = await serveAnswers(() => ({
      status: 403,
      body: '{"errors":[{"code":"DENIED","message":"no"}]}',
    }));
    const error = await openRepository(
      address,
      'iris',
      {username: 'robot', password: 'secret'},
      new AbortController().signal,
    )
      .ping()
      .catch(reason => reason);
    expect(error).toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: `Registry ${address.host} (GET /v2/): it refused the login: 403 DENIED (no).`,
    });
    expect(paths).toEqual(['/v2/']);
  });
});
