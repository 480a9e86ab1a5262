import {createHash} from 'node:crypto';
import {describe, expect, test} from 'vitest';
import {openRepository} from '../../../pipeline/io/registry/registry.ts';
import {type Answer, type Asked, startAnsweringServer} from '../../helpers/answering-server.ts';
import {failureText} from '../../helpers/failure-text.ts';
import {findFreePort} from '../../helpers/registry.ts';

const manifest = '{"schemaVersion":2,"manifests":[]}';
const digest = `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
const account = {username: 'robot', password: 'secret'};
const basic = `Basic ${Buffer.from('robot:secret').toString('base64')}`;

/** A registry that wants the token `abc`, and what it says of how to get one. */
async function openGuarded(
  challenge: (host: string) => string | undefined,
  answerToken: (asked: Asked) => Answer,
  credentials: typeof account | null = account,
) {
  const server = await startAnsweringServer(asked => {
    if (asked.path.startsWith('/token')) return answerToken(asked);
    if (asked.authorization === 'Bearer abc') return {body: manifest};
    const said = challenge(asked.host);
    return {status: 401, headers: said === undefined ? {} : {'www-authenticate': said}};
  });
  const address = {scheme: 'http', host: server.host, path: 'team'} as const;
  return {...server, repository: openRepository(address, 'iris', credentials, new AbortController().signal)};
}

const bearer = (host: string) => `Bearer realm="http://${host}/token",service="registry"`;

describe('a registry that asks for a token', () => {
  test('gets one from the realm it names, with the account, for its own repository and for pushing', async () => {
    const {repository, requests} = await openGuarded(
      host => `${bearer(host)},scope="repository:user/image:pull"`,
      ({authorization}) => (authorization === basic ? {body: '{"token": "abc"}'} : {status: 401}),
    );
    await repository.ping();
    expect(await repository.getManifest('production')).toMatchObject({digest});
    expect(requests).toEqual([
      'GET /v2/',
      'GET /token?service=registry&scope=repository%3Ateam%2Firis%3Apull%2Cpush',
      'GET /v2/',
      'GET /v2/team/iris/manifests/production',
    ]);
  });

  test.each([
    ['after another scheme', (host: string) => `Basic realm="x, y", ${bearer(host)}`],
    ['before another scheme', (host: string) => `${bearer(host)}, Basic realm="x"`],
    [
      'in other letters and without quotes',
      (host: string) => `bearer Realm="http://${host}/token" , Service=registry`,
    ],
    ['with a query of its own', (host: string) => `Bearer realm="http://${host}/token?account=robot"`],
  ])('is understood: %s', async (_, challenge) => {
    const {repository, requests} = await openGuarded(
      challenge,
      () => ({body: '{"access_token": "abc"}'}),
      null,
    );
    expect(await repository.getManifest('production')).toMatchObject({digest});
    expect(requests[1]).toMatch(/^GET \/token\?/);
    expect(requests[1]?.includes('account=robot')).toBe(challenge('').includes('account'));
  });

  test('gets a new one when the old one has expired', async () => {
    let [tokens, uses] = [0, 0];
    const server = await startAnsweringServer(({path, authorization, host}) => {
      if (path.startsWith('/token')) return {body: `{"token": "${++tokens}"}`};
      if (authorization === `Bearer ${tokens}` && uses++ < 2) return {body: manifest};
      uses = 0;
      return {status: 401, headers: {'www-authenticate': bearer(host)}};
    });
    const address = {scheme: 'http', host: server.host, path: 'team'} as const;
    const repository = openRepository(address, 'iris', null, new AbortController().signal);
    for (let i = 0; i < 6; i++) expect(await repository.getManifest('production')).toMatchObject({digest});
    expect(tokens).toBe(3);
  });

  test('gets one for all requests that are under way together', async () => {
    const {repository, requests} = await openGuarded(bearer, () => ({body: '{"token": "abc"}'}));
    await Promise.all(Array.from({length: 8}, () => repository.getManifest('production')));
    expect(requests.filter(request => request.startsWith('GET /token'))).toHaveLength(1);
  });

  test('is not asked again with a login that it refused', async () => {
    const {repository, host, requests} = await openGuarded(
      () => 'Basic realm="x"',
      () => ({}),
    );
    await expect(repository.ping()).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: `Registry ${host} (GET /v2/): it refused the login: 401.`,
    });
    expect(requests).toEqual(['GET /v2/', 'GET /v2/']);
  });

  test('never tries again what was denied', async () => {
    const server = await startAnsweringServer(() => ({
      status: 403,
      body: '{"errors":[{"code":"DENIED","message":"no"}]}',
    }));
    const address = {scheme: 'http', host: server.host, path: 'team'} as const;
    const repository = openRepository(address, 'iris', account, new AbortController().signal);
    await expect(repository.ping()).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: `Registry ${server.host} (GET /v2/): it refused the login: 403 DENIED (no).`,
    });
    expect(server.requests).toEqual(['GET /v2/']);
  });
});

describe('a challenge that leads nowhere', () => {
  test.each([
    ['without a realm', 'Bearer service="registry"'],
    ['with a realm that is no address', 'Bearer realm="token service",service="registry"'],
    ['with a realm of another kind', 'Bearer realm="file:///etc/passwd"'],
  ])('is told as that: %s', async (_, challenge) => {
    const {repository, host, requests} = await openGuarded(
      () => challenge,
      () => ({}),
    );
    const error = await repository.ping().catch(reason => reason);
    expect(error).toMatchObject({kind: 'engine', code: 'REGISTRY_ANSWER'});
    expect(error.message).toContain(`Registry ${host} (GET /v2/): `);
    expect(error.message).toContain(challenge);
    expect(requests).toEqual(['GET /v2/']);
  });
});

describe('a token endpoint', () => {
  const complain = async (answer: Answer) => {
    const {repository, host} = await openGuarded(bearer, () => answer);
    return failureText(repository.ping(), {HOST: host});
  };

  test('that babbles is named', async () => {
    const page = {headers: {'content-type': 'text/html'}, body: '<html>'};
    expect(await complain(page)).toMatchInlineSnapshot(`
      "engine REGISTRY_ANSWER
      Token endpoint http://HOST/token of registry HOST (GET /token?service=registry&scope=repository%3Ateam%2Firis%3Apull%2Cpush): expected JSON with a "token", got 200 with text/html.
      Fix: Something else answers there, or the registry is broken: correct the realm that the registry names, or look at the registry's own log. Nothing was promoted."
    `);
  });

  test.each([
    ['no token', '{}'],
    ['an empty one', '{"token":""}'],
    ['one that no header can hold', '{"token":"a\\r\\nb"}'],
    ['one that is no text', '{"token":1}'],
    ['JSON of nothing', 'null'],
  ])('that sends %s is named', async (_, body) => {
    expect(await complain({body})).toMatch(
      /^engine REGISTRY_ANSWER\nToken endpoint http:\/\/HOST\/token of registry HOST /,
    );
  });

  test('that refuses the login is named', async () => {
    const refusal = {
      status: 401,
      body: '{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}',
    };
    expect(await complain(refusal)).toMatchInlineSnapshot(`
      "engine REGISTRY_REFUSED
      Token endpoint http://HOST/token of registry HOST (GET /token?service=registry&scope=repository%3Ateam%2Firis%3Apull%2Cpush): it refused the login: 401 UNAUTHORIZED (incorrect username or password).
      Fix: Set REGISTRY_USERNAME and REGISTRY_PASSWORD to an account that may pull and push there, or log in with the container engine."
    `);
  });

  test('that is broken is named', async () => {
    expect(await complain({status: 400, body: 'scope?'})).toMatchInlineSnapshot(`
      "engine REGISTRY_ERROR
      Token endpoint http://HOST/token of registry HOST (GET /token?service=registry&scope=repository%3Ateam%2Firis%3Apull%2Cpush): expected success, got 400.
      Fix: Look at the registry's own log; run the same command again when it is well."
    `);
  });

  test('that nobody answers at is named', async () => {
    const port = await findFreePort();
    const {repository, host} = await openGuarded(
      () => `Bearer realm="http://127.0.0.1:${port}/token"`,
      () => ({}),
    );
    expect(
      await failureText(repository.ping(), {HOST: host, ELSEWHERE: `127.0.0.1:${port}`}),
    ).toMatchInlineSnapshot(`
      "engine REGISTRY_UNREACHABLE
      Token endpoint http://ELSEWHERE/token of registry HOST (GET /token?scope=repository%3Ateam%2Firis%3Apull%2Cpush): it cannot be reached: ECONNREFUSED.
      Fix: Start it or correct the realm that the registry names; nothing was promoted, and the same command can be run again."
    `);
  });

  test('is not read without end', async () => {
    const {repository, sentBytes, host} = await openGuarded(bearer, () => ({body: 'endless'}));
    await expect(repository.ping()).rejects.toThrow(
      `Token endpoint http://${host}/token of registry ${host}`,
    );
    expect(await sentBytes()).toBeLessThan(13 * 2 ** 20);
  });
});
