import {spawnSync} from 'node:child_process';
import {cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, onTestFinished} from 'vitest';
import {projectRoot, runCli} from '../helpers/cli-run.ts';
import {startFaultProxy} from '../helpers/fault-proxy.ts';
import {makeFolder} from '../helpers/folder.ts';
import {testWith} from '../helpers/parts.ts';
import {closeAfterTest, imageNameForTest, isWhole, registryForTest} from '../helpers/promotion.ts';
import {readTag, startRegistry} from '../helpers/registry.ts';

const folder = makeFolder();
let runners = 0;

/** Iris without a champion rule, or with other keys, as a descriptor of its own. */
function describeIris(name: string, changes: Record<string, unknown> = {}): string {
  const {$schema: _, ...iris} = JSON.parse(readFileSync(join(projectRoot, 'data/iris.json'), 'utf8'));
  const source = {...iris.source, snapshot: join(projectRoot, 'data/iris.data')};
  const path = join(folder, `${name}.json`);
  writeFileSync(
    path,
    JSON.stringify({...iris, source, gate: {rules: [{metric: 'mse', max: 1}]}, ...changes}),
  );
  return path;
}

/** A runner that was created a minute ago: an empty artifacts folder, and nothing but the environment. */
function newRunner(env: Record<string, string>) {
  const artifacts = join(folder, `runner-${++runners}`);
  return (command: string, ...args: string[]) =>
    runCli([command, ...args, '--json', '--artifacts', artifacts], {
      env: {CONTAINER_ENGINE: 'docker', ...env},
    });
}

describe('two runners with one registry', () => {
  for (const engine of ['docker', 'podman'] as const) {
    testWith(engine, 'registry')(
      `the first promotes, the second finds nothing to do, a third compares on its own rows (${engine})`,
      async () => {
        const registry = await registryForTest();
        const env = {REGISTRY: registry.host, IMAGE_NAME: imageNameForTest(engine), CONTAINER_ENGINE: engine};
        const first = (await newRunner(env)('pipeline')).result();
        expect(first).toMatchObject({outcome: 'promoted', champion: null});
        const tags = async () =>
          JSON.parse(
            await (await fetch(`http://${registry.host}/v2/${env.IMAGE_NAME}/tags/list`)).text(),
          ).tags.sort();
        const before = await tags();

        const again = await newRunner(env)('pipeline');
        expect(again.code).toBe(0);
        expect(again.result()).toMatchObject({
          outcome: 'unchanged',
          release: {digest: first.release?.digest},
        });
        expect(again.result().stages.map(({name}) => name)).not.toContain('smoke');
        expect(await tags()).toEqual(before);

        const seed = await newRunner(env)('pipeline', '--seed', '7');
        expect(seed.result().champion).toMatchObject({digest: first.release?.digest, version: first.version});
        expect(seed.result().champion?.mse).toBeGreaterThan(0);
        // test rows of seed 7 among the training rows of seed 42, counted with scikit-learn 1.9.1's train_test_split
        expect(seed.result().champion?.overlap).toBe(28);
      },
    );
  }

  testWith('docker', 'registry')(
    'a worse model is rejected by the champion rule though the absolute rules allow it',
    async () => {
      const registry = await registryForTest();
      const env = {REGISTRY: registry.host, IMAGE_NAME: imageNameForTest()};
      await newRunner(env)('pipeline');
      const before = await readTag(registry.host, env.IMAGE_NAME, 'production');
      // the absolute rules allow it, the champion's features are in the data: it is compared, and falls short
      const descriptor = describeIris('narrow', {
        features: ['sepal_width'],
        gate: {rules: [{metric: 'mse', max: 10}], champion: {metric: 'mse', maxIncrease: 0.02}},
      });
      const worse = await newRunner(env)('pipeline', '--dataset', descriptor);
      expect(worse.code).toBe(4);
      expect(worse.result()).toMatchObject({outcome: 'rejected', error: {code: 'GATE_REJECTED'}});
      expect(
        worse
          .result()
          .gate?.rules.filter(rule => !rule.passed)
          .map(rule => rule.metric),
      ).toEqual(['champion.mse.increase']);
      expect(await readTag(registry.host, env.IMAGE_NAME, 'production')).toEqual(before);

      // another target: nothing to compare with, which the run says, and the absolute rules decide
      const other = describeIris('other', {
        features: ['sepal_width'],
        targets: ['sepal_length'],
        gate: {rules: [{metric: 'mse', max: 10}], champion: {metric: 'mse', maxIncrease: 0.02}},
      });
      const incomparable = await newRunner(env)('pipeline', '--dataset', other);
      expect(incomparable.result()).toMatchObject({outcome: 'promoted', gate: {comparison: 'incomparable'}});
      expect(incomparable.result().champion?.notes.join()).toMatch(/petal_length/);
    },
  );

  testWith('docker', 'registry')(
    'rollback restores the earlier digest, byte for byte, and history shows it',
    async () => {
      const registry = await registryForTest();
      const env = {REGISTRY: `${registry.host}/team`, IMAGE_NAME: imageNameForTest()};
      const repository = `team/${env.IMAGE_NAME}`;
      const dataset = ['--dataset', describeIris('lenient')];
      const first = (await newRunner(env)('pipeline', ...dataset)).result().release;
      const second = (await newRunner(env)('pipeline', ...dataset, '--seed', '7')).result().release;
      expect(second?.digest).not.toBe(first?.digest);
      const back = await newRunner(env)('rollback', '--to', 'previous');
      expect(back.result()).toMatchObject({
        outcome: 'rolled_back',
        error: null,
        release: {digest: first?.digest},
        smoke: {passed: true},
      });
      expect((await readTag(registry.host, repository, 'production'))?.digest).toBe(first?.digest);
      const card = readFileSync(join(back.result().artifact ?? '', 'model-card.md'), 'utf8');
      expect(card).toContain(`Version \`${back.result().version}\``);
      const tag = second?.ref.split(':').at(-1) ?? '';
      await newRunner(env)('rollback', '--to', tag);
      expect((await readTag(registry.host, repository, 'production'))?.digest).toBe(second?.digest);
      expect((await newRunner(env)('rollback', '--to', tag)).result().outcome).toBe('unchanged');

      const {releases} = JSON.parse((await newRunner(env)('history')).stdout);
      expect(
        releases.map(
          ({digest, channels, parent}: {digest: string; channels: string[]; parent: string | null}) => ({
            digest,
            channels,
            parent,
          }),
        ),
      ).toEqual([
        {digest: second?.digest, channels: ['production'], parent: first?.digest},
        {digest: first?.digest, channels: [], parent: null},
      ]);
      const unknown = await newRunner(env)('rollback', '--to', '000000000000-00000000');
      expect(unknown.code).toBe(2);
      expect(unknown.result().error).toEqual({
        code: 'NO_RELEASE',
        message: `Cannot roll back: ${registry.host}/${repository} holds no release 000000000000-00000000.`,
        fix: 'npm run history lists the releases that there are; name one with --to TAG.',
      });
    },
  );

  testWith('docker', 'registry')(
    'other words about the data are another release of the same model',
    async () => {
      const registry = await registryForTest();
      const env = {REGISTRY: registry.host, IMAGE_NAME: imageNameForTest()};
      const first = await newRunner(env)('pipeline', '--dataset', describeIris('lenient'));
      const same = await newRunner(env)('pipeline', '--dataset', describeIris('lenient'));
      expect(same.stderr).toMatch(/^build .* the channel holds this very image$/m);
      const words = describeIris('other-words', {about: {licence: 'CC0'}});
      const other = await newRunner(env)('pipeline', '--dataset', words);
      expect(other.result()).toMatchObject({outcome: 'promoted', version: first.result().version});
      expect(other.result().release?.digest).not.toBe(first.result().release?.digest);
    },
  );

  testWith('docker', 'registry')(
    'with the registry stopped the run ends with 5; started again, the same command completes',
    async () => {
      const registry = await registryForTest();
      const env = {REGISTRY: registry.host, IMAGE_NAME: imageNameForTest()};
      const run = newRunner(env);
      await registry.stop();
      const refused = await run('pipeline');
      expect(refused.code).toBe(5);
      expect(refused.result().error?.message).toBe(
        `Registry ${registry.host} (GET /v2/): it cannot be reached: ECONNREFUSED.`,
      );
      await registry.start();
      expect((await run('pipeline')).result().outcome).toBe('promoted');
    },
  );

  testWith('docker', 'registry')(
    'a champion that cannot be understood is exit 5, never a free pass',
    async () => {
      const registry = await registryForTest();
      const env = {REGISTRY: registry.host, IMAGE_NAME: imageNameForTest()};
      const reference = `${registry.host}/${env.IMAGE_NAME}:production`;
      const codes = [];
      for (const [model, expected] of [
        [undefined, 'its last layer holds no /app/model.json: it was not built by this program.'],
        ['{"formatVersion":1', 'is not JSON'],
      ] as const) {
        buildByHand(reference, model);
        const run = await newRunner(env)('pipeline');
        codes.push(run.code);
        expect(run.result().error?.code).toBe('RELEASE_BROKEN');
        expect(run.result().error?.message).toContain(expected);
      }
      expect(codes).toEqual([5, 5]);
    },
  );
});

describe('an interrupted promotion', () => {
  testWith('docker', 'registry')(
    'leaves the old or the new champion, whole, wherever it is killed, and the next run completes',
    async () => {
      const image = imageNameForTest();
      const base = await registryForTest();
      const dataset = ['--dataset', describeIris('lenient')];
      const old = (
        await newRunner({REGISTRY: base.host, IMAGE_NAME: image})('pipeline', ...dataset, '--seed', '7')
      ).result().release?.digest;
      const seen: string[] = [];
      // every point in CI, where nobody waits
      const step = process.env.CI === 'true' ? 1 : 5;
      for (let point = 1, ended = false; !ended && point < 80; point += step) {
        const storage = mkdtempSync(join(tmpdir(), 'killed-registry-'));
        cpSync(base.storage, storage, {recursive: true});
        const registry = await startRegistry({storage});
        const holder: {kill?: () => void} = {};
        const proxy = await startFaultProxy(registry.host, ({number}) => {
          if (number === point) holder.kill?.();
          return number >= point && holder.kill !== undefined ? {kind: 'drop'} : undefined;
        });
        const env = {REGISTRY: proxy.host, IMAGE_NAME: image};
        const artifacts = join(folder, `killed-${point}`);
        const run = await runCli(['pipeline', ...dataset, '--json', '--artifacts', artifacts], {
          env: {CONTAINER_ENGINE: 'docker', ...env},
          onStart: kill => {
            holder.kill = kill;
          },
        });
        ended = run.code !== null;
        await proxy.close();
        const held = await readTag(registry.host, image, 'production');
        expect(await isWhole(registry.host, image, 'production')).toBe(true);
        seen.push(held?.digest === old ? 'old' : 'new');
        // whatever was left behind, another runner completes it; tried at some of the points, for time
        if (point % 3 === 1) {
          const next = await newRunner({REGISTRY: registry.host, IMAGE_NAME: image})('pipeline', ...dataset);
          expect(['promoted', 'unchanged']).toContain(next.result().outcome);
          expect(await isWhole(registry.host, image, 'production')).toBe(true);
        }
        await registry.remove();
        rmSync(storage, {recursive: true, force: true});
        removeSmokeContainers(image);
      }
      expect(seen.length).toBeGreaterThan(3);
      // it never goes back: old … old, then new … new
      expect(seen).toEqual([...seen].sort((a, b) => b.localeCompare(a)));
      expect(seen.at(-1)).toBe('new');
    },
    1_200_000,
  );

  testWith('docker', 'registry')(
    'of two that promote at once, none is lost and none is half',
    async () => {
      // twenty rounds in CI, where nobody waits; a few on a laptop
      const rounds = process.env.CI === 'true' ? 20 : 3;
      const registry = await registryForTest();
      const images = imageNameForTest();
      for (let round = 0; round < rounds; round++) {
        const env = {REGISTRY: registry.host, IMAGE_NAME: `${images}/${round}`};
        const results = (
          await Promise.all(['42', '7'].map(seed => newRunner(env)('pipeline', '--seed', seed)))
        ).map(run => run.result());
        const held = await readTag(registry.host, env.IMAGE_NAME, 'production');
        expect(await isWhole(registry.host, env.IMAGE_NAME, 'production')).toBe(true);
        for (const {outcome, release, error} of results) {
          expect([undefined, 'GATE_REJECTED']).toContain(error?.code);
          expect(outcome).toBe(error === null ? 'promoted' : 'rejected');
          if (release !== null)
            expect(await isWhole(registry.host, env.IMAGE_NAME, release.ref.split(':').at(-1) ?? '')).toBe(
              true,
            );
        }
        const winner = results.find(({release}) => release?.digest === held?.digest);
        expect(winner?.outcome).toBe('promoted');
        // the other one met the winner's model, or the winner met its: neither overwrote the other unseen
        const other = results.find(result => result !== winner);
        const [met, wasMet] = [
          other?.champion?.digest === held?.digest,
          winner?.champion?.digest === other?.release?.digest,
        ];
        expect(met || wasMet).toBe(true);
      }
    },
    1_200_000,
  );
});

describe('a registry that falters', () => {
  testWith('docker', 'registry')(
    'is asked again after 429, 500 and a broken connection, and a truncated answer is never believed',
    async () => {
      const registry = await registryForTest();
      const env = {IMAGE_NAME: imageNameForTest()};
      const dataset = ['--dataset', describeIris('lenient')];
      await newRunner({...env, REGISTRY: registry.host})('pipeline', ...dataset, '--seed', '7');
      const faults = [
        {kind: 'status', status: 429, headers: {'retry-after': '1'}},
        {kind: 'drop'},
        {kind: 'status', status: 500},
        {kind: 'truncate'},
        {kind: 'delay', ms: 300},
      ] as const;
      // every other time, so that no single request meets more faults than it is tried again
      let [next, calls] = [0, 0];
      const proxy = closeAfterTest(
        await startFaultProxy(registry.host, ({method, path}) =>
          method === 'GET' && /manifests|blobs/.test(path) && calls++ % 2 === 0 ? faults[next++] : undefined,
        ),
      );
      const run = await newRunner({...env, REGISTRY: proxy.host})('pipeline', ...dataset);
      expect(run.result()).toMatchObject({outcome: 'promoted', error: null});
      expect(next).toBeGreaterThanOrEqual(faults.length);
    },
  );
});

/** Puts an image under a reference that this program did not build. */
function buildByHand(reference: string, model: string | undefined): void {
  const context = mkdtempSync(join(folder, 'by-hand-'));
  writeFileSync(join(context, 'server.mjs'), '');
  if (model !== undefined) writeFileSync(join(context, 'model.json'), model);
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM gcr.io/distroless/nodejs24-debian13:nonroot\nCOPY ${readdirSync(context).join(' ')} /app/\n`,
  );
  spawnSync('docker', ['build', '--tag', reference, context], {env: {...process.env, DOCKER_BUILDKIT: '0'}});
  const pushed = spawnSync('docker', ['push', reference], {encoding: 'utf8'});
  if (pushed.status !== 0) throw new Error(pushed.stderr);
  onTestFinished(() => void spawnSync('docker', ['image', 'rm', '--force', reference]));
}

/** What a run that was killed could not remove itself. */
function removeSmokeContainers(image: string): void {
  const ids = spawnSync('docker', ['ps', '--all', '--quiet', '--filter', `name=smoke-${image}`], {
    encoding: 'utf8',
  }).stdout.trim();
  if (ids !== '') spawnSync('docker', ['rm', '--force', ...ids.split('\n')]);
}
