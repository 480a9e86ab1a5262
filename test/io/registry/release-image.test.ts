import {randomBytes} from 'node:crypto';
import {gzipSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {readChampion} from '../../../pipeline/io/registry/champion.ts';
import {openRepository} from '../../../pipeline/io/registry/registry.ts';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {failureText} from '../../helpers/failure-text.ts';
import {shareMemoryRegistry} from '../../helpers/memory-registry.ts';
import {
  digestOf,
  type MadeImage,
  makeImage,
  manifestType,
  pushBlob,
  pushImage,
  pushManifest,
} from '../../helpers/release-maker.ts';
import {planeContent} from '../../helpers/server-artifact.ts';

const shared = shareMemoryRegistry();

let repositories = 0;
function openNew() {
  const name = `plane-${++repositories}`;
  const address = {scheme: 'http', host: shared.current.host, path: ''} as const;
  return {name, repository: openRepository(address, name, null, new AbortController().signal)};
}

const {artifact, text} = sealArtifact(planeContent());
const whole = {'app/model.json': text, 'app/server.mjs': 'serve()', 'app/model-card.md': '# Plane'};

/** Reads the champion that such an image is. */
async function readPushed(made: MadeImage) {
  const {name, repository} = openNew();
  const digest = await pushImage(shared.current.host, name, ['production'], made);
  return {
    digest,
    reference: `${shared.current.host}/${name}@${digest}`,
    release: () => readChampion(repository, 'production'),
  };
}

describe('a champion', () => {
  test('is read with all that the registry has of it', async () => {
    const parent = digestOf('the one before');
    const labels = {'csv-to-server.parent.digest': parent, 'csv-to-server.model.mse': '0.25'};
    const {digest, reference, release} = await readPushed({files: whole, labels});
    expect(await release()).toMatchObject({
      digest,
      reference,
      labels,
      parent,
      builtAt: '2026-01-02T03:04:05Z',
      modelVersion: artifact.version,
      artifact,
      text,
      card: '# Plane',
      serverSha256: digestOf('serve()').slice('sha256:'.length),
      layerBytes: Buffer.byteLength(text) + 'serve()'.length + '# Plane'.length,
    });
  });

  test('is not there where the registry says so', async () => {
    expect(await readChampion(openNew().repository, 'production')).toBeUndefined();
  });

  test('is found in an index, whose digest is then its own', async () => {
    const {name, repository} = openNew();
    const image = await makeImage({files: whole});
    await pushImage(shared.current.host, name, ['inner'], {files: whole});
    const attestation = {
      mediaType: manifestType,
      digest: image.digest,
      size: 1,
      platform: {os: 'unknown', architecture: 'unknown'},
    };
    const own = {...attestation, platform: {os: 'linux', architecture: 'arm64'}};
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const index = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, manifests: [attestation, own]}));
    await pushManifest(shared.current.host, name, 'production', index, mediaType);
    expect(await readChampion(repository, 'production')).toMatchObject({digest: digestOf(index), artifact});
  });

  test('written by a newer program is a release whose model cannot be read', async () => {
    const model = '{"formatVersion":99,"kind":"forest"}\n';
    const {digest, release} = await readPushed({
      files: {...whole, 'app/model.json': model},
      labels: {'csv-to-server.model.version': 'abcdef012345'},
    });
    expect(await release()).toMatchObject({
      digest,
      modelVersion: 'abcdef012345',
      text: model,
      artifact: null,
      problem: expect.stringMatching(/^\/app\/model\.json has format version 99; .*[^.]$/),
    });
  });

  test('with a parent that is no digest has none', async () => {
    const {release} = await readPushed({
      files: whole,
      labels: {'csv-to-server.parent.digest': '../../_catalog'},
    });
    expect(await release()).toMatchObject({parent: null});
  });
});

describe('a champion that is broken', () => {
  const {'app/model.json': _, ...withoutModel} = whole;
  const flipped = text.replace('"intercept":5', '"intercept":6');
  test.each<[string, MadeImage, string]>([
    [
      'has no model',
      {files: withoutModel},
      'its last layer holds no /app/model.json: it was not built by this program.',
    ],
    [
      'has no server',
      {files: {'app/model.json': text}},
      'its last layer holds no /app/server.mjs: it was not built by this program.',
    ],
    [
      'has half a model',
      {files: {...whole, 'app/model.json': text.slice(0, 100)}},
      '/app/model.json is not JSON',
    ],
    [
      'has a model that was changed',
      {files: {...whole, 'app/model.json': flipped}},
      '/app/model.json was changed after it was written',
    ],
    [
      'has a model without a format',
      {files: {...whole, 'app/model.json': '{}'}},
      '/app/model.json is not a model artifact',
    ],
    [
      'has a layer that was cut off',
      {layer: gzipSync(randomBytes(1000)).subarray(0, 500)},
      'its last layer cannot be unpacked.',
    ],
    ['has an empty layer', {layer: Buffer.alloc(0)}, 'its last layer cannot be unpacked.'],
    ['has a configuration that is none', {config: '<html>'}, 'its configuration is not that of an image.'],
    ['has a configuration of another kind', {config: '{}'}, 'its configuration is not that of an image.'],
  ])('is never taken for none: it %s', async (_, made, why) => {
    const {reference, release} = await readPushed(made);
    const told = await failureText(release());
    expect(told).toContain(
      `engine RELEASE_BROKEN\n${reference} is not a release that can be compared with: ${why}`,
    );
    expect(told).toContain(
      '\nFix: Move the channel to a release that is whole with `npm run rollback -- --to TAG`',
    );
  });

  test('says what it is where it is no image at all', async () => {
    const {name, repository} = openNew();
    const other = Buffer.from('{"schemaVersion":1,"name":"x","tag":"y"}');
    await pushManifest(shared.current.host, name, 'production', other, 'application/json');
    expect(await failureText(readChampion(repository, 'production'))).toContain(
      'its manifest is not that of an image',
    );
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const index = Buffer.from('{"schemaVersion":2,"manifests":[]}');
    await pushManifest(shared.current.host, name, 'production', index, mediaType);
    expect(await failureText(readChampion(repository, 'production'))).toContain(
      'its index names no image for Linux',
    );
  });

  test('is refused unread where its layer is larger than ours can be', async () => {
    const {name, repository} = openNew();
    const config = Buffer.from('{"os":"linux","architecture":"amd64","config":{}}');
    await pushBlob(shared.current.host, name, config);
    await pushBlob(shared.current.host, name, Buffer.from('small'));
    const blob = {mediaType: 'application/octet-stream', digest: digestOf('small'), size: 2 ** 40};
    const manifest = {
      schemaVersion: 2,
      config: {...blob, digest: digestOf(config), size: config.length},
      layers: [blob],
    };
    await pushManifest(
      shared.current.host,
      name,
      'production',
      Buffer.from(JSON.stringify(manifest)),
      manifestType,
    );
    const before = shared.current.requests.length;
    expect(await failureText(readChampion(repository, 'production'))).toContain(
      'its last layer has 1099511627776 bytes',
    );
    expect(
      shared.current.requests.slice(before).filter(request => request.includes(digestOf('small'))),
    ).toEqual([]);
  });
});
