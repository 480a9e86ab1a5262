import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {gzipSync} from 'node:zlib';
import {beforeAll, describe, expect, onTestFinished} from 'vitest';
import {nameBlob, packLayer} from '../../../pipeline/core/release/layer.ts';
import {bundleServer} from '../../../pipeline/io/artifacts/bundle.ts';
import type {Engine} from '../../../pipeline/io/engine/engine.ts';
import {connectEngine} from '../../../pipeline/io/engine/engines.ts';
import {readEngineBase} from '../../../pipeline/io/image/engine-base.ts';
import {openImageCache} from '../../../pipeline/run/base.ts';
import {parseEnvironment} from '../../../pipeline/run/environment.ts';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {amd64, makeSmallImage} from '../../helpers/base-image.ts';
import {projectRoot} from '../../helpers/cli-run.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {testWith} from '../../helpers/parts.ts';
import {makePlaneImage} from '../../helpers/plane-image.ts';
import {imageNameForTest, registryForTest} from '../../helpers/promotion.ts';
import {readTag} from '../../helpers/registry.ts';
import {planeContent} from '../../helpers/server-artifact.ts';

const folder = makeFolder();
const signal = new AbortController().signal;
const contextFolder = join(folder, 'context');
const {baseImage} = parseEnvironment({});

let files: Record<string, Uint8Array> = {};
beforeAll(async () => {
  const {bytes, docs} = await bundleServer();
  files = {'server.mjs': bytes, ...docs, 'model.json': Buffer.from(sealArtifact(planeContent()).text)};
});

async function connect(name: string, env: Record<string, string | undefined> = {}): Promise<Engine> {
  const engine = await connectEngine(name, {...process.env, ...env});
  if (typeof engine === 'string') throw new Error(engine);
  return engine;
}

/** Brings the plane's image into an engine, on the base that it holds, under a name that goes when the test ends. */
async function build(engine: Engine, name: 'docker' | 'podman') {
  const image = imageNameForTest(name);
  const source = await readEngineBase(await engine.findBase(baseImage, signal), openImageCache());
  const made = await makePlaneImage(source, `${image}:1`, files, {'some.label': "it's"});
  const {id, sizeBytes} = await engine.load(made.loadable, signal);
  const subject = {kind: 'image', engine: name, id, digest: made.image.digest} as const;
  return {...made, subject, sizeBytes, imageName: `${image}:1`, image};
}

/**
 * Runs a piece of TypeScript that uses `engine` as a run of its own, until `isSo`, and then kills it and all that
 * it has started.
 */
async function killWhen(name: string, script: string, isSo: () => boolean, env = {}): Promise<void> {
  const file = join(mkdtempSync(join(folder, 'run-')), 'run.mts');
  const engines = JSON.stringify(join(projectRoot, 'pipeline/io/engine/engines.ts'));
  writeFileSync(
    file,
    `import {connectEngine} from ${engines};
    const signal = new AbortController().signal;
    const engine = await connectEngine('${name}', process.env);
    if (typeof engine === 'string') throw new Error(engine);
    ${script}
    setInterval(() => {}, 1000);`,
  );
  const run = spawn(process.execPath, ['--import', 'tsx', file], {
    cwd: projectRoot,
    env: {...process.env, ...env},
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const deadline = performance.now() + 60_000;
  while (!isSo() && run.exitCode === null && performance.now() < deadline) await sleep(50);
  const ended = once(run, 'exit');
  if (run.pid !== undefined) process.kill(-run.pid, 'SIGKILL');
  await ended;
  expect(isSo()).toBe(true);
}

for (const name of ['docker', 'podman'] as const) {
  const listContainers = (prefix: string) =>
    spawnSync(name, ['ps', '--all', '--format', '{{.Names}}', '--filter', `name=${prefix}`], {
      encoding: 'utf8',
    })
      .stdout.split('\n')
      .filter(line => line !== '');

  describe(name, () => {
    testWith(name)('is connected to in spite of a ~/.bashrc that takes long and prints', async () => {
      const home = mkdtempSync(join(folder, 'home-'));
      writeFileSync(join(home, '.bashrc'), 'echo Welcome; sleep 20\n');
      for (const SHLVL of [undefined, '0'])
        expect((await connect(name, {HOME: home, SHLVL})).version).toMatch(/^\d+\.\d+/);
    });

    testWith(name)('takes in an image, starts it, asks its health and stops it', async () => {
      const engine = await connect(name);
      const {subject, imageName, sizeBytes, image, loadable} = await build(engine, name);
      expect(sizeBytes).toBeGreaterThan(2 ** 20);
      // the id is the digest of the configuration, which was computed without the engine
      expect(subject.id).toBe(nameBlob(loadable.config).digest);
      expect(await engine.findDigest(subject, contextFolder)).toBe(subject.id);

      const options = {contextFolder, imageName, env: {LOG_LEVEL: 'debug'}, signal};
      const running = await engine.start(subject, options);
      onTestFinished(() => running.remove());
      const deadline = performance.now() + 30_000;
      const isReady = async () => (await fetch(`${running.url}/readyz`).catch(() => undefined))?.ok === true;
      while (!(await isReady()) && performance.now() < deadline) await sleep(25);
      expect(await isReady()).toBe(true);
      expect(await running.hasEnded()).toBe(false);
      expect(await running.checkHealth?.()).toBe(true);
      expect(await running.stop(15_000)).toBe(0);
      expect(await running.hasEnded()).toBe(true);
      expect(await running.readLog()).toMatch(/"stopping"/);
      expect(listContainers(`smoke-${image}`)).toHaveLength(1);
      await running.remove();
      expect(listContainers(`smoke-${image}`)).toEqual([]);
    });

    testWith(name)('keeps an image under its tag and its channel', async () => {
      const engine = await connect(name);
      const {subject, image} = await build(engine, name);
      const release = {contextFolder, imageName: image, tag: '1', channel: 'production', releasesFolder: ''};
      const digest = await engine.findDigest(subject, contextFolder);
      expect(await engine.keep(subject, release)).toEqual({
        store: 'engine',
        ref: `${image}:production`,
        digest,
      });
    });

    testWith(name)('takes in a whole image where it lacks the base', async () => {
      const engine = await connect(name);
      // a base that no engine has ever seen
      const {config, archive} = await makeSmallImage({...amd64, variant: imageNameForTest(name)});
      const own = packLayer(archive);
      const layer = join(folder, `own-base-${name}.tar`);
      writeFileSync(layer, gzipSync(Buffer.concat([archive, Buffer.alloc(512)])));
      const {rootfs: _, ...rest} = JSON.parse(String(config));
      const base = nameBlob(Buffer.concat([archive, Buffer.alloc(512)])).digest;
      const settings = {...rest, variant: undefined, rootfs: {type: 'layers', diff_ids: [base, own.diffId]}};
      const image = imageNameForTest(name);
      const loaded = await engine.load(
        {
          name: `${image}:1`,
          config: Buffer.from(JSON.stringify(settings)),
          layers: [
            {diffId: base, content: async () => layer},
            {diffId: own.diffId, content: own.blob.bytes},
          ],
        },
        signal,
      );
      expect(loaded.id).toBe(nameBlob(Buffer.from(JSON.stringify(settings))).digest);
    });

    testWith(name, 'registry')(
      "finds the same digest of the base before and after it is pushed to someone else's repository",
      async () => {
        const engine = await connect(name);
        const {save: _, ...before} = await engine.findBase(baseImage, signal);
        const registry = await registryForTest();
        const copy = `${registry.host}/${imageNameForTest(name)}/copy:1`;
        spawnSync(name, ['tag', baseImage, copy]);
        spawnSync(name, ['push', ...(name === 'podman' ? ['--tls-verify=false'] : []), copy]);
        expect(
          await readTag(registry.host, copy.replace(/^[^/]+\//, '').replace(':1', ''), '1'),
        ).toBeDefined();
        expect(await engine.findBase(baseImage, signal)).toMatchObject(before);
      },
    );

    testWith(name)('removes the container of a run that was killed, and no other', async () => {
      const engine = await connect(name);
      const {subject, imageName, image} = await build(engine, name);
      const options = {contextFolder, imageName, env: {}};
      const script = `await engine.start(${JSON.stringify(subject)}, {...${JSON.stringify(options)}, signal});`;
      await killWhen(name, script, () => listContainers(`smoke-${image}`).length === 1);
      const [left] = listContainers(`smoke-${image}`);
      const running = await engine.start(subject, {...options, signal});
      onTestFinished(() => running.remove());
      expect(listContainers(`smoke-${image}`)).toHaveLength(2);
      await connect(name);
      const remaining = listContainers(`smoke-${image}`);
      expect(remaining).toHaveLength(1);
      expect(remaining).not.toContain(left);
    });
  });
}
