import {describe, expect, test} from 'vitest';
import {parseEnvironment} from '../../pipeline/run/environment.ts';
import {failureOf} from '../helpers/failure-of.ts';

const explain = (env: Record<string, string>) => failureOf(() => parseEnvironment(env));

describe('the environment', () => {
  test('needs nothing', () => {
    expect(parseEnvironment({})).toEqual({
      registry: null,
      credentials: null,
      imageName: null,
      channel: 'production',
      engine: null,
      baseImage: 'gcr.io/distroless/nodejs24-debian13:nonroot',
      platforms: [
        {os: 'linux', architecture: 'amd64'},
        {os: 'linux', architecture: 'arm64'},
      ],
      ci: false,
    });
  });

  test('reads where the registry is', () => {
    const registry = {scheme: 'https', host: 'registry.example.org:5000', path: 'team/models'};
    expect(parseEnvironment({REGISTRY: 'registry.example.org:5000/team/models'}).registry).toEqual(registry);
  });

  test('takes variables set to nothing as not set', () => {
    expect(parseEnvironment({REGISTRY: '', CHANNEL: '', CI: ''})).toEqual(parseEnvironment({}));
  });

  test('lists every wrong variable with what was expected and found', () => {
    const failure = explain({
      REGISTRY: 'ftp://x y',
      IMAGE_NAME: 'Iris',
      CHANNEL: 'a b',
      CONTAINER_ENGINE: 'dokcer',
      BASE_IMAGE: 'a b',
      PLATFORMS: 'amd64',
    });
    expect(failure.kind).toBe('usage');
    expect(failure.message).toBe(
      [
        'REGISTRY: expected host[:port][/path], with http:// or https:// before it if need be, found "ftp://x y"',
        'IMAGE_NAME: expected an image name such as "iris" or "team/iris", in lower case, found "Iris"',
        'CHANNEL: expected a tag such as "production", not that of a release, found "a b"',
        'CONTAINER_ENGINE: expected "docker", "podman" or "none", found "dokcer"',
        'BASE_IMAGE: expected an image reference, found "a b"',
        'PLATFORMS: expected platforms such as "linux/amd64,linux/arm64", found "amd64"',
      ].join('\n'),
    );
    expect(failure.fix).toBe('Correct or unset the variable; the README lists them under "Configuration".');
  });

  test('takes the tag of a log for no channel', () => {
    expect(explain({CHANNEL: 'production.log'}).message).toMatch(/^CHANNEL: expected a tag/);
  });

  test('takes platforms with spaces and variants', () => {
    expect(parseEnvironment({PLATFORMS: 'linux/arm/v7, linux/s390x'}).platforms).toEqual([
      {os: 'linux', architecture: 'arm', variant: 'v7'},
      {os: 'linux', architecture: 's390x'},
    ]);
  });

  test('takes no release tag for a channel, which would move what must never move', () => {
    expect(explain({CHANNEL: 'abb44d6d861c-3ff43cf7'}).message).toBe(
      'CHANNEL: expected a tag such as "production", not that of a release, found "abb44d6d861c-3ff43cf7"',
    );
  });

  test('wants both halves of a login, and never prints the password', () => {
    const failure = explain({REGISTRY_PASSWORD: 'hunter2'});
    expect(failure.message).toBe('REGISTRY_PASSWORD is set, REGISTRY_USERNAME is not: a login needs both.');
    expect(failure.fix).toBe(
      'Set REGISTRY_USERNAME, or unset both to use the login that the container engine has stored.',
    );
  });
});
