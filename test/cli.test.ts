import {spawn} from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {projectRoot, runCli} from './helpers/cli-run.ts';
import {makeFolder} from './helpers/folder.ts';
import {findFreePort} from './helpers/registry.ts';

// scikit-learn 1.2.1 on the same file and split: see "Numbers that must agree" in the README
const referenceMse = 0.12991981605759936;

const folder = makeFolder();
const artifacts = (name: string) => ['--artifacts', join(folder, name)];

describe('train', () => {
  test('prints the reference numbers and writes model, metrics and report', async () => {
    const run = await runCli(['train', '--json', ...artifacts('train')]);
    expect(run.stderr).toMatch(
      /^fetch .*\nvalidate .*150 rows.*\nsplit .*120 to train on, 30 to test on, seed 42\ntrain .*\nevaluate .*\nwrite /,
    );
    const result = run.result();
    expect(result).toMatchObject({
      outcome: 'trained',
      split: {train: 120, test: 30, seed: 42},
      image: null,
      smoke: null,
      gate: null,
      release: null,
      error: null,
    });
    expect(result.metrics?.mse).toBeCloseTo(referenceMse, 12);
    expect(result.stages.map(({name}) => name)).toEqual([
      'fetch',
      'validate',
      'split',
      'train',
      'evaluate',
      'write',
    ]);
    expect(readdirSync(result.artifact ?? '').sort()).toEqual([
      'figures.json',
      'metrics.json',
      'model-card.md',
      'model.json',
      'report.html',
      'report.md',
    ]);
    expect(run.code).toBe(0);
  });

  test('writes the same model.json to the last byte in two fresh copies of the project', async () => {
    const texts = [];
    for (const name of ['one', 'two']) {
      const copy = join(folder, name);
      mkdirSync(copy);
      for (const part of ['pipeline', 'serve', 'data', 'package.json', 'tsconfig.json']) {
        cpSync(join(projectRoot, part), join(copy, part), {
          recursive: true,
          filter: path => !path.endsWith('.cache'),
        });
      }
      symlinkSync(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
      const run = await runCli(['train', '--json'], {cwd: copy});
      texts.push(readFileSync(join(copy, run.result().artifact ?? '', 'model.json'), 'utf8'));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  test('learns from any CSV with a header, several targets included', async () => {
    // y = 2a + 3b + 5 and z = a − b, without noise: the fit must find the very coefficients
    const rows = Array.from({length: 40}, (_, i) => [i, (i * 7) % 11]).map(([a = 0, b = 0]) => [
      a,
      b,
      2 * a + 3 * b + 5,
      a - b,
    ]);
    const csv = join(folder, 'Two Targets.csv');
    writeFileSync(csv, `a,b,y,z,note\n${rows.map(row => `${row.join(',')},"some, text"`).join('\n')}\n`);
    const run = await runCli([
      'train',
      '--csv',
      csv,
      '--target',
      'y',
      '--target',
      'z',
      '--json',
      ...artifacts('csv'),
    ]);
    expect(run.stderr).toContain('y, z from a, b');
    expect(run.code).toBe(0);
    const model = JSON.parse(readFileSync(join(run.result().artifact ?? '', 'model.json'), 'utf8'));
    const [y, z] = model.targets;
    for (const [found, expected] of [
      [y.intercept, 5],
      [y.coefficients[0], 2],
      [y.coefficients[1], 3],
      [z.intercept, 0],
      [z.coefficients[0], 1],
      [z.coefficients[1], -1],
    ]) {
      expect(found).toBeCloseTo(expected, 11);
    }
    expect(model.name).toBe('two-targets');
  });

  test('ends with 3 on a bad row and says where, leaving what was written before', async () => {
    const before = await runCli(['train', '--json', ...artifacts('bad')]);
    const csv = join(folder, 'bad.csv');
    writeFileSync(csv, 'a,b,y\n1,2,3\n2,n/a,4\n3,5,1\n4,4,4\n5,1,2\n');
    const run = await runCli(['train', '--csv', csv, '--target', 'y', '--name', 'iris', ...artifacts('bad')]);
    expect(run.code).toBe(3);
    expect(run.stderr).toContain(`bad.csv:3 "b": expected a number, found "n/a"`);
    expect(existsSync(join(before.result().artifact ?? '', 'model.json'))).toBe(true);
  });

  test('ends with 2 on a missing descriptor', async () => {
    const run = await runCli(['train', '--dataset', 'data/none.json', '--json']);
    expect(run.code).toBe(2);
    expect(run.result()).toMatchObject({
      outcome: 'failed',
      error: {
        code: 'DESCRIPTOR_MISSING',
        message: 'The dataset descriptor data/none.json cannot be read: there is no such file.',
        fix: 'Name another with --dataset FILE, or train on a CSV without one: --csv FILE --target COLUMN.',
      },
    });
  });

  test('gives a usage error as the one JSON object when --json is there', async () => {
    const run = await runCli(['trian', '--json']);
    expect(run.code).toBe(2);
    expect(run.result().error?.message).toBe("unknown command 'trian'\n(Did you mean train?)");
  });
});

describe('serve under npm', () => {
  test('stops when npm is told to, though only the shell between them hears it', async () => {
    await runCli(['train', ...artifacts('npm')]);
    const port = await findFreePort();
    const npm = spawn('npm', ['run', 'serve', '--', ...artifacts('npm')], {
      cwd: projectRoot,
      env: {...process.env, PORT: String(port)},
      stdio: 'ignore',
    });
    const isAlive = () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        answer => answer.ok,
        () => false,
      );
    await expect.poll(isAlive, {timeout: 15_000}).toBe(true);
    npm.kill('SIGTERM');
    await expect.poll(isAlive, {timeout: 15_000}).toBe(false);
  });
});

describe('the pipeline without an engine', () => {
  test('tests the same bundle as a process, releases a folder, and says loudly that there is no image', async () => {
    const run = await runCli(['pipeline', '--json', ...artifacts('none')], {env: {CONTAINER_ENGINE: 'none'}});
    const result = run.result();
    expect(run.code).toBe(0);
    expect(result).toMatchObject({
      outcome: 'promoted',
      image: null,
      smoke: {passed: true},
      gate: {passed: true},
      release: {store: 'folder', channel: 'production'},
    });
    expect(run.stderr).toContain('NO IMAGE WILL BE BUILT: CONTAINER_ENGINE is "none".');
    expect(run.stderr).toContain(
      `NO IMAGE WAS BUILT: no container engine was in use. The release is the folder ${result.release?.ref}; start it with: npm run serve`,
    );
    expect(readdirSync(result.release?.ref ?? '').sort()).toEqual([
      'model-card.md',
      'model.json',
      'server.mjs',
      'swagger-ui-bundle.js',
      'swagger-ui.LICENSE.txt',
      'swagger-ui.css',
    ]);
    expect(readdirSync(result.artifact ?? '').sort()).toEqual(
      [
        'build.json',
        'context',
        'figures.json',
        'metrics.json',
        'model-card.md',
        'model.json',
        'release.json',
        'report.html',
        'report.md',
        'smoke.json',
        'verdict.json',
      ].sort(),
    );
  });

  test('takes what was tested for changed when its model card was', async () => {
    const env = {CONTAINER_ENGINE: 'none'};
    const where = artifacts('none-card');
    const run = await runCli(['pipeline', '--json', ...where], {env});
    const path = join(run.result().artifact ?? '', 'context/model-card.md');
    writeFileSync(path, readFileSync(path, 'utf8').replace('CC BY 4.0', 'CC0'));
    const push = await runCli(['push', '--json', ...where], {env});
    expect(push.code).toBe(4);
    expect(push.result().error?.code).toBe('SUBJECT_CHANGED');
  });

  test('builds, tests and releases a model that was trained before there were cards', async () => {
    const env = {CONTAINER_ENGINE: 'none'};
    const where = artifacts('none-old');
    const trained = await runCli(['train', '--json', ...where], {env});
    rmSync(join(trained.result().artifact ?? '', 'model-card.md'));
    for (const command of ['build', 'smoke', 'gate', 'push'])
      expect((await runCli([command, '--json', ...where], {env})).result().error).toBeNull();
    const releases = join(folder, 'none-old/iris/releases');
    const [release = ''] = readdirSync(releases);
    expect(readdirSync(join(releases, release)).sort()).toEqual([
      'model.json',
      'server.mjs',
      'swagger-ui-bundle.js',
      'swagger-ui.LICENSE.txt',
      'swagger-ui.css',
    ]);
  });

  test.each([
    [
      'REGISTRY',
      {REGISTRY: '127.0.0.1:1'},
      'A container engine is needed (REGISTRY is set), and none answers: CONTAINER_ENGINE is "none".',
    ],
    [
      'CI',
      {CI: 'true'},
      'A container engine is needed (CI is set), and none answers: CONTAINER_ENGINE is "none".',
    ],
  ])('ends with 5 when %s is set', async (_, env, message) => {
    const run = await runCli(['pipeline', '--json', ...artifacts('none-ci')], {
      env: {CONTAINER_ENGINE: 'none', ...env},
    });
    expect(run.code).toBe(5);
    expect(run.result().error).toEqual({
      code: 'ENGINE_MISSING',
      message,
      fix: 'Install and start Docker or Podman. Without REGISTRY and CI the run would end in a folder instead of an image.',
    });
  });

  test('ends with 5 when the engine that is asked for does not answer', async () => {
    const env = {CONTAINER_ENGINE: 'docker', DOCKER_HOST: 'tcp://127.0.0.1:1', PATH: process.env.PATH ?? ''};
    const run = await runCli(['pipeline', '--json', ...artifacts('dead')], {env});
    expect(run.code).toBe(5);
    expect(run.result().error?.message).toMatch(
      /^A container engine is needed \(CONTAINER_ENGINE asks for it\), and none answers: docker is (not installed|installed but does not answer: .*127\.0\.0\.1:1.*)\.$/,
    );
  });
});
