import {expect, test} from 'vitest';
import {
  type Base,
  type BasePart,
  choosePlatforms,
  servesPlatform,
} from '../../../pipeline/core/release/base.ts';
import {assembleImage} from '../../../pipeline/core/release/image.ts';
import {packLayer} from '../../../pipeline/core/release/layer.ts';
import {readRecipe} from '../../../pipeline/core/release/recipe.ts';

const recipe = readRecipe(`FROM base:1
ENV PATH=/own MODEL_PATH=/app/model.json
USER 65532
EXPOSE 8000
HEALTHCHECK CMD ["/node", "--healthcheck"]
ENTRYPOINT ["/node"]
`);
const layer = packLayer(Buffer.from('an archive'));

function part(architecture: string, change: Partial<BasePart['config']> = {}): BasePart {
  const digest = `sha256:${architecture.charCodeAt(1).toString(16).repeat(32)}`;
  return {
    platform: {os: 'linux', architecture},
    digest,
    config: {
      created: '2026-01-02T03:04:05Z',
      os: 'linux',
      architecture,
      config: {Env: ['PATH=/bin', 'LANG=C'], Labels: {of: 'the base'}},
      rootfs: {type: 'layers', diff_ids: [digest]},
      history: [{created_by: 'first'}, {created_by: 'nothing', empty_layer: true}],
      ...change,
    },
    layers: [{mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', digest, size: 7}],
  };
}
const base: Base = {
  name: 'base:1',
  digest: `sha256:${'b'.repeat(64)}`,
  parts: [part('arm64'), part('amd64')],
};

function parse(bytes: Buffer | undefined) {
  return JSON.parse(String(bytes));
}

test('an image is what the base has, and what the recipe says', () => {
  const {index, parts} = assembleImage(base, recipe, layer, {'some.label': 'x'});
  const labels = {
    'org.opencontainers.image.base.digest': base.parts[1]?.digest,
    'org.opencontainers.image.base.name': 'base:1',
    'some.label': 'x',
  };
  expect(parse(index.bytes).manifests.map(({platform}: {platform: object}) => platform)).toEqual([
    {os: 'linux', architecture: 'amd64'},
    {os: 'linux', architecture: 'arm64'},
  ]);
  expect(parse(index.bytes).annotations).toEqual({
    ...labels,
    'org.opencontainers.image.base.digest': base.digest,
  });
  const [amd64] = parts;
  expect(parse(amd64?.config.bytes)).toEqual({
    created: '2026-01-02T03:04:05Z',
    os: 'linux',
    architecture: 'amd64',
    config: {
      User: '65532',
      ExposedPorts: {'8000/tcp': {}},
      Env: ['PATH=/own', 'LANG=C', 'MODEL_PATH=/app/model.json'],
      Entrypoint: ['/node'],
      Labels: {...labels, of: 'the base'},
      Healthcheck: {Test: ['CMD', '/node', '--healthcheck']},
    },
    rootfs: {type: 'layers', diff_ids: [base.parts[1]?.digest, layer.diffId]},
    history: [
      {created_by: 'first'},
      {created_by: 'nothing', empty_layer: true},
      {created: '2026-01-02T03:04:05Z', created_by: 'csv-to-server'},
    ],
  });
  expect(parse(amd64?.manifest.bytes)).toMatchObject({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {mediaType: 'application/vnd.oci.image.config.v1+json', digest: amd64?.config.digest},
    layers: [
      {mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: base.parts[1]?.digest, size: 7},
      {mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: layer.blob.digest},
    ],
    annotations: labels,
  });
});

test('an image is the same in whatever order the platforms and labels come', () => {
  const [one, other] = [
    assembleImage(base, recipe, layer, {a: '1', b: '2'}),
    assembleImage({...base, parts: [...base.parts].reverse()}, recipe, layer, {b: '2', a: '1'}),
  ];
  expect(other.digest).toBe(one.digest);
});

test('a history that does not fit the layers is left out', () => {
  const {parts} = assembleImage({...base, parts: [part('amd64', {history: []})]}, recipe, layer, {});
  expect(parse(parts[0]?.config.bytes)).not.toHaveProperty('history');
});

test('of a base those platforms are taken that are asked for', () => {
  const amd64 = {os: 'linux', architecture: 'amd64'};
  expect(choosePlatforms(base, [amd64, {os: 'linux', architecture: 's390x'}]).parts).toEqual([base.parts[1]]);
  expect(() => choosePlatforms(base, [{os: 'windows', architecture: 'amd64'}])).toThrow(
    expect.objectContaining({
      kind: 'usage',
      code: 'BASE_PLATFORM',
      message: 'The base image base:1 is for linux/arm64, linux/amd64; asked for is windows/amd64.',
    }),
  );
});

test.each([
  [undefined, undefined, true],
  ['v8', undefined, true],
  ['v7', 'v6', false],
])('a variant %s serves %s: %s', (variant, wanted, serves) => {
  const arm = {os: 'linux', architecture: 'arm'};
  expect(servesPlatform({...arm, variant}, {...arm, variant: wanted})).toBe(serves);
});
