import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {inspect} from 'node:util';
import {describe, expect, test} from 'vitest';
import {findStoredLogin} from '../../../pipeline/io/engine/credentials.ts';
import {makeFakeProgram} from '../../helpers/fake-program.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {asUnprivileged} from '../../helpers/unprivileged.ts';

const folder = makeFolder();
let configs = 0;

/** An environment in which docker's configuration folder is the one with this config.json. */
function useConfig(config: string): {DOCKER_CONFIG: string; PATH: string} {
  const place = join(folder, `docker-${++configs}`);
  mkdirSync(place);
  writeFileSync(join(place, 'config.json'), config);
  return {DOCKER_CONFIG: place, PATH: process.env.PATH ?? ''};
}

/** A file of logins with one for registry.example.org. */
function storeLogin(username: string): string {
  return JSON.stringify({auths: {'registry.example.org': {auth: encode(`${username}:x`)}}});
}

const encode = (text: string) => Buffer.from(text).toString('base64');

describe('the login that an engine has stored', () => {
  test('is found in its configuration, colons in the password included', async () => {
    const env = useConfig(JSON.stringify({auths: {'registry.example.org': {auth: encode('robot:a:b')}}}));
    expect(await findStoredLogin('docker', 'registry.example.org', env)).toEqual({
      username: 'robot',
      password: 'a:b',
    });
    expect(await findStoredLogin('docker', 'other.example.org', env)).toBeNull();
  });

  test('is asked of the credential helper that the configuration names for the registry', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const helper = join(bin, 'docker-credential-test');
    // the helper protocol: the registry on stdin, JSON on stdout
    writeFileSync(
      helper,
      '#!/bin/sh\nread host\necho "{\\"ServerURL\\":\\"$host\\",\\"Username\\":\\"robot\\",\\"Secret\\":\\"of $host\\"}"\n',
    );
    chmodSync(helper, 0o755);
    const config = useConfig(JSON.stringify({credHelpers: {'registry.example.org': 'test'}}));
    const env = {...config, PATH: `${bin}:${config.PATH}`};
    expect(await findStoredLogin('docker', 'registry.example.org', env)).toEqual({
      username: 'robot',
      password: 'of registry.example.org',
    });
  });

  test('is none where the configuration is not there', async () => {
    const env = {DOCKER_CONFIG: join(folder, 'nowhere')};
    expect(await findStoredLogin('docker', 'registry.example.org', env)).toBeNull();
  });

  test('is a clear error where the configuration is broken', async () => {
    const env = useConfig('{');
    const path = join(env.DOCKER_CONFIG, 'config.json');
    await expect(findStoredLogin('docker', 'registry.example.org', env)).rejects.toMatchObject({
      kind: 'usage',
      code: 'BAD_ENGINE_CONFIG',
      message: `${path} is not a container engine's configuration: expected JSON with "auths", "credHelpers" or "credsStore".`,
      fix: 'Mend the file, or set REGISTRY_USERNAME and REGISTRY_PASSWORD.',
    });
  });

  test('is a clear error where the configuration may not be read, not none', async () => {
    const env = useConfig('{}');
    const path = join(env.DOCKER_CONFIG, 'config.json');
    chmodSync(path, 0);
    await asUnprivileged(() =>
      expect(findStoredLogin('docker', 'registry.example.org', env)).rejects.toMatchObject({
        kind: 'usage',
        code: 'BAD_ENGINE_CONFIG',
        message: `${path} is not a container engine's configuration: it cannot be read (EACCES).`,
      }),
    );
  });

  test('is a clear error where the credential helper babbles, and quotes nothing of it', async () => {
    const helper = makeFakeProgram(folder, 'docker-credential-test');
    helper.answer('get', 'echo Secret: s3cret');
    const env = {...useConfig('{"credsStore": "test"}'), ...helper.env};
    const error = await findStoredLogin('docker', 'registry.example.org', env).catch(thrown => thrown);
    expect(error).toMatchObject({
      kind: 'engine',
      code: 'BAD_CREDENTIAL_HELPER',
      message:
        'docker-credential-test get registry.example.org: expected JSON with Username and Secret, found something else.',
      fix: 'Mend the helper, or set REGISTRY_USERNAME and REGISTRY_PASSWORD.',
    });
    expect(inspect(error)).not.toContain('s3cret');
  });

  test('is none where the credential helper has none', async () => {
    const helper = makeFakeProgram(folder, 'docker-credential-test');
    helper.answer('get', 'echo "credentials not found in native keychain"; exit 1');
    const env = {...useConfig('{"credsStore": "test"}'), ...helper.env};
    expect(await findStoredLogin('docker', 'registry.example.org', env)).toBeNull();
  });

  // containers-auth.json(5): REGISTRY_AUTH_FILE, then the runtime folder, then the configuration folder, then docker's
  test("is looked for in podman's files, docker's the last of them", async () => {
    const env = {
      ...useConfig(storeLogin('docker')),
      HOME: join(folder, 'home'),
      XDG_RUNTIME_DIR: join(folder, 'runtime'),
      XDG_CONFIG_HOME: join(folder, 'xdg'),
    };
    const find = async (more = {}) =>
      (await findStoredLogin('podman', 'registry.example.org', {...env, ...more}))?.username;
    expect(await find()).toBe('docker');
    for (const place of ['xdg', 'runtime']) {
      mkdirSync(join(folder, place, 'containers'), {recursive: true});
      writeFileSync(join(folder, place, 'containers/auth.json'), storeLogin(place));
      expect(await find()).toBe(place);
    }
    writeFileSync(join(folder, 'named.json'), storeLogin('named'));
    expect(await find({REGISTRY_AUTH_FILE: join(folder, 'named.json')})).toBe('named');
    expect(await findStoredLogin(null, 'registry.example.org', env)).toMatchObject({username: 'docker'});
  });
});
