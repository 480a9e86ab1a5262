import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {findStoredLogin} from '../../../pipeline/io/engine/credentials.ts';
import {makeFolder} from '../../helpers/folder.ts';

const folder = makeFolder();
let configs = 0;

/** An environment in which docker's configuration folder is the one with this config.json. */
function useConfig(config: string): {DOCKER_CONFIG: string; PATH: string} {
  const place = join(folder, `docker-${++configs}`);
  mkdirSync(place);
  writeFileSync(join(place, 'config.json'), config);
  return {DOCKER_CONFIG: place, PATH: process.env.PATH ?? ''};
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
});
