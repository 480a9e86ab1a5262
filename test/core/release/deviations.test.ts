import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {type ImageSettings, listDeviations} from '../../../pipeline/core/release/deviations.ts';
import {readRecipe} from '../../../pipeline/core/release/recipe.ts';

const dockerfile = readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8');
const platform = {os: 'linux', architecture: 'amd64'};

/** What `docker image inspect` shows of an image that Docker 20.10 built from the Dockerfile. */
const built: ImageSettings = {
  os: 'linux',
  architecture: 'amd64',
  config: {
    User: '65532:65532',
    Env: [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt',
      'NODE_ENV=production',
      'HOST=0.0.0.0',
      'PORT=8000',
      'MODEL_PATH=/app/model.json',
    ],
    Entrypoint: ['/nodejs/bin/node', '/app/server.mjs'],
    Cmd: null,
    ExposedPorts: {'8000/tcp': {}},
    Healthcheck: {Test: ['CMD', '/nodejs/bin/node', '/app/server.mjs', '--healthcheck']},
  },
};

test('an image that the Dockerfile made deviates in nothing', () => {
  expect(listDeviations(built, readRecipe(dockerfile), platform)).toEqual([]);
});

test.each<[string, Partial<ImageSettings['config']>, string]>([
  [
    'another entry point',
    {Entrypoint: ['/bin/sh', '-c', 'sleep 1']},
    'entry point: expected ["/nodejs/bin/node","/app/server.mjs"], found ["/bin/sh","-c","sleep 1"]',
  ],
  [
    'an argument of its own',
    {Cmd: ['--inspect']},
    'entry point: expected ["/nodejs/bin/node","/app/server.mjs"], found ["/nodejs/bin/node","/app/server.mjs","--inspect"]',
  ],
  ['another user', {User: 'root'}, 'user: expected 65532:65532, found root'],
  ['no user', {User: ''}, 'user: expected 65532:65532, found none'],
  [
    'another model path',
    {Env: ['NODE_ENV=production', 'HOST=0.0.0.0', 'PORT=8000', 'MODEL_PATH=/tmp/model.json']},
    'environment: expected NODE_ENV=production HOST=0.0.0.0 PORT=8000 MODEL_PATH=/app/model.json, found NODE_ENV=production HOST=0.0.0.0 PORT=8000',
  ],
  [
    'no health check',
    {Healthcheck: null},
    'health check: expected ["CMD","/nodejs/bin/node","/app/server.mjs","--healthcheck"], found []',
  ],
])('an image with %s is told apart', (_, change, line) => {
  const image = {...built, config: {...built.config, ...change}};
  expect(listDeviations(image, readRecipe(dockerfile), platform)).toEqual([line]);
});

test('an image for another processor is told apart', () => {
  const image = {...built, architecture: 'arm64'};
  expect(listDeviations(image, readRecipe(dockerfile), platform)).toEqual([
    'platform: expected linux/amd64, found linux/arm64',
  ]);
});
