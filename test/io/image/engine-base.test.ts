import {mkdtempSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {packTar} from 'modern-tar';
import {expect, test} from 'vitest';
import {openBlobCache} from '../../../pipeline/io/image/blob-cache.ts';
import {readEngineBase} from '../../../pipeline/io/image/engine-base.ts';
import {amd64, hash, makeSmallImage} from '../../helpers/base-image.ts';
import {makeFolder} from '../../helpers/folder.ts';

const folder = makeFolder();
const image = await makeSmallImage(amd64);

/** An image in an engine that writes it as `docker save` does, with these files changed. */
function holdImage(changes: Record<string, Buffer> = {}) {
  let saved = 0;
  const files = {
    'config.json': image.config,
    'abc/layer.tar': image.archive,
    'manifest.json': Buffer.from(JSON.stringify([{Config: 'config.json', Layers: ['abc/layer.tar']}])),
    ...changes,
  };
  const held = {
    name: 'node:24',
    digest: `sha256:${'b'.repeat(64)}`,
    id: hash(image.config),
    async save(path: string) {
      saved++;
      const entries = Object.entries(files).map(([name, body]) => ({
        header: {name, size: body.length},
        body,
      }));
      writeFileSync(path, await packTar(entries));
    },
  };
  return {held, countSaved: () => saved};
}

test('a base that only an engine holds is taken apart, once', async () => {
  const cacheFolder = mkdtempSync(join(folder, 'cache-'));
  const {held, countSaved} = holdImage();
  const cache = openBlobCache(cacheFolder);
  const source = await readEngineBase(held, cache);
  const layer = {
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    digest: hash(image.archive),
    size: image.archive.length,
  };
  expect(source.base).toMatchObject({
    name: 'node:24',
    digest: held.digest,
    parts: [{platform: amd64, config: {created: '2026-01-01T00:00:00Z'}, layers: [layer]}],
  });
  expect(await readEngineBase(held, cache)).toMatchObject({base: source.base});
  expect(readFileSync(await source.locateLayer(layer)).equals(image.archive)).toBe(true);
  expect(countSaved()).toBe(1);
  expect(readdirSync(cacheFolder).filter(name => name.startsWith('writing-'))).toEqual([]);
});

const manifest = (value: object) => ({'manifest.json': Buffer.from(JSON.stringify([value]))});
test.each([
  ['no manifest.json', {'manifest.json': Buffer.from('{}')}, /no manifest\.json of one image/],
  ['a path that leads out', manifest({Config: '../config.json', Layers: []}), /names "\.\.\/config\.json"/],
  ['a layer too few', manifest({Config: 'config.json', Layers: []}), /no configuration with its layers/],
  [
    'another layer',
    {'abc/layer.tar': Buffer.from('something else')},
    /layer abc\/layer\.tar has digest sha256/,
  ],
])('an archive with %s is not believed', async (_, changes, message) => {
  const {held} = holdImage(changes);
  const reading = readEngineBase(held, openBlobCache(mkdtempSync(join(folder, 'cache-'))));
  await expect(reading).rejects.toMatchObject({
    kind: 'engine',
    code: 'BASE_IMAGE_BROKEN',
    message: expect.stringMatching(message),
  });
});
