import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished} from 'vitest';
import {runCli} from './helpers/cli-run.ts';
import {startFaultProxy} from './helpers/fault-proxy.ts';
import {makeFolder} from './helpers/folder.ts';
import {testWith} from './helpers/parts.ts';
import {closeAfterTest, imageNameForTest, registryForTest} from './helpers/promotion.ts';
import {findFreePort, readTag} from './helpers/registry.ts';

// scikit-learn 1.2.1 on the same file and split: see "Numbers that must agree" in the README
const referenceMse = 0.12991981605759936;
const referencePrediction = 1.4892105741903334;

const folder = makeFolder();
const artifacts = (name: string) => ['--artifacts', join(folder, name)];

function listSmokeContainers(image: string): string {
  return spawnSync('docker', ['ps', '--all', '--quiet', '--filter', `name=smoke-${image}`], {
    encoding: 'utf8',
  }).stdout;
}

describe('the pipeline with docker', () => {
  testWith('docker', 'registry')(
    'promotes an image that answers with the reference prediction, and the registry holds the digest it reports',
    async () => {
      const registry = await registryForTest();
      const name = imageNameForTest();
      const run = await runCli(['pipeline', '--json', ...artifacts('docker')], {
        env: {CONTAINER_ENGINE: 'docker', REGISTRY: `${registry.host}/team`, IMAGE_NAME: name},
      });
      const result = run.result();
      expect(result.error).toBeNull();
      expect(run.code).toBe(0);
      expect(result.metrics?.mse).toBeCloseTo(referenceMse, 12);
      expect(result.smoke?.checks.filter(check => !check.passed)).toEqual([]);
      const [released, channel] = [
        await readTag(registry.host, `team/${name}`, result.image?.tag.split(':')[1] ?? ''),
        await readTag(registry.host, `team/${name}`, 'production'),
      ];
      expect(channel).toEqual(released);
      expect(channel).toEqual({digest: result.release?.digest, config: result.image?.id});

      const pulled = `${registry.host}/team/${name}@${result.release?.digest}`;
      // its own names only: the same image may be at work in another test
      spawnSync('docker', ['image', 'rm', result.image?.tag ?? '', result.release?.ref ?? '']);
      const started = spawnSync(
        'docker',
        ['run', '--detach', '--rm', '--publish', '127.0.0.1::8000', pulled],
        {encoding: 'utf8'},
      );
      const container = started.stdout.trim();
      onTestFinished(() => void spawnSync('docker', ['rm', '--force', container]));
      const port = spawnSync('docker', ['port', container, '8000'], {encoding: 'utf8'}).stdout.trim();
      const answer = await waitForAnswer(`http://${port}/predict`);
      expect(answer.model_version).toBe(result.version);
      expect(answer.prediction).toHaveLength(1);
      expect(answer.prediction[0]).toBeCloseTo(referencePrediction, 12);
    },
  );

  testWith('docker', 'registry')(
    'says which rule failed by how much, and leaves the channel where it was',
    async () => {
      const registry = await registryForTest();
      const env = {CONTAINER_ENGINE: 'docker', REGISTRY: registry.host, IMAGE_NAME: imageNameForTest()};
      await runCli(['pipeline', '--seed', '7', ...artifacts('gate')], {env});
      const before = await readTag(registry.host, env.IMAGE_NAME, 'production');
      const run = await runCli(['pipeline', '--max-mse', '0.1', '--json', ...artifacts('gate')], {env});
      expect(run.code).toBe(4);
      expect(run.result()).toMatchObject({outcome: 'rejected', gate: {passed: false}, release: null});
      expect(run.result().error?.message).toMatch(
        /^Not promoted: mse 0\.12992 is not at most 0\.1: off by 0\.02992[.;]/,
      );
      expect(before).toBeDefined();
      expect(await readTag(registry.host, env.IMAGE_NAME, 'production')).toEqual(before);
    },
  );

  testWith('docker')('releases to the engine where there is no registry', async () => {
    const name = imageNameForTest();
    const run = await runCli(['pipeline', '--json', ...artifacts('engine')], {
      env: {CONTAINER_ENGINE: 'docker', IMAGE_NAME: name},
    });
    const {release, image} = run.result();
    expect(release).toEqual({
      store: 'engine',
      ref: `${name}:production`,
      digest: image?.id,
      channel: 'production',
    });
    const inspected = JSON.parse(
      spawnSync('docker', ['image', 'inspect', `${name}:production`], {encoding: 'utf8'}).stdout,
    )[0];
    expect(inspected.Id).toBe(image?.id);
    expect(inspected.Config).toMatchObject({
      User: '65532:65532',
      Entrypoint: ['/nodejs/bin/node', '/app/server.mjs'],
      Cmd: null,
    });
    expect(inspected.Config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'iris',
      'csv-to-server.model.version': run.result().version,
      'csv-to-server.data.sha256': '6f608b71a7317216319b4d27b4d9bc84e6abd734eda7872b71a458569e2656c0',
    });
    expect(Number(inspected.Config.Labels['csv-to-server.model.mse'])).toBeCloseTo(referenceMse, 12);
  });

  testWith('docker')('goes stage by stage, each refusing what has no evidence before it', async () => {
    const where = artifacts('stages');
    const env = {CONTAINER_ENGINE: 'docker', IMAGE_NAME: imageNameForTest()};
    const codes: Record<string, (number | null)[]> = {};
    const note = async (...commands: string[]) => {
      for (const command of commands)
        codes[command] = [...(codes[command] ?? []), (await runCli([command, ...where], {env})).code];
    };
    await note(
      'build',
      'train',
      'smoke',
      'gate',
      'push',
      'build',
      'gate',
      'push',
      'smoke',
      'push',
      'gate',
      'push',
    );
    expect(codes).toEqual({train: [0], build: [2, 0], smoke: [4, 0], gate: [4, 4, 0], push: [4, 4, 4, 0]});
  });

  testWith('docker')('refuses evidence about another image', async () => {
    const env = {CONTAINER_ENGINE: 'docker', IMAGE_NAME: imageNameForTest()};
    const run = await runCli(['pipeline', '--json', ...artifacts('other')], {env});
    const path = join(run.result().artifact ?? '', 'smoke.json');
    const smoke = JSON.parse(readFileSync(path, 'utf8'));
    const other = `sha256:${'0'.repeat(64)}`;
    writeFileSync(path, JSON.stringify({...smoke, subject: {...smoke.subject, digest: other}}));
    const push = await runCli(['push', '--json', ...artifacts('other')], {env});
    expect(push.code).toBe(4);
    expect(push.result().error).toEqual({
      code: 'EVIDENCE_MISSING',
      message: `${smoke.subject.digest} cannot be promoted: smoke.json is about ${other}. A release needs a smoke test and a verdict that passed, both about exactly what is pushed.`,
      fix: 'Run npm run smoke.',
    });
  });

  testWith('docker')('names a base image that cannot be had', async () => {
    const run = await runCli(['pipeline', '--json', ...artifacts('base')], {
      env: {CONTAINER_ENGINE: 'docker', BASE_IMAGE: '127.0.0.1:1/none:1'},
    });
    expect(run.code).toBe(5);
    expect(run.result().error?.code).toBe('BASE_IMAGE_UNAVAILABLE');
    expect(run.result().error?.message).toMatch(
      /^The base image 127\.0\.0\.1:1\/none:1 is not on this machine and docker could not pull it: .*connection refused/s,
    );
  });

  testWith('docker')("shows the container's log when it dies at start", async () => {
    const [base, image] = [imageNameForTest(), imageNameForTest()];
    const dockerfile =
      'FROM gcr.io/distroless/nodejs24-debian13:nonroot\nENV NODE_OPTIONS=--require=/no-such-module.cjs\n';
    spawnSync('docker', ['build', '--tag', base, '-'], {
      input: dockerfile,
      env: {...process.env, DOCKER_BUILDKIT: '0'},
    });
    const run = await runCli(['pipeline', '--json', ...artifacts('dies')], {
      env: {CONTAINER_ENGINE: 'docker', IMAGE_NAME: image, BASE_IMAGE: base},
    });
    expect([4, 5]).toContain(run.code);
    expect(run.stderr).toContain("Cannot find module '/no-such-module.cjs'");
    expect(listSmokeContainers(image)).toBe('');
  });

  testWith('docker')('removes the container and ends with 130 on Ctrl-C', async () => {
    let sent = false;
    const image = imageNameForTest();
    const run = await runCli(['pipeline', '--json', ...artifacts('interrupt')], {
      env: {CONTAINER_ENGINE: 'docker', IMAGE_NAME: image},
      onStderr: (text, kill) => {
        if (sent || !/^build /m.test(text)) return;
        sent = true;
        // twice, as from a terminal: by itself and passed on by npm
        for (const delayMs of [300, 350]) setTimeout(() => kill('SIGINT'), delayMs);
      },
    });
    expect(run.code).toBe(130);
    expect(run.result().error?.code).toBe('INTERRUPTED');
    expect(listSmokeContainers(image)).toBe('');
  });
});

describe('the pipeline with podman', () => {
  testWith('podman', 'registry')('promotes to the registry and reads the same digest back', async () => {
    const registry = await registryForTest();
    const run = await runCli(['pipeline', '--json', ...artifacts('podman')], {
      env: {CONTAINER_ENGINE: 'podman', REGISTRY: registry.host, IMAGE_NAME: imageNameForTest('podman')},
    });
    expect(run.result()).toMatchObject({outcome: 'promoted', error: null, image: {engine: 'podman'}});
    const {ref, digest} = run.result().release ?? {ref: '', digest: ''};
    const held = await readTag(registry.host, ref.split('/')[1]?.split(':')[0] ?? '', 'production');
    expect(held).toEqual({digest, config: run.result().image?.id});
  });
});

describe('a registry that does not play along', () => {
  const account = {username: 'robot', password: 'correct horse'};
  const pipeline = (name: string, env: Record<string, string>) =>
    runCli(['pipeline', '--json', ...artifacts(name)], {
      env: {CONTAINER_ENGINE: 'docker', IMAGE_NAME: imageNameForTest(), ...env},
    });

  testWith('docker')(
    'ends with 5 and its address when it refuses the connection, before anything is trained',
    async () => {
      const host = `127.0.0.1:${await findFreePort()}`;
      const run = await pipeline('refused', {REGISTRY: host});
      expect(run.code).toBe(5);
      expect(run.result().error).toEqual({
        code: 'REGISTRY_UNREACHABLE',
        message: `Registry ${host} (GET /v2/): it cannot be reached: ECONNREFUSED.`,
        fix: 'Start it or correct REGISTRY; nothing was promoted, and the same command can be run again.',
      });
      expect(run.result().stages).toEqual([]);
    },
  );

  testWith(
    'docker',
    'registry',
    'htpasswd',
  )('logs in with the account of the environment and never shows its password', async () => {
    const registry = await registryForTest({account});
    const run = await pipeline('login', {
      REGISTRY: registry.host,
      REGISTRY_USERNAME: account.username,
      REGISTRY_PASSWORD: account.password,
    });
    expect(run.result()).toMatchObject({outcome: 'promoted', error: null});
    expect(run.stdout + run.stderr).not.toContain(account.password);
  });

  testWith(
    'docker',
    'registry',
    'htpasswd',
  )('ends with 5 when it refuses the login', async () => {
    const registry = await registryForTest({account});
    for (const env of [{}, {REGISTRY_USERNAME: 'robot', REGISTRY_PASSWORD: 'wrong'}]) {
      const run = await pipeline('denied', {REGISTRY: registry.host, DOCKER_CONFIG: folder, ...env});
      expect(run.code).toBe(5);
      expect(run.result().error).toEqual({
        code: 'REGISTRY_REFUSED',
        message: `Registry ${registry.host} (GET /v2/): it refused the login: 401 UNAUTHORIZED (authentication required).`,
        fix: 'Set REGISTRY_USERNAME and REGISTRY_PASSWORD to an account that may pull and push there, or log in with the container engine.',
      });
    }
  });

  testWith('docker', 'registry')('ends with 5 when it fails midway, and has no channel then', async () => {
    const registry = await registryForTest();
    const proxy = closeAfterTest(
      await startFaultProxy(registry.host, ({method, path}) =>
        method === 'PUT' && path.endsWith('/manifests/production')
          ? {kind: 'status', status: 500}
          : undefined,
      ),
    );
    const run = await pipeline('midway', {REGISTRY: proxy.host});
    expect(run.code).toBe(5);
    expect(run.result().error?.message).toMatch(
      /^Registry 127\.0\.0\.1:\d+ \(PUT \/v2\/test-\w+\/manifests\/production\): expected success, got 500\.$/,
    );
    const name = run.result().image?.tag.split(':')[0] ?? '';
    expect(await readTag(registry.host, name, 'production')).toBeUndefined();
  });

  testWith('docker', 'registry')('goes on after two answers of 503', async () => {
    const registry = await registryForTest();
    let left = 2;
    const proxy = closeAfterTest(
      await startFaultProxy(registry.host, ({method, path}) =>
        method === 'PUT' && path.endsWith('/manifests/production') && left-- > 0
          ? {kind: 'status', status: 503}
          : undefined,
      ),
    );
    expect((await pipeline('hiccup', {REGISTRY: proxy.host})).result()).toMatchObject({
      outcome: 'promoted',
      error: null,
    });
  });

  testWith(
    'docker',
    'registry',
    'openssl',
  )(
    'explains plain HTTP spoken to HTTPS, a strange certificate, and HTTPS spoken to plain HTTP',
    async () => {
      const [secure, plain] = [await registryForTest({tls: true}), await registryForTest()];
      const messages = [];
      for (const address of [secure.host, `https://${secure.host}`, `https://${plain.host}`]) {
        const run = await pipeline('tls', {REGISTRY: address});
        expect(run.code).toBe(5);
        messages.push(run.result().error?.message);
      }
      expect(messages).toEqual([
        `Registry ${secure.host} (GET /v2/): it speaks HTTPS, and was spoken to in plain HTTP.`,
        `Registry ${secure.host} (GET /v2/): its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT).`,
        `Registry ${plain.host} (GET /v2/): it does not speak HTTPS.`,
      ]);
    },
  );

  testWith('docker', 'registry')('ends with 5 when it is read-only', async () => {
    const registry = await registryForTest({readOnly: true});
    const run = await pipeline('read-only', {REGISTRY: registry.host});
    expect(run.code).toBe(5);
    expect(run.result().error).toMatchObject({
      code: 'REGISTRY_READ_ONLY',
      fix: 'Take the registry out of read-only mode, then run `npm run push`.',
    });
  });

  testWith('docker', 'registry')('is never given another image under a version tag that exists', async () => {
    const registry = await registryForTest();
    const env = {CONTAINER_ENGINE: 'docker', REGISTRY: registry.host, IMAGE_NAME: imageNameForTest()};
    const first = (await runCli(['pipeline', '--json', ...artifacts('taken')], {env})).result();
    // somebody puts another release under the tag, and takes the channel away
    const [repository = '', tag = ''] = first.release?.ref.split(/:(?=[^:]*$)/) ?? [];
    const other = (
      await runCli(['pipeline', '--seed', '8', '--max-mse', '9', '--json', ...artifacts('taken-other')], {
        env: {...env, CHANNEL: 'other'},
      })
    ).result();
    spawnSync('docker', ['tag', other.image?.id ?? '', `${repository}:${tag}`]);
    spawnSync('docker', ['push', `${repository}:${tag}`]);
    const held = await readTag(registry.host, env.IMAGE_NAME, tag);
    const run = await runCli(['pipeline', '--json', ...artifacts('taken')], {
      env: {...env, CHANNEL: 'third'},
    });
    expect(run.code).toBe(5);
    expect(run.result().error?.code).toBe('TAG_TAKEN');
    expect(await readTag(registry.host, env.IMAGE_NAME, tag)).toEqual(held);
    expect(await readTag(registry.host, env.IMAGE_NAME, 'third')).toBeUndefined();
  });

  testWith('docker', 'registry')(
    'gets a release of its own for another base, as for another server',
    async () => {
      const registry = await registryForTest();
      const env = {CONTAINER_ENGINE: 'docker', REGISTRY: registry.host, IMAGE_NAME: imageNameForTest()};
      const first = (await runCli(['pipeline', '--json', ...artifacts('base-1')], {env})).result();
      const base = imageNameForTest();
      const dockerfile = 'FROM gcr.io/distroless/nodejs24-debian13:nonroot\nENV OTHER=1\n';
      spawnSync('docker', ['build', '--tag', base, '-'], {
        input: dockerfile,
        env: {...process.env, DOCKER_BUILDKIT: '0'},
      });
      const second = (
        await runCli(['pipeline', '--json', ...artifacts('base-2')], {env: {...env, BASE_IMAGE: base}})
      ).result();
      expect(second).toMatchObject({outcome: 'promoted', version: first.version, error: null});
      expect(second.release?.ref).not.toBe(first.release?.ref);
    },
  );
});

async function waitForAnswer(url: string): Promise<{prediction: number[]; model_version: string}> {
  for (let i = 0; i < 100; i++) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {'content-type': 'application/json'},
      body: '{"features":[[5.1,3.5,0.2]]}',
    }).catch(() => undefined);
    if (answer?.ok) return JSON.parse(await answer.text());
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`${url} gave no answer within 5 s`);
}
