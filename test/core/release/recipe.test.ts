import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {readRecipe} from '../../../pipeline/core/release/recipe.ts';

const dockerfile = readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8');

test("reads the project's own Dockerfile", () => {
  expect(readRecipe(dockerfile)).toEqual({
    base: 'gcr.io/distroless/nodejs24-debian13:nonroot',
    copies: [{sources: ['server.mjs', 'model.json', 'model-card.m[d]', 'swagger-ui*'], to: '/app/'}],
    entrypoint: ['/nodejs/bin/node', '/app/server.mjs'],
    user: '65532:65532',
    env: ['NODE_ENV=production', 'HOST=0.0.0.0', 'PORT=8000', 'MODEL_PATH=/app/model.json'],
    ports: ['8000/tcp'],
    // what `docker image inspect` shows of an image that Docker 20.10 built from it
    healthcheck: {
      Test: ['CMD', '/nodejs/bin/node', '/app/server.mjs', '--healthcheck'],
      Interval: 10_000_000_000,
      Timeout: 3_000_000_000,
      StartPeriod: 5_000_000_000,
    },
  });
});

test('takes a build argument in place of its default', () => {
  expect(readRecipe(dockerfile, {BASE_IMAGE: 'node:24'}).base).toBe('node:24');
});

test.each([
  ['RUN npm ci', 'RUN is none of ARG, FROM, COPY, ENV, EXPOSE, USER, HEALTHCHECK, ENTRYPOINT'],
  ['LABEL a=b', 'LABEL is none of ARG, FROM, COPY, ENV, EXPOSE, USER, HEALTHCHECK, ENTRYPOINT'],
  ['COPY --from=other /a /app/', 'COPY with a flag'],
  ['COPY server.mjs app', 'COPY to another place than a folder such as /app/'],
  ['COPY $WHAT /app/', 'COPY with a variable'],
  ['ENV A="b c"', 'ENV of another form than NAME=value without quotes'],
  ['USER root', 'a second USER'],
  ['FROM scratch', 'a second FROM'],
])('refuses %s, with its line', (line, why) => {
  const changed = `${dockerfile.trimEnd()}\n${line}\n`;
  const number = changed.trimEnd().split('\n').length;
  expect(() => readRecipe(changed)).toThrow(
    expect.objectContaining({
      kind: 'usage',
      code: 'DOCKERFILE_UNSUPPORTED',
      message: `Dockerfile:${number}: ${why}, and is not carried out: an image is a base and one layer of files, and building it runs nothing.`,
      fix: 'Take it out. What has to run belongs into the base, which BASE_IMAGE names.',
    }),
  );
});

test.each([
  [/^ENTRYPOINT .*$/m, 'ENTRYPOINT node server.mjs', 'ENTRYPOINT in another form than ["a", "b"]'],
  [/--interval=10s/, '--retries=3', 'HEALTHCHECK --retries=3'],
  [/^ARG .*$/m, 'ARG BASE_IMAGE', 'FROM an ARG without a value'],
])('refuses %s written as %s', (pattern, replacement, why) => {
  expect(() => readRecipe(dockerfile.replace(pattern, replacement))).toThrow(why);
});
