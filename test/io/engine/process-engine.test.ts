import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {mkdtempSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import {hashContext, readContext} from '../../../pipeline/io/artifacts/context.ts';
import {connectEngine} from '../../../pipeline/io/engine/engines.ts';
import {projectRoot} from '../../helpers/cli-run.ts';
import {makeFolder} from '../../helpers/folder.ts';

const folder = makeFolder();
const signal = new AbortController().signal;

async function connect() {
  const engine = await connectEngine('none', {PATH: process.env.PATH, REGISTRY_PASSWORD: 's3cret'});
  if (typeof engine === 'string') throw new Error(engine);
  return engine;
}

/** A folder with a server that does this, and then tells where it listens. */
function makeContext(script: string): string {
  const place = mkdtempSync(join(folder, 'context-'));
  const listening = `console.log(JSON.stringify({address: 'http://127.0.0.1:4711'}));`;
  writeFileSync(join(place, 'server.mjs'), `${script}\n${listening}\n`);
  writeFileSync(join(place, 'model.json'), '{}');
  return place;
}

/** What the stage `build` says of a folder. */
async function describeBundle(contextFolder: string) {
  return {kind: 'bundle', sha256: hashContext(await readContext(contextFolder))} as const;
}

const stay = 'setInterval(() => {}, 1000);';

describe('the engine without containers', () => {
  test('has a bundle for an image, which is the hash of its files', async () => {
    const engine = await connect();
    const contextFolder = makeContext(stay);
    const sha256 = createHash('sha256')
      .update(readFileSync(join(contextFolder, 'server.mjs')))
      .update('{}')
      .digest('hex');
    const subject = {kind: 'bundle', sha256} as const;
    expect(engine.platform).toBeNull();
    expect(await engine.findDigest(subject, contextFolder)).toBe(`sha256:${sha256}`);
    writeFileSync(join(contextFolder, 'model.json'), '{"changed": true}');
    expect(await engine.findDigest(subject, contextFolder)).not.toBe(`sha256:${sha256}`);
    const [id, digest] = [`sha256:${sha256}`, `sha256:${sha256}`];
    const image = {kind: 'image', engine: 'docker', id, digest} as const;
    expect(await engine.findDigest(image, contextFolder)).toBeUndefined();
  });

  test('keeps a release as a folder, once, and refuses one that was changed since', async () => {
    const engine = await connect();
    const contextFolder = makeContext(stay);
    const subject = await describeBundle(contextFolder);
    const releasesFolder = join(folder, 'releases');
    const release = {contextFolder, imageName: 'iris', tag: 'tag', channel: 'production', releasesFolder};
    const ref = join(releasesFolder, 'tag');
    const digest = await engine.findDigest(subject, contextFolder);
    for (let i = 0; i < 2; i++)
      expect(await engine.keep(subject, release)).toEqual({store: 'folder', ref, digest});
    expect(readdirSync(releasesFolder)).toEqual(['tag']);
    writeFileSync(join(ref, 'model.json'), '{"changed": true}');
    await expect(engine.keep(subject, release)).rejects.toMatchObject({
      kind: 'rejected',
      code: 'SUBJECT_CHANGED',
      message: `${ref} holds ${await engine.findDigest(subject, ref)}, expected the ${digest} that was tested: it was changed after it was released, or cut short.`,
      fix: `Remove ${ref} and run npm run push again.`,
    });
  });

  test('starts the server where it says that it listens, and stops it', async () => {
    const engine = await connect();
    const contextFolder = makeContext(
      `process.on('SIGTERM', () => process.exit(3)); console.log(process.env.OWN, process.env.REGISTRY_PASSWORD); ${stay}`,
    );
    const subject = await describeBundle(contextFolder);
    const options = {contextFolder, imageName: null, env: {OWN: 'given'}, signal};
    const running = await engine.start(subject, options);
    expect(running.url).toBe('http://127.0.0.1:4711');
    expect(running.checkHealth).toBeNull();
    expect(await running.hasEnded()).toBe(false);
    expect(await running.stop(10_000)).toBe(3);
    expect(await running.hasEnded()).toBe(true);
    expect(await running.readLog()).toBe('given undefined\n{"address":"http://127.0.0.1:4711"}');
    await running.remove();
  });

  test('kills a server that does not stop in time', async () => {
    const engine = await connect();
    const contextFolder = makeContext(`process.on('SIGTERM', () => {}); ${stay}`);
    const subject = await describeBundle(contextFolder);
    const running = await engine.start(subject, {contextFolder, imageName: null, env: {}, signal});
    expect(await running.stop(20)).toBeNull();
    expect(await running.hasEnded()).toBe(true);
  });

  test('shows the log of a server that does not start', async () => {
    const engine = await connect();
    const contextFolder = mkdtempSync(join(folder, 'context-'));
    writeFileSync(join(contextFolder, 'server.mjs'), 'console.error("no model"); process.exitCode = 2;');
    const subject = await describeBundle(contextFolder);
    await expect(
      engine.start(subject, {contextFolder, imageName: null, env: {}, signal}),
    ).rejects.toMatchObject({
      kind: 'rejected',
      code: 'SERVER_START_FAILED',
      message: 'The server ended with exit code 2 before it listened. Its log:\nno model',
      fix: `Run it by hand: node ${join(contextFolder, 'server.mjs')}`,
    });
  });

  test('leaves no server behind where its run is killed', async () => {
    const contextFolder = makeContext(
      `(await import('node:fs')).writeFileSync(new URL('pid', import.meta.url), String(process.pid)); ${stay}`,
    );
    const script = join(mkdtempSync(join(folder, 'run-')), 'run.mts');
    writeFileSync(
      script,
      `import {startServerProcess} from ${JSON.stringify(join(projectRoot, 'pipeline/io/engine/server-process.ts'))};
      await startServerProcess(${JSON.stringify(contextFolder)}, {}, new AbortController().signal);
      process.stdout.write('started');`,
    );
    const run = spawn(process.execPath, ['--import', 'tsx', script], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await Promise.race([once(run.stdout, 'data'), once(run, 'exit')]);
    const waitFor = async (isSo: () => boolean) => {
      const deadline = performance.now() + 20_000;
      while (!isSo() && performance.now() < deadline) await sleep(10);
      return isSo();
    };
    const file = join(contextFolder, 'pid');
    const pid = Number(readFileSync(file, 'utf8'));
    const isRunning = () => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false; // there is no such process
      }
    };
    expect(isRunning()).toBe(true);
    run.kill('SIGKILL');
    expect(await waitFor(() => !isRunning())).toBe(true);
  });

  test('holds and takes in no images', async () => {
    const engine = await connect();
    const missing = {kind: 'engine', code: 'ENGINE_MISSING'};
    await expect(engine.findBase('node:24', signal)).rejects.toMatchObject(missing);
    await expect(
      engine.load({name: 'iris:1', config: Buffer.from('{}'), layers: []}, signal),
    ).rejects.toMatchObject(missing);
  });
});
