import {mkdtempSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openBlobCache} from '../../../pipeline/io/image/blob-cache.ts';
import {readRegistryBase} from '../../../pipeline/io/image/registry-base.ts';
import {RegistryAddress} from '../../../pipeline/io/registry/address.ts';
import {openRepository} from '../../../pipeline/io/registry/registry.ts';
import {amd64, arm64, makeSmallImage, putBase, putImage} from '../../helpers/base-image.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {shareMemoryRegistry} from '../../helpers/memory-registry.ts';

const shared = shareMemoryRegistry();

const folder = makeFolder();
const {signal} = new AbortController();

function openBase(path: string) {
  return openRepository(RegistryAddress.parse(shared.current.host), path, null, signal);
}

function options(path: string, cacheFolder = mkdtempSync(join(folder, 'cache-'))) {
  return {repository: openBase(path), cache: openBlobCache(cacheFolder), platforms: [amd64, arm64]};
}

describe('a base in a registry', () => {
  test('is read for the platforms that are asked for, its layers on demand', async () => {
    const {reference, digest} = await putBase(shared.current.host);
    const source = await readRegistryBase(reference, {...options('base/node'), platforms: [arm64]});
    const image = await makeSmallImage(arm64);
    expect(source?.base).toMatchObject({name: reference, digest, parts: [{platform: arm64}]});
    const [layer] = source?.base.parts[0]?.layers ?? [];
    if (layer === undefined) throw new Error('no layer');
    const path = await source?.locateLayer(layer);
    expect(readFileSync(path ?? '').equals(image.layer)).toBe(true);
  });

  test('is asked for once where its digest is known, and a file that was changed is asked for again', async () => {
    const {reference, digest} = await putBase(shared.current.host);
    const cacheFolder = mkdtempSync(join(folder, 'cache-'));
    const pinned = `${reference}@${digest}`;
    const first = await readRegistryBase(pinned, options('base/node', cacheFolder));
    const before = shared.current.requests.length;
    expect((await readRegistryBase(pinned, options('base/node', cacheFolder)))?.base).toEqual(first?.base);
    expect(shared.current.requests.length).toBe(before);
    for (const file of readdirSync(cacheFolder)) writeFileSync(join(cacheFolder, file), 'changed');
    expect((await readRegistryBase(pinned, options('base/node', cacheFolder)))?.base).toEqual(first?.base);
  });

  test('that is one image and no index has the one platform', async () => {
    const image = await makeSmallImage(amd64);
    await putImage(openBase('base/single'), image, '1');
    const source = await readRegistryBase(`${shared.current.host}/base/single:1`, options('base/single'));
    expect(source?.base.parts.map(({platform}) => platform)).toEqual([amd64]);
  });

  test('that is not there is none', async () => {
    expect(
      await readRegistryBase(`${shared.current.host}/base/none:1`, options('base/none')),
    ).toBeUndefined();
  });

  test('that has no platform of ours is refused with those that it has', async () => {
    const windows = {os: 'windows', architecture: 'amd64'};
    const {reference} = await putBase(shared.current.host, [windows], 'base/windows');
    await expect(readRegistryBase(reference, options('base/windows'))).rejects.toMatchObject({
      kind: 'usage',
      code: 'BASE_PLATFORM',
      message: `The base image ${reference} is for windows/amd64; asked for is linux/amd64, linux/arm64/v8.`,
    });
  });

  test.each([
    ['a configuration of another number of layers', {layers: []}, /is not that of an image with its layers/],
    ['neither layers nor images', {config: undefined, layers: undefined}, /neither an image nor an index/],
    [
      'layers that are elsewhere',
      {layers: [{mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', size: 1}]},
      /the layers of sha256:.* are not those of an image/,
    ],
  ])('with %s is refused', async (_, change: object, message) => {
    const image = await makeSmallImage(amd64);
    const repository = openBase('base/broken');
    await putImage(repository, image, '1');
    const manifest = JSON.parse(String(image.manifest));
    const [layer] = manifest.layers;
    const changed: {layers?: object[] | undefined} = {...manifest, ...change};
    changed.layers = changed.layers?.map(own => ({...layer, ...own}));
    const bytes = Buffer.from(JSON.stringify(changed));
    await repository.putManifest('1', {mediaType: manifest.mediaType, bytes}, {overwrites: true});
    await expect(
      readRegistryBase(`${shared.current.host}/base/broken:1`, options('base/broken')),
    ).rejects.toMatchObject({
      kind: 'engine',
      code: 'BASE_IMAGE_BROKEN',
      message: expect.stringMatching(message),
    });
  });
});
