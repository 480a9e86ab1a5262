import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
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
const subject = {kind: 'image', engine: 'docker', id} as const;
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
  const version = 'echo 1.0.0';
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

const inspected = (repoDigests: string[] = []) =>
  printJson([{Id: id, Size: 100, Os: 'linux', Architecture: 'amd64', RepoDigests: repoDigests}]);

describe('an image', () => {
  test('of the base is not pulled where the engine holds it, and its digest is of its own repository', async () => {
    const {program, engine} = await connect();
    const [own, foreign] = [`sha256:${'b'.repeat(64)}`, `sha256:${'c'.repeat(64)}`];
    program.answer('image', inspected([`127.0.0.1:5000/copy@${foreign}`, `gcr.io/distroless/node@${own}`]));
    const reference = 'gcr.io/distroless/node:24';
    const platform = {os: 'linux', architecture: 'amd64'};
    expect(await engine.resolveBase(reference, signal)).toEqual({name: reference, digest: own, platform});
    program.answer('image', inspected([`127.0.0.1:5000/copy@${foreign}`]));
    expect(await engine.resolveBase(reference, signal)).toEqual({name: reference, digest: id, platform});
    expect(program.calls().filter(call => call.startsWith('pull'))).toEqual([]);
  });

  test('that cannot be pulled is named, with what the engine said', async () => {
    const {program, engine} = await connect();
    program.answer('image', 'echo "Error: No such image: base:1" >&2; exit 1');
    program.answer('pull', 'echo "no route to host" >&2; exit 1');
    await expect(engine.resolveBase('base:1', signal)).rejects.toMatchObject({
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
      message: `docker image inspect ${id}: expected JSON with Id, Size, Os and Architecture, found ${found}.`,
      fix: `Check that docker is the engine's own program: \`docker image inspect ${id}\`.`,
    });
  });

  test('is built of the folder alone, with its labels and a variable for the base', async () => {
    const {program, engine} = await connect('podman');
    program.answer('build', `echo ${'a'.repeat(64)}`);
    program.answer('image', inspected());
    const recipe = {contextFolder: '/ctx', imageName: 'iris:1', baseImage: 'node:24', labels: {a: "it's"}};
    expect(await engine.build(recipe, signal)).toEqual({
      subject: {kind: 'image', engine: 'podman', id},
      imageName: 'iris:1',
      sizeBytes: 100,
    });
    const call = program.calls().find(line => line.startsWith('build'));
    expect(call).toMatch(
      /^build --format docker --quiet --file \/.*\/Dockerfile --build-arg BASE_IMAGE=node:24 --tag iris:1 --label a=it's \/ctx$/,
    );
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

describe('a login', () => {
  const credentials = {username: 'robot', password: 's3cret'};
  const access = {host: 'registry.example.org', plainHttp: false, credentials};

  /** Makes the system's folder for temporary files one of the test's own. */
  function useTemporaryFolder(): string {
    const own = join(folder, `tmp-${Math.random().toString(36).slice(2)}`);
    mkdirSync(own);
    vi.stubEnv('TMPDIR', own);
    onTestFinished(() => void vi.unstubAllEnvs());
    return own;
  }

  for (const [name, flag, file, host, key] of [
    ['docker', '--config', 'config.json', 'registry.example.org', 'registry.example.org'],
    ['docker', '--config', 'config.json', 'docker.io', 'https://index.docker.io/v1/'],
    ['podman', '--authfile', 'auth.json', 'docker.io', 'docker.io'],
  ] as const) {
    test(`to ${host} is given to ${name} in a folder that is gone afterwards`, async () => {
      const temporary = useTemporaryFolder();
      const {program, engine} = await connect(name, {REGISTRY_PASSWORD: 's3cret'});
      const copy = join(temporary, 'copy');
      const keepCopy = `/bin/cp '${temporary}'/csv-to-server-login.*/${file} '${copy}'`;
      // docker's flag stands before the verb
      for (const verb of ['push', '--config']) program.answer(verb, keepCopy);
      await engine.push(subject, `${host}/iris:1`, {...access, host}, signal);
      expect(JSON.parse(readFileSync(copy, 'utf8'))).toEqual({
        auths: {[key]: {auth: Buffer.from('robot:s3cret').toString('base64')}},
      });
      const call = program.calls().find(line => line.includes('push'));
      expect(call).toContain(`${flag} ${temporary}/csv-to-server-login.`);
      expect(program.calls().join('\n')).not.toContain('s3cret');
      expect(program.environments()).not.toContain('s3cret');
      expect(readdirSync(temporary)).toEqual(['copy']);
    });
  }

  test('is not left behind by a push that fails', async () => {
    const temporary = useTemporaryFolder();
    const {program, engine} = await connect('podman');
    program.answer('push', 'echo "denied: no such account" >&2; exit 125');
    const push = engine.push(subject, 'registry.example.org/iris:1', {...access, plainHttp: true}, signal);
    await expect(push).rejects.toMatchObject({
      kind: 'engine',
      code: 'PUSH_FAILED',
      message: 'podman could not push registry.example.org/iris:1: denied: no such account',
    });
    expect(program.calls().at(-1)).toMatch(/--tls-verify=false registry\.example\.org\/iris:1$/);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("that a killed run has left is removed by the next, and one that is in use or another program's is not", async () => {
    const temporary = useTemporaryFolder();
    const own = await nameOwner();
    const [used, left] = [own, makeDead(own)].map(owner => `csv-to-server-login.${owner}.abcdef`);
    for (const name of [used, left, 'csv-to-server-login.txt']) {
      mkdirSync(join(temporary, String(name)));
      writeFileSync(join(temporary, String(name), 'auth.json'), '{}');
    }
    const {notes} = await connect();
    expect(readdirSync(temporary).sort()).toEqual([used, 'csv-to-server-login.txt'].sort());
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
