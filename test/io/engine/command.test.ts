import {mkdirSync, mkdtempSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import {createCommand} from '../../../pipeline/io/engine/command.ts';
import {findStoredLogin} from '../../../pipeline/io/engine/credentials.ts';
import {connectEngine} from '../../../pipeline/io/engine/engines.ts';
import {makeFakeProgram} from '../../helpers/fake-program.ts';
import {makeFolder} from '../../helpers/folder.ts';

const folder = makeFolder();

/** A fake docker of version 27.0.0. */
function makeDocker() {
  const docker = makeFakeProgram(folder, 'docker');
  docker.answer('version', 'echo 27.0.0 linux amd64');
  return docker;
}

/** A home whose start-up files do this before anything else. */
function makeHome(script: string): string {
  const home = mkdtempSync(join(folder, 'home-'));
  for (const file of ['.bashrc', '.profile', '.bash_profile', 'env']) writeFileSync(join(home, file), script);
  return home;
}

describe('a command of an engine', () => {
  // bash reads ~/.bashrc where it believes that a remote shell daemon started it
  for (const SHLVL of [undefined, '0'])
    for (const script of ['echo Welcome', 'sleep 20']) {
      test(`reads no start-up file of the user's shell (SHLVL ${SHLVL}, ${script})`, async () => {
        const docker = makeDocker();
        const home = makeHome(script);
        const startUp = {HOME: home, ENV: join(home, 'env'), BASH_ENV: join(home, 'env'), SHLVL};
        const PATH = `${docker.env.PATH}:${process.env.PATH}`;
        expect(await connectEngine('docker', {...startUp, PATH})).toMatchObject({version: '27.0.0'});

        const helper = makeFakeProgram(folder, 'docker-credential-fake');
        helper.answer('get', `echo '{"Username": "robot", "Secret": "s3cret"}'`);
        mkdirSync(join(home, '.docker'));
        writeFileSync(join(home, '.docker/config.json'), '{"credsStore": "fake"}');
        const env = {...startUp, PATH: `${helper.env.PATH}:${process.env.PATH}`};
        expect(await findStoredLogin('docker', 'example.org', env)).toEqual({
          username: 'robot',
          password: 's3cret',
        });
      });
    }

  test('needs no bash', async () => {
    expect(await connectEngine('docker', makeDocker().env)).toMatchObject({
      name: 'docker',
      version: '27.0.0',
    });
  });

  test('says that a program is not installed, and what an installed one says in the place of an answer', async () => {
    expect(await connectEngine('docker', {PATH: folder})).toBe('docker is not installed');
    const docker = makeDocker();
    docker.answer('version', 'echo "first line" >&2; echo "no daemon here" >&2; exit 1');
    expect(await connectEngine('docker', docker.env)).toBe(
      'docker is installed but does not answer: no daemon here',
    );
    docker.answer('version', 'echo 27.0.0');
    expect(await connectEngine('docker', docker.env)).toBe(
      'docker does not say what it runs images for: expected version, system and processor, found "27.0.0"',
    );
  });

  test('passes every argument as it is', async () => {
    const run = createCommand({PATH: process.env.PATH});
    const values = [`it's`, '$(echo x)', '`echo x`', 'two\nlines', '"', '', '\\', '* ~ & | ; #'];
    const output = await run({timeoutMs: 5_000})`printf ${['%s|', ...values]}`;
    expect(output).toEqual({
      exitCode: 0,
      stdout: `${values.join('|')}|`,
      stderr: '',
      problem: undefined,
    });
  });

  test('is given no password', async () => {
    const docker = makeDocker();
    const env = {
      ...docker.env,
      REGISTRY_PASSWORD: 's3cret',
      TRINO_PASSWORD: 's3cret',
      DOCKER_HOST: 'unix:///x',
    };
    await connectEngine('docker', env);
    expect(docker.environments()).toContain("DOCKER_HOST='unix:///x'");
    expect(docker.environments()).not.toContain('s3cret');
  });

  test('is stopped when its time is up', async () => {
    const run = createCommand({PATH: process.env.PATH});
    const output = await run({timeoutMs: 50})`sleep 60`;
    expect(output).toMatchObject({exitCode: null, problem: 'no answer within 0.05 s'});
  });

  test('is stopped when it writes without end', async () => {
    const run = createCommand({PATH: process.env.PATH});
    const output = await run({timeoutMs: 60_000})`yes`;
    expect(output).toMatchObject({exitCode: null, problem: 'it wrote more than 16 MiB'});
    expect(output.stdout.length).toBeLessThan(32 * 2 ** 20);
  });

  test('is stopped by its signal, and gone when the call ends', async () => {
    const run = createCommand({PATH: process.env.PATH});
    const controller = new AbortController();
    const file = join(folder, 'pid');
    const script = 'echo $$ >"$1"; exec sleep 60';
    const running = run({timeoutMs: 60_000, signal: controller.signal})`sh -c ${script} sh ${file}`;
    const ended = expect(running).rejects.toThrow('enough');
    const deadline = performance.now() + 10_000;
    const readPid = () => {
      try {
        return Number(readFileSync(file, 'utf8'));
      } catch {
        return 0; // it has not started yet
      }
    };
    while (readPid() === 0 && performance.now() < deadline) await sleep(5);
    controller.abort(new Error('enough'));
    await ended;
    expect(() => process.kill(readPid(), 0)).toThrow('ESRCH');
  });

  test('is not started any more once its signal was given', async () => {
    const docker = makeDocker();
    const run = createCommand(docker.env);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(run({timeoutMs: 5_000, signal})`docker version`).rejects.toThrow('enough');
    expect(docker.calls()).toEqual(['']);
  });

  test('leads a process group of its own where no Ctrl-C of the terminal is to reach it', async () => {
    const run = createCommand({PATH: process.env.PATH});
    // it succeeds where there is a process group of its own number
    const ask = async (detached: boolean) =>
      (await run({timeoutMs: 5_000, detached})`sh -c ${'kill -s 0 -- -$$'}`).exitCode === 0;
    expect(await ask(true)).toBe(true);
    expect(await ask(false)).toBe(false);
  });

  test('may end without reading what it is given', async () => {
    const run = createCommand({PATH: process.env.PATH});
    const output = await run({timeoutMs: 5_000, input: 'x'.repeat(2 ** 20)})`true`;
    expect(output).toMatchObject({exitCode: 0, problem: undefined});
  });
});
