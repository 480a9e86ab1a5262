import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {beforeAll, describe, expect, onTestFinished, vi} from 'vitest';
import {bundleServer} from '../../../pipeline/io/artifacts/bundle.ts';
import {writeContext} from '../../../pipeline/io/artifacts/context.ts';
import type {Engine} from '../../../pipeline/io/engine/engine.ts';
import {connectEngine} from '../../../pipeline/io/engine/engines.ts';
import {parseEnvironment} from '../../../pipeline/run/environment.ts';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {projectRoot} from '../../helpers/cli-run.ts';
import {startFaultProxy} from '../../helpers/fault-proxy.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {testWith} from '../../helpers/parts.ts';
import {closeAfterTest, imageNameForTest, registryForTest} from '../../helpers/promotion.ts';
import {readTag} from '../../helpers/registry.ts';
import {planeContent} from '../../helpers/server-artifact.ts';

const folder = makeFolder();
const signal = new AbortController().signal;
const contextFolder = join(folder, 'context');
const {baseImage} = parseEnvironment({});

beforeAll(async () => {
  const {bytes} = await bundleServer(null);
  const files = {'server.mjs': bytes, 'model.json': Buffer.from(sealArtifact(planeContent()).text)};
  await writeContext(contextFolder, files, new Date(0));
});

async function connect(name: string, env: Record<string, string | undefined> = {}): Promise<Engine> {
  const engine = await connectEngine(name, {...process.env, ...env});
  if (typeof engine === 'string') throw new Error(engine);
  return engine;
}

/** Builds the plane's image under a name that goes when the test ends. */
async function build(engine: Engine, name: 'docker' | 'podman') {
  const image = imageNameForTest(name);
  const labels = {'some.label': "it's"};
  const recipe = {contextFolder, imageName: `${image}:1`, baseImage, labels};
  return {...(await engine.build(recipe, signal)), image};
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

    testWith(name)('builds an image, starts it, asks its health and stops it', async () => {
      const engine = await connect(name);
      const {subject, imageName, sizeBytes, image} = await build(engine, name);
      expect(imageName).toBe(`${image}:1`);
      expect(sizeBytes).toBeGreaterThan(2 ** 20);
      if (subject.kind !== 'image') throw new Error('no image');
      expect(subject.engine).toBe(name);
      expect(await engine.findDigest(subject, contextFolder)).toBe(subject.id);
      expect(await engine.findImage(subject.id)).toEqual({subject, sizeBytes});
      expect(await engine.findImage(`sha256:${'0'.repeat(64)}`)).toBeUndefined();

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

    testWith(
      name,
      'registry',
      'htpasswd',
    )('pushes and pulls with a login of its own, of which nothing is left', async () => {
      const account = {username: 'robot', password: 'p:a s$s'};
      const registry = await registryForTest({account});
      const temporary = mkdtempSync(join(folder, 'tmp-'));
      vi.stubEnv('TMPDIR', temporary);
      onTestFinished(() => void vi.unstubAllEnvs());
      const engine = await connect(name, {REGISTRY_PASSWORD: account.password});
      const {subject, image} = await build(engine, name);
      const access = {host: registry.host, plainHttp: true, credentials: account};
      const reference = `${registry.host}/${image}`;
      await engine.push(subject, `${reference}:1`, access, signal);
      const answer = await fetch(`http://${registry.host}/v2/${image}/manifests/1`, {
        headers: {
          accept:
            'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json',
          authorization: `Basic ${btoa(`${account.username}:${account.password}`)}`,
        },
      });
      const digest = answer.headers.get('docker-content-digest') ?? '';
      expect(JSON.parse(await answer.text()).config.digest).toBe(
        await engine.findDigest(subject, contextFolder),
      );

      spawnSync(name, ['image', 'rm', '--force', `${image}:1`, `${reference}:1`]);
      expect(await engine.findDigest(subject, contextFolder)).toBeUndefined();
      expect((await engine.pull(`${reference}@${digest}`, access, signal)).subject).toEqual(subject);
      expect(await engine.knowsDigest(subject, digest)).toBe(true);
      expect(await engine.knowsDigest(subject, `sha256:${'0'.repeat(64)}`)).toBe(false);
      expect(readdirSync(temporary)).toEqual([]);
      const wrong = {...access, credentials: {...account, password: 'wrong'}};
      await expect(engine.push(subject, `${reference}:2`, wrong, signal)).rejects.toMatchObject({
        kind: 'engine',
        code: 'PUSH_FAILED',
      });
      expect(readdirSync(temporary)).toEqual([]);
    });

    testWith(name, 'registry')(
      "finds the same digest of the base before and after it is pushed to someone else's repository",
      async () => {
        const engine = await connect(name);
        const before = await engine.resolveBase(baseImage, signal);
        const registry = await registryForTest();
        const copy = `${registry.host}/${imageNameForTest(name)}/copy:1`;
        spawnSync(name, ['tag', baseImage, copy]);
        spawnSync(name, ['push', ...(name === 'podman' ? ['--tls-verify=false'] : []), copy]);
        expect(
          await readTag(registry.host, copy.replace(/^[^/]+\//, '').replace(':1', ''), '1'),
        ).toBeDefined();
        expect(await engine.resolveBase(baseImage, signal)).toEqual(before);
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

    testWith(name, 'registry')('removes the login of a push that was killed', async () => {
      const engine = await connect(name);
      const {subject, image} = await build(engine, name);
      const registry = await registryForTest();
      const proxy = closeAfterTest(
        await startFaultProxy(registry.host, () => {
          return {kind: 'delay', ms: 60_000};
        }),
      );
      const temporary = mkdtempSync(join(folder, 'tmp-'));
      const access = {host: proxy.host, plainHttp: true, credentials: {username: 'a', password: 'b'}};
      const values = [subject, `${proxy.host}/${image}:1`, access].map(value => JSON.stringify(value));
      // tsx has a folder there too
      const listLogins = () => readdirSync(temporary).filter(file => file.includes('login'));
      const isPushing = () => listLogins().length > 0 && proxy.requests.length > 0;
      await killWhen(name, `await engine.push(${values.join(', ')}, signal);`, isPushing, {
        TMPDIR: temporary,
      });
      vi.stubEnv('TMPDIR', temporary);
      onTestFinished(() => void vi.unstubAllEnvs());
      expect(listLogins()).toHaveLength(1);
      await connect(name);
      expect(listLogins()).toEqual([]);
    });
  });
}
