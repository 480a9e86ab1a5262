import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {findStoredCredentials} from '../../../pipeline/io/registry/credentials.ts';
import {makeFolder} from '../../helpers/folder.ts';

const folder = makeFolder();
let configs = 0;

/** Makes docker's configuration folder the one with this config.json. */
function useConfig(config: string): string {
  const place = join(folder, `docker-${++configs}`);
  mkdirSync(place);
  writeFileSync(join(place, 'config.json'), config);
  vi.stubEnv('DOCKER_CONFIG', place);
  return join(place, 'config.json');
}

const encode = (text: string) => Buffer.from(text).toString('base64');

afterEach(() => vi.unstubAllEnvs());

describe('the login that an engine has stored', () => {
  test('is found in its configuration, colons in the password included', async () => {
    useConfig(JSON.stringify({auths: {'registry.example.org': {auth: encode('robot:a:b')}}}));
    expect(await findStoredCredentials('docker', 'registry.example.org')).toEqual({
      username: 'robot',
      password: 'a:b',
    });
    expect(await findStoredCredentials('docker', 'other.example.org')).toBeNull();
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
    vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
    useConfig(JSON.stringify({credHelpers: {'registry.example.org': 'test'}}));
    expect(await findStoredCredentials('docker', 'registry.example.org')).toEqual({
      username: 'robot',
      password: 'of registry.example.org',
    });
  });

  test('is none where the configuration is not there', async () => {
    vi.stubEnv('DOCKER_CONFIG', join(folder, 'nowhere'));
    expect(await findStoredCredentials('docker', 'registry.example.org')).toBeNull();
  });

  test('is a clear error where the configuration is broken', async () => {
    const path = useConfig('{');
    await expect(findStoredCredentials('docker', 'registry.example.org')).rejects.toMatchObject({
      kind: 'usage',
      code: 'BAD_ENGINE_CONFIG',
      message: `${path} is not a container engine's configuration: expected JSON with "auths", "credHelpers" or "credsStore".`,
      fix: 'Mend the file, or set REGISTRY_USERNAME and REGISTRY_PASSWORD.',
    });
  });
});
