import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {unpackTar} from 'modern-tar';
import {describe, expect, onTestFinished, test, vi} from 'vitest';
import {findLeftBehind} from '../../../pipeline/io/engine/clean-up.ts';
import type {Engine} from '../../../pipeline/io/engine/engine.ts';
import {connectEngine} from '../../../pipeline/io/engine/engines.ts';
import {nameOwner} from '../../../pipeline/io/engine/owner.ts';
import {type FakeProgram, makeFakeProgram} from '../../helpers/fake-program.ts';
import {makeFolder} from '../../helpers/folder.ts';

const folder = makeFolder();
const signal = new AbortController().signal;
const id = `sha256:${'a'.repeat(64)}`;
const subject = {kind: 'image', engine: 'docker', id, digest: `sha256:${'d'.repeat(64)}`} as const;
const [baseLayer, ownLayer] = [Buffer.alloc(3_000, 'b'), Buffer.alloc(500, 'c')];
const loadable = {
  name: 'iris:1',
  config: Buffer.from('{}'),
  layers: [
    {
      diffId: `sha256:${'b'.repeat(64)}`,
      async content() {
        const path = join(folder, 'base-layer');
        writeFileSync(path, baseLayer);
        return path;
      },
    },
    {diffId: `sha256:${'c'.repeat(64)}`, content: ownLayer},
  ],
};
const started = {contextFolder: '', imageName: 'registry/team/iris:1', env: {}, signal};

/**
 * An engine behind a fake program.
 *
 * @param answers what the program does by its first argument, already when it is connected.
 */
async function connect(
  name: 'docker' | 'podman' = 'docker',
  env: Record<string, string> = {},
  answers: Record<string, string> = {},
): Promise<{program: FakeProgram; engine: Engine; notes: string[]}> {
  const program = makeFakeProgram(folder, name);
  const version = 'echo 1.0.0 linux arm64';
  for (const [verb, script] of Object.entries({version, info: version, ...answers}))
    program.answer(verb, script);
  const notes: string[] = [];
  const engine = await connectEngine(name, {...program.env, ...env}, note => notes.push(note));
  if (typeof engine === 'string') throw new Error(engine);
  return {program, engine, notes};
}

/** The name of an owner with a process number above all that Linux and macOS give. */
function makeDead(owner: string): string {
  return owner.replace(`.${process.pid}.`, '.4194305.');
}

function printJson(value: unknown): string {
  return `echo '${JSON.stringify(value)}'`;
}

const diffIds = ['b', 'c'].map(letter => `sha256:${letter.repeat(64)}`);
const inspected = (repoDigests: string[] = []) =>
  printJson([{Id: id, Size: 100, RootFS: {Layers: diffIds}, RepoDigests: repoDigests}]);

describe('an image', () => {
  test('of the base is not pulled where the engine holds it, and its digest is of its own repository', async () => {
    const {program, engine} = await connect();
    const [own, foreign] = [`sha256:${'b'.repeat(64)}`, `sha256:${'c'.repeat(64)}`];
    program.answer('image', inspected([`127.0.0.1:5000/copy@${foreign}`, `gcr.io/distroless/node@${own}`]));
    const reference = 'gcr.io/distroless/node:24';
    expect(await engine.findBase(reference, signal)).toMatchObject({name: reference, digest: own, id});
    program.answer('image', inspected([`127.0.0.1:5000/copy@${foreign}`]));
    expect(await engine.findBase(reference, signal)).toMatchObject({name: reference, digest: id, id});
    expect(program.calls().filter(call => call.startsWith('pull'))).toEqual([]);
  });

  test('that cannot be pulled is named, with what the engine said', async () => {
    const {program, engine} = await connect();
    program.answer('image', 'echo "Error: No such image: base:1" >&2; exit 1');
    program.answer('pull', 'echo "no route to host" >&2; exit 1');
    await expect(engine.findBase('base:1', signal)).rejects.toMatchObject({
      kind: 'engine',
      code: 'BASE_IMAGE_UNAVAILABLE',
      message: 'The base image base:1 is not on this machine and docker could not pull it: no route to host',
      fix: 'Check the network and the name with `docker pull base:1`, or set BASE_IMAGE to an image with Node 24 at /nodejs/bin/node.',
    });
  });

  test.each([
    ['a greeting', 'echo Welcome', '"Welcome\\n"'],
    ['an id that is none', printJson([{Id: 'x', Size: 1}]), '"[{\\"Id\\":\\"x\\",\\"Size\\":1}]\\n"'],
  ])('is not believed to be what the engine says in %s', async (_, answer, found) => {
    const {program, engine} = await connect();
    program.answer('image', answer);
    await expect(engine.findDigest(subject, '')).rejects.toMatchObject({
      kind: 'engine',
      code: 'ENGINE_FAILED',
      message: `docker image inspect ${id}: expected JSON with Id and Size, found ${found}.`,
      fix: `Check that docker is the engine's own program: \`docker image inspect ${id}\`.`,
    });
  });

  for (const name of ['docker', 'podman'] as const) {
    test(`is loaded into ${name} as its own layer alone where that holds the others`, async () => {
      const {program, engine} = await connect(name);
      const copy = join(folder, `copy-${name}.tar`);
      program.answer('load', `/bin/cp "$4" '${copy}'; : >'${folder}/loaded-${name}'`);
      program.answer(
        'image',
        `[ -f '${folder}/loaded-${name}' ] || { echo "No such image" >&2; exit 1; }; ${inspected()}`,
      );
      expect(await engine.load(loadable, signal)).toEqual({id, sizeBytes: 100});
      const sizes = (await unpackTar(readFileSync(copy))).map(({header}) => header.size);
      expect(sizes).toContain(ownLayer.length);
      expect(sizes).not.toContain(baseLayer.length);
      expect(readdirSync(tmpdir()).filter(entry => entry.startsWith('csv-to-server-load.'))).toEqual([]);
    });

    test(`is loaded into ${name} as a whole where that does not take its own layer alone`, async () => {
      const {program, engine} = await connect(name);
      const copy = join(folder, `whole-${name}.tar`);
      program.answer(
        'load',
        `if [ -f '${copy}.once' ]; then /bin/cp "$4" '${copy}'; else : >'${copy}.once'; exit 1; fi`,
      );
      program.answer('image', `[ -f '${copy}' ] || { echo "No such image" >&2; exit 1; }; ${inspected()}`);
      await engine.load(loadable, signal);
      const sizes = (await unpackTar(readFileSync(copy))).map(({header}) => header.size);
      expect(sizes).toEqual(expect.arrayContaining([ownLayer.length, baseLayer.length]));
    });
  }

  test('that the engine holds already only gets its name', async () => {
    const {program, engine} = await connect();
    program.answer('image', inspected());
    await engine.load(loadable, signal);
    expect(program.calls().at(-1)).toBe(`tag ${id} iris:1`);
  });

  test('that the engine took for another is refused', async () => {
    const {program, engine} = await connect();
    program.answer('load', `: >'${folder}/other'`);
    const other = printJson([{Id: id, Size: 1, RootFS: {Layers: [diffIds[1]]}}]);
    program.answer('image', `[ -f '${folder}/other' ] || { echo "No such image" >&2; exit 1; }; ${other}`);
    await expect(engine.load(loadable, signal)).rejects.toMatchObject({
      kind: 'engine',
      code: 'IMAGE_LOAD_FAILED',
      message: `docker was given iris:1 with the layers ${diffIds.join(', ')}, and has one with ${diffIds[1]}.`,
    });
  });

  test('that the engine does not take in is told with what it said', async () => {
    const {program, engine} = await connect();
    program.answer('image', 'echo "No such image" >&2; exit 1');
    program.answer('load', 'echo "no space left on device" >&2; exit 1');
    await expect(engine.load(loadable, signal)).rejects.toMatchObject({
      code: 'IMAGE_LOAD_FAILED',
      message: 'docker could not take in the image iris:1: no space left on device',
      fix: 'Check that the engine is healthy and has space: `docker info`.',
    });
  });

  test('is one for the platform that the engine says it runs', async () => {
    expect((await connect()).engine.platform).toEqual({os: 'linux', architecture: 'arm64'});
  });

  test('is of another kind than a bundle', async () => {
    const {engine} = await connect();
    expect(await engine.findDigest({kind: 'bundle', sha256: 'a'.repeat(64)}, '')).toBeUndefined();
  });
});

describe('a container', () => {
  test('is named after the image, carries its owner, and is asked where it listens', async () => {
    const {program, engine} = await connect();
    program.answer('port', 'echo 127.0.0.1:49153');
    const running = await engine.start(subject, started);
    expect(running.url).toBe('http://127.0.0.1:49153');
    expect(program.calls().find(line => line.startsWith('run'))).toMatch(
      /^run --detach --name smoke-iris-[0-9a-f]{12} --label csv-to-server\.owner=[\w.-]+ --read-only .* sha256:a{64} serve$/,
    );
  });

  test('that does not start is told with what the engine said, and removed', async () => {
    const {program, engine} = await connect();
    program.answer('run', 'echo "no space left on device" >&2; exit 125');
    await expect(engine.start(subject, started)).rejects.toMatchObject({
      kind: 'engine',
      code: 'CONTAINER_START_FAILED',
      message: `docker could not start ${id}: no space left on device`,
      fix: 'Check that the engine is healthy: `docker info`.',
    });
    expect(program.calls().at(-1)).toMatch(/^rm --force smoke-iris-[0-9a-f]{12}$/);
  });

  test('that neither starts nor goes away is told as both, the start first', async () => {
    const {program, engine} = await connect();
    program.answer('run', 'echo "no space left on device" >&2; exit 125');
    program.answer('rm', 'echo "device busy" >&2; exit 1');
    const error = await engine.start(subject, started).catch((thrown: unknown) => thrown);
    const container = /smoke-iris-[0-9a-f]{12}/.exec(program.calls().at(-1) ?? '')?.[0];
    expect(error).toMatchObject({
      code: 'CONTAINER_START_FAILED',
      message: `docker could not start ${id}: no space left on device\nThe container ${container} could not be removed: device busy`,
      fix: `Check that the engine is healthy: \`docker info\`.\nRemove it by hand: docker rm --force ${container}`,
    });
    expect(findLeftBehind(error)).toMatchObject({code: 'CONTAINER_LEFT_BEHIND'});
  });

  test('is removed where the run was interrupted while it started', async () => {
    const {program, engine} = await connect();
    const controller = new AbortController();
    program.answer('port', 'echo 127.0.0.1:49153');
    const starting = engine.start(subject, {...started, signal: controller.signal});
    controller.abort(new Error('interrupted'));
    await expect(starting).rejects.toThrow('interrupted');
    expect(program.calls().at(-1)).toMatch(/^rm --force smoke-iris-/);
  });

  test('that had to be killed has no exit code', async () => {
    const {program, engine} = await connect();
    program.answer('port', 'echo 127.0.0.1:49153');
    const running = await engine.start(subject, started);
    program.answer('inspect', 'echo false 137');
    expect(await running.stop(1_500)).toBeNull();
    expect(program.calls()).toContainEqual(expect.stringMatching(/^stop --time 2 smoke-iris-/));
    program.answer('inspect', 'echo false 0');
    expect(await running.stop(1_500)).toBe(0);
    expect(await running.hasEnded()).toBe(true);
  });

  test('that is gone was removed, one that stays was not', async () => {
    const {program, engine} = await connect();
    program.answer('port', 'echo 127.0.0.1:49153');
    const running = await engine.start(subject, started);
    program.answer('rm', 'echo "Error: No such container: x" >&2; exit 1');
    await running.remove();
    program.answer('rm', 'echo "permission denied" >&2; exit 1');
    await expect(running.remove()).rejects.toMatchObject({
      code: 'CONTAINER_LEFT_BEHIND',
      message: expect.stringMatching(/^The container smoke-iris-.* could not be removed: permission denied$/),
    });
  });
});

describe('a folder with an image', () => {
  /** Makes the system's folder for temporary files one of the test's own. */
  function useTemporaryFolder(): string {
    const own = join(folder, `tmp-${Math.random().toString(36).slice(2)}`);
    mkdirSync(own);
    vi.stubEnv('TMPDIR', own);
    onTestFinished(() => void vi.unstubAllEnvs());
    return own;
  }

  test("that a killed run has left is removed by the next, and one that is in use or another program's is not", async () => {
    const temporary = useTemporaryFolder();
    const own = await nameOwner();
    const [used, left] = [own, makeDead(own)].map(owner => `csv-to-server-load.${owner}.abcdef`);
    for (const name of [used, left, 'csv-to-server-load.txt']) {
      mkdirSync(join(temporary, String(name)));
      writeFileSync(join(temporary, String(name), 'image.tar'), '{}');
    }
    const {notes} = await connect();
    expect(readdirSync(temporary).sort()).toEqual([used, 'csv-to-server-load.txt'].sort());
    expect(notes).toEqual([`Removed ${temporary}/${left}, which a killed run had left.`]);
  });
});

describe('the containers of killed runs', () => {
  for (const [name, format] of [
    ['docker', (owner: string) => `a=b,csv-to-server.owner=${owner},c=d`],
    ['podman', (owner: string) => `map[a:b csv-to-server.owner:${owner} c:d]`],
  ] as const) {
    test(`are removed by the next run, those of runs under way are not (${name})`, async () => {
      const own = await nameOwner();
      const listed = [`smoke-one ${format(own)}`, `smoke-two ${format(makeDead(own))}`, 'other map[]'];
      const answers = {ps: listed.map(line => `echo '${line}'`).join('\n')};
      const {program, notes} = await connect(name, {}, answers);
      expect(program.calls()).toContain(
        'ps --all --filter label=csv-to-server.owner --format {{.Names}} {{.Labels}}',
      );
      expect(program.calls().filter(call => call.startsWith('rm'))).toEqual(['rm --force smoke-two']);
      expect(notes).toEqual(['Removed the container smoke-two, which a killed run had left.']);
    });
  }

  test('that cannot be removed are told, and stop nothing', async () => {
    const owner = makeDead(await nameOwner());
    const {notes} = await connect(
      'docker',
      {},
      {ps: `echo 'smoke-two csv-to-server.owner=${owner}'`, rm: 'echo "device busy" >&2; exit 1'},
    );
    expect(notes).toEqual(['The container smoke-two could not be removed: device busy']);
  });
});
