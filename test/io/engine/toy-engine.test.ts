import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {writeContext} from '../../../pipeline/io/artifacts/context.ts';
import {readDocsFiles} from '../../../pipeline/io/artifacts/docs-files.ts';
import {openRepository} from '../../../pipeline/io/registry/registry.ts';
import {readRelease} from '../../../pipeline/io/registry/release-image.ts';
import {checkServer, smokeEnvironment} from '../../../pipeline/smoke/checks.ts';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {startMemoryRegistry} from '../../helpers/memory-registry.ts';
import {planeContent} from '../../helpers/server-artifact.ts';
import {createToyEngine} from '../../helpers/toy-engine.ts';

const {artifact, text} = sealArtifact(planeContent());
const signal = new AbortController().signal;
const contextFolder = join(makeFolder(), 'context');
await writeContext(
  contextFolder,
  {...(await readDocsFiles()), 'server.mjs': Buffer.from('// a server\n'), 'model.json': Buffer.from(text)},
  new Date(0),
);
const recipe = {contextFolder, imageName: 'plane:1', baseImage: 'node:24', labels: {'some.label': 'x'}};

async function startRegistry() {
  const registry = await startMemoryRegistry();
  onTestFinished(() => registry.close());
  const address = {scheme: 'http', host: registry.host, path: 'team'} as const;
  return {
    registry,
    repository: openRepository(address, 'plane', null, signal),
    access: {host: registry.host, plainHttp: true, credentials: null},
  };
}

describe('an engine that was added for the tests alone', () => {
  test('builds the same image from the same folder and labels', async () => {
    const [one, other] = [createToyEngine(), createToyEngine()];
    const {subject} = await one.build(recipe, signal);
    expect((await other.build(recipe, signal)).subject).toEqual(subject);
    const relabelled = await one.build({...recipe, labels: {}}, signal);
    expect(relabelled.subject).not.toEqual(subject);
  });

  test('starts the server that releases have, which passes the smoke test', async () => {
    const engine = createToyEngine();
    const {subject, imageName} = await engine.build(recipe, signal);
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

  test('pushes a release that is read from the registry, and pulled by another machine', async () => {
    const {registry, repository, access} = await startRegistry();
    const engine = createToyEngine();
    const {subject} = await engine.build(recipe, signal);
    await engine.push(subject, `${repository.reference}:1`, access, signal);
    const manifest = await repository.getManifest('1');
    if (manifest === undefined) throw new Error('no manifest');
    expect(await repository.listTags()).toEqual(['1']);
    expect(registry.readTag('team/plane', '1')?.digest).toBe(manifest.digest);
    const release = await readRelease(repository, manifest);
    expect(release).toMatchObject({artifact, text, labels: {'some.label': 'x'}});
    expect(await engine.knowsDigest(subject, manifest.digest)).toBe(true);

    const other = createToyEngine();
    expect(await other.findImage(release.configDigest)).toBeUndefined();
    expect((await other.pull(release.reference, access, signal)).subject).toEqual(subject);
    expect(await other.findImage(release.configDigest)).toMatchObject({subject});
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
    const {registry, repository, access} = await startRegistry();
    const engine = createToyEngine();
    const {subject} = await engine.build(recipe, signal);
    for (const tag of ['b', 'a', 'c'])
      await engine.push(subject, `${repository.reference}:${tag}`, access, signal);
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
