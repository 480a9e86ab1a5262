import {describe, expect, onTestFinished, test} from 'vitest';
import {readDocsFiles} from '../../../pipeline/io/artifacts/docs-files.ts';
import {openBlobCache} from '../../../pipeline/io/image/blob-cache.ts';
import {readEngineBase} from '../../../pipeline/io/image/engine-base.ts';
import {openRepository} from '../../../pipeline/io/registry/registry.ts';
import {checkServer, smokeEnvironment} from '../../../pipeline/smoke/checks.ts';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {amd64, hash, makeSmallImage, putImage} from '../../helpers/base-image.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {startMemoryRegistry} from '../../helpers/memory-registry.ts';
import {makePlaneImage} from '../../helpers/plane-image.ts';
import {planeContent} from '../../helpers/server-artifact.ts';
import {createToyEngine, type ToyEngine} from '../../helpers/toy-engine.ts';

const {artifact, text} = sealArtifact(planeContent());
const signal = new AbortController().signal;
const files = {
  'server.mjs': Buffer.from('// a server\n'),
  ...(await readDocsFiles()),
  'model.json': Buffer.from(text),
};
const cache = openBlobCache(makeFolder());

async function makeImage(engine: ToyEngine, labels = {}) {
  const source = await readEngineBase(await engine.findBase('node:24', signal), cache);
  return makePlaneImage(source, 'plane:1', files, labels);
}

async function startRegistry() {
  const registry = await startMemoryRegistry();
  onTestFinished(() => registry.close());
  const address = {scheme: 'http', host: registry.host, path: 'team'} as const;
  return {registry, repository: openRepository(address, 'plane', null, signal)};
}

describe('an engine that was added for the tests alone', () => {
  test('holds a base, and takes in an image of which it says the id', async () => {
    const engine = createToyEngine();
    const {loadable} = await makeImage(engine);
    const {id} = await engine.load(loadable, signal);
    expect(id).toBe(hash(loadable.config));
    const subject = {kind: 'image', engine: 'toy', id, digest: id} as const;
    expect(await engine.findDigest(subject, '')).toBe(id);
    engine.prune();
    expect(await engine.findDigest(subject, '')).toBeUndefined();
  });

  test('starts the server that releases have, which passes the smoke test', async () => {
    const engine = createToyEngine();
    const {loadable, image} = await makeImage(engine);
    const {id} = await engine.load(loadable, signal);
    const subject = {kind: 'image', engine: 'toy', id, digest: image.digest} as const;
    const [contextFolder, imageName] = ['', 'plane:1'];
    const running = await engine.start(subject, {contextFolder, imageName, env: smokeEnvironment, signal});
    const {checks} = await checkServer({url: running.url, artifact, hasCard: false, signal}, 'all');
    expect(checks.filter(({passed}) => !passed)).toEqual([]);
    const answer = await fetch(`${running.url}/predict`, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: '{"features": [[1, 1]]}',
    });
    // y = 2a + 3b + 5
    expect(await answer.json()).toEqual({prediction: [10], model_version: artifact.version});
    expect(engine.countRunning()).toBe(1);
    expect(await running.stop(1_000)).toBe(0);
    await running.remove();
    expect(engine.countRunning()).toBe(0);
    await expect(fetch(running.url)).rejects.toThrow('fetch failed');
  });
});

describe('a registry in memory', () => {
  test('says in its own words what is not there', async () => {
    const {registry, repository} = await startRegistry();
    const ask = async (path: string) => {
      const answer = await fetch(`http://${registry.host}/v2/${path}`);
      return [answer.status, JSON.parse(await answer.text()).errors[0].code];
    };
    expect(await ask('team/plane/manifests/1')).toEqual([404, 'MANIFEST_UNKNOWN']);
    expect(await ask('team/plane/tags/list')).toEqual([404, 'NAME_UNKNOWN']);
    expect(await ask(`team/plane/blobs/sha256:${'0'.repeat(64)}`)).toEqual([404, 'BLOB_UNKNOWN']);
    expect(await repository.getManifest('1')).toBeUndefined();
  });

  test('pages its tags, and moves a tag as another run would', async () => {
    const {registry, repository} = await startRegistry();
    for (const tag of ['b', 'a', 'c']) await putImage(repository, await makeSmallImage(amd64), tag);
    const answer = await fetch(`http://${registry.host}/v2/team/plane/tags/list?n=2`);
    expect(await answer.json()).toEqual({name: 'team/plane', tags: ['a', 'b']});
    expect(answer.headers.get('link')).toBe('</v2/team/plane/tags/list?n=2&last=b>; rel="next"');
    const digest = registry.readTag('team/plane', 'a')?.digest ?? '';
    registry.setTag('team/plane', 'production', digest);
    expect((await repository.getManifest('production'))?.digest).toBe(digest);
    registry.setTag('team/plane', 'production', null);
    expect(registry.listTags('team/plane')).toEqual(['a', 'b', 'c']);
  });
});
