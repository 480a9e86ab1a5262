import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect} from 'vitest';
import {readEvidence} from '../../pipeline/io/artifacts/evidence-files.ts';
import {RegistryAddress} from '../../pipeline/io/registry/address.ts';
import {openRepository} from '../../pipeline/io/registry/registry.ts';
import {parseEnvironment} from '../../pipeline/run/environment.ts';
import {arm64, hash, makeSmallImage, putImage} from '../helpers/base-image.ts';
import {projectRoot, runCli} from '../helpers/cli-run.ts';
import {makeFolder} from '../helpers/folder.ts';
import {testWith} from '../helpers/parts.ts';
import {imageNameForTest, isWhole, registryForTest} from '../helpers/promotion.ts';
import {readManifest} from '../helpers/registry.ts';

const folder = makeFolder();
const {baseImage} = parseEnvironment({});

/** Pushes the base that docker holds to a registry, as an index with a small image for arm64 beside it. */
async function pushBase(host: string): Promise<string> {
  const own = `${host}/base/node:amd64`;
  spawnSync('docker', ['tag', baseImage, own]);
  spawnSync('docker', ['push', '--quiet', own]);
  spawnSync('docker', ['image', 'rm', own]);
  const amd64 = await readManifest(host, 'base/node', 'amd64');
  const repository = openRepository(
    RegistryAddress.parse(host),
    'base/node',
    null,
    new AbortController().signal,
  );
  const small = await makeSmallImage(arm64);
  await putImage(repository, small, hash(small.manifest));
  const image = await repository.getManifest(amd64?.digest ?? '');
  const manifests = [
    {
      mediaType: image?.mediaType,
      digest: image?.digest,
      size: image?.bytes.length,
      platform: {os: 'linux', architecture: 'amd64'},
    },
    {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: hash(small.manifest),
      size: small.manifest.length,
      platform: arm64,
    },
  ];
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const bytes = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, manifests}));
  await repository.putManifest('24', {mediaType, bytes}, {overwrites: false});
  return `${host}/base/node:24`;
}

/** Runs commands as another machine would, and tells what was built. */
async function buildElsewhere(name: string, env: Record<string, string>, ...commands: string[]) {
  const artifacts = join(folder, name);
  for (const command of commands) {
    const run = await runCli([command, '--json', '--artifacts', artifacts], {env});
    expect(run.result().error).toBeNull();
  }
  const version = readFileSync(join(artifacts, 'iris/latest'), 'utf8').trim();
  return readEvidence(join(artifacts, 'iris', version), 'build.json');
}

describe('one digest', () => {
  testWith('docker', 'podman', 'registry')(
    'comes of docker, of podman and of no engine, and both platforms are whole in the registry',
    async () => {
      const registry = await registryForTest();
      const BASE_IMAGE = await pushBase(registry.host);
      const IMAGE_NAME = imageNameForTest();
      const docker = await buildElsewhere(
        'docker',
        {BASE_IMAGE, IMAGE_NAME, REGISTRY: registry.host, CONTAINER_ENGINE: 'docker'},
        'pipeline',
      );
      const podman = await buildElsewhere(
        'podman',
        {BASE_IMAGE, IMAGE_NAME, CONTAINER_ENGINE: 'podman', TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8'},
        'train',
        'build',
        'smoke',
      );
      const none = await buildElsewhere(
        'none',
        {BASE_IMAGE, IMAGE_NAME, CONTAINER_ENGINE: 'none'},
        'train',
        'build',
      );
      expect(docker?.platforms).toEqual(['linux/amd64', 'linux/arm64/v8']);
      expect([podman?.digest, none?.digest]).toEqual([docker?.digest, docker?.digest]);
      expect((await readManifest(registry.host, IMAGE_NAME, 'production'))?.digest).toBe(docker?.digest);
      expect(await isWhole(registry.host, IMAGE_NAME, 'production')).toBe(true);
      spawnSync('podman', ['image', 'rm', '--force', podman?.imageName ?? '']);
      // another run of docker, on another day and with other rights
      const again = spawnSync(
        'faketime',
        [
          '2031-02-03 04:05:06',
          'sh',
          '-c',
          'umask 077; exec "$@"',
          'sh',
          process.execPath,
          '--import',
          'tsx',
          join(projectRoot, 'pipeline/cli.ts'),
          'pipeline',
          '--json',
          '--artifacts',
          join(folder, 'later'),
        ],
        {
          cwd: projectRoot,
          encoding: 'utf8',
          env: {
            PATH: process.env.PATH,
            HOME: process.env.HOME,
            BASE_IMAGE,
            IMAGE_NAME,
            REGISTRY: registry.host,
          },
        },
      );
      expect(JSON.parse(again.stdout)).toMatchObject({
        outcome: 'unchanged',
        release: {digest: docker?.digest},
      });
    },
    300_000,
  );
});

describe('the image that we assemble', () => {
  for (const engine of ['docker', 'podman'] as const) {
    testWith(engine)(
      `has the configuration and the files of the one that ${engine} builds of the same context`,
      async () => {
        const IMAGE_NAME = imageNameForTest(engine);
        const built = await buildElsewhere(
          `compared-${engine}`,
          {IMAGE_NAME, CONTAINER_ENGINE: engine},
          'train',
          'build',
        );
        const ours = built?.imageName ?? '';
        const theirs = `${IMAGE_NAME}:theirs`;
        const context = join(folder, `compared-${engine}`, 'iris', built?.modelVersion ?? '', 'context');
        const dockerfile = join(projectRoot, 'Dockerfile');
        const format = engine === 'podman' ? ['--format', 'docker'] : [];
        const {stderr, status} = spawnSync(
          engine,
          ['build', ...format, '--file', dockerfile, '--tag', theirs, context],
          {encoding: 'utf8', env: {...process.env, DOCKER_BUILDKIT: '0'}},
        );
        expect([status, stderr]).toEqual([0, expect.anything()]);
        expect(inspect(engine, ours)).toEqual(inspect(engine, theirs));
        expect(listLayer(engine, ours)).toEqual(listLayer(engine, theirs));
      },
      120_000,
    );
  }
});

/** What of an image's configuration is not a time, an id or a label. */
function inspect(engine: string, image: string) {
  const output = spawnSync(engine, ['image', 'inspect', image], {encoding: 'utf8', maxBuffer: 2 ** 26});
  const [{Architecture, Os, Config}] = JSON.parse(output.stdout);
  const {User, ExposedPorts, Env, Cmd, Entrypoint, WorkingDir, Volumes} = Config;
  return {
    Architecture,
    Os,
    User,
    ExposedPorts,
    Env,
    Cmd: Cmd ?? null,
    Entrypoint,
    WorkingDir,
    Volumes: Volumes ?? null,
  };
}

/** The files of an image's last layer, with rights, owner and hash of each. */
function listLayer(engine: string, image: string) {
  const place = join(folder, Math.random().toString(36).slice(2));
  const script = `mkdir -p "$2/layer" && "$0" save --output "$2/image.tar" "$1" 2>"$2/words" && tar -xf "$2/image.tar" -C "$2" &&
    cd "$2" && layer=$(node -p 'JSON.parse(fs.readFileSync("manifest.json"))[0].Layers.at(-1)') &&
    tar --numeric-owner -tvf "$layer" | awk '{print $1, $2, $6}' && tar -xf "$layer" -C layer && cd layer && sha256sum app/*`;
  const output = spawnSync('sh', ['-c', script, engine, image, place], {encoding: 'utf8'});
  expect(output.stderr).toBe('');
  return output.stdout.split('\n');
}
