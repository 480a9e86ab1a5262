import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {makeFolder} from '../helpers/folder.ts';
import {type MemoryRegistry, startMemoryRegistry} from '../helpers/memory-registry.ts';
import {createToyEngine} from '../helpers/toy-engine.ts';
import {listToy, runToy, type ToyPlace} from '../helpers/toy-run.ts';

let registry: MemoryRegistry;
beforeAll(async () => {
  registry = await startMemoryRegistry();
});
afterAll(() => registry.close());

/** A place with a repository of its own, since the registry is shared. */
function place(): ToyPlace & {held: () => string | undefined; repository: string} {
  const repository = `team${Math.random().toString(36).slice(2)}/iris`;
  return {
    engine: createToyEngine(),
    registry: `${registry.host}/${repository.split('/')[0]}`,
    artifacts: makeFolder(),
    repository,
    held: () => registry.readTag(repository, 'production')?.digest,
  };
}

interface Changeable {
  name: string;
  features: string[];
  gate: {rules: object[]; champion?: object};
}

/** Writes a changed copy of iris' descriptor, and gives its path. */
function writeDescriptor({artifacts}: ToyPlace, change: (descriptor: Changeable) => void): string {
  const descriptor = JSON.parse(readFileSync('data/iris.json', 'utf8'));
  descriptor.source.snapshot = join(process.cwd(), 'data/iris.data');
  change(descriptor);
  const path = join(artifacts, 'changed.json');
  writeFileSync(path, JSON.stringify(descriptor));
  return path;
}

/** The arguments of a run that promotes whatever it trains. */
function promoteAnything(here: ToyPlace, seed: number): string[] {
  const path = writeDescriptor(here, descriptor => {
    descriptor.gate = {rules: [{metric: 'mse', max: 99}]};
  });
  return ['--dataset', path, '--seed', String(seed)];
}

describe('a pipeline', () => {
  test('promotes the first model, and leaves it alone when nothing has changed', async () => {
    const here = place();
    const first = await runToy(here, 'pipeline');
    expect(first).toMatchObject({outcome: 'promoted', error: null, gate: {comparison: 'first'}});
    expect(here.held()).toBe(first.release?.digest);
    // an empty runner: nothing but the registry remembers
    const second = await runToy({...here, engine: createToyEngine(), artifacts: makeFolder()}, 'pipeline');
    expect(second).toMatchObject({
      outcome: 'unchanged',
      error: null,
      image: null,
      smoke: null,
      release: {digest: first.release?.digest},
    });
    expect(here.held()).toBe(first.release?.digest);
    expect(here.engine.countRunning()).toBe(0);
  });

  test('judges an unchanged champion by the limits of today, and leaves the channel as it is', async () => {
    const here = place();
    const first = await runToy(here, 'pipeline');
    const stricter = await runToy(here, 'pipeline', '--max-mse', '0.1');
    expect(stricter).toMatchObject({
      outcome: 'rejected',
      gate: {passed: false, comparison: 'compared'},
      error: {code: 'GATE_REJECTED'},
      release: {digest: first.release?.digest},
    });
    expect(here.held()).toBe(first.release?.digest);
  });

  test('judges an unchanged champion by rules that its descriptor got since', async () => {
    const here = place();
    await runToy(here, 'pipeline');
    const path = writeDescriptor(here, ({gate}) => {
      gate.rules = [{metric: 'cv.mse.mean', max: 0.01}];
    });
    expect(await runToy(here, 'pipeline', '--dataset', path)).toMatchObject({
      outcome: 'rejected',
      gate: {
        passed: false,
        rules: [
          {metric: 'cv.mse.mean', passed: false},
          {metric: 'champion.mse.increase', passed: true},
        ],
      },
    });
  });

  test('rejects a model that is worse than the champion allows', async () => {
    const here = place();
    const first = await runToy(here, 'pipeline');
    // another split trains another model, scored on its own test rows beside the champion
    const worse = await runToy(
      here,
      'pipeline',
      '--test-size',
      '0.9',
      '--seed',
      '3',
      '--max-mse',
      '9',
      '--min-r2',
      '0',
    );
    expect(worse).toMatchObject({
      outcome: 'rejected',
      gate: {passed: false, comparison: 'compared'},
      release: null,
    });
    expect(worse.gate?.rules.find(({metric}) => metric === 'champion.mse.increase')?.passed).toBe(false);
    expect(here.held()).toBe(first.release?.digest);
  });

  test('compares again when another run has moved the channel meanwhile', async () => {
    const here = place();
    await runToy(here, 'pipeline');
    const other = await runToy({...here, channel: 'staging'}, 'pipeline', ...promoteAnything(here, 7));
    let moved = false;
    const start = here.engine.start;
    here.engine.start = async (...args) => {
      // during the smoke test, long after the champion was read
      if (!moved) registry.setTag(here.repository, 'production', other.release?.digest ?? '');
      moved = true;
      return start(...args);
    };
    const late = await runToy(here, 'pipeline', ...promoteAnything(here, 5));
    expect(late.notes).toContain(
      'Another run moved the channel while this one worked: comparing with what is there now.',
    );
    expect(late.stages.filter(({name}) => name === 'champion')).toHaveLength(2);
    expect(late).toMatchObject({outcome: 'promoted', champion: {digest: other.release?.digest}});
  });
});

describe('an image that somebody changed', () => {
  test.each([
    ['another entry point', (image: Settings) => (image.config.Entrypoint = ['/bin/sh'])],
    ['another user', (image: Settings) => (image.config.User = 'root')],
    ['another architecture', (image: Settings) => (image.architecture = 'arm64')],
  ])('is not the champion that would be built: %s', async (_, change) => {
    const here = place();
    const first = await runToy(here, 'pipeline');
    await changeImage(here, change);
    const second = await runToy({...here, engine: createToyEngine(), artifacts: makeFolder()}, 'pipeline');
    // the version tag still holds the release as it was built
    expect(second).toMatchObject({
      outcome: 'promoted',
      error: null,
      release: {digest: first.release?.digest},
    });
    expect(here.held()).toBe(first.release?.digest);
  });
});

describe('a gate', () => {
  test('does not judge by the descriptor of another model of the same name', async () => {
    const here = {...place(), registry: null};
    await runToy(here, 'train');
    await runToy(here, 'build');
    await runToy(here, 'smoke');
    const lax = writeDescriptor(here, descriptor => {
      descriptor.features = ['sepal_length'];
      descriptor.gate.rules = [{metric: 'mse', max: 99}];
    });
    expect(await runToy(here, 'gate', '--dataset', lax)).toMatchObject({
      outcome: 'failed',
      error: {code: 'OTHER_DESCRIPTOR'},
      gate: null,
    });
    expect(await runToy(here, 'gate')).toMatchObject({outcome: 'accepted', gate: {passed: true}});
  });

  test('does not judge a model without a descriptor by the one at hand', async () => {
    const here = {...place(), registry: null};
    const csv = join(here.artifacts, 'flats.csv');
    writeFileSync(
      csv,
      `area,rent\n${Array.from({length: 40}, (_, i) => `${i},${3 * i + (i % 2)}`).join('\n')}\n`,
    );
    for (const command of ['train', 'build', 'smoke'] as const) {
      const target = command === 'train' ? ['--target', 'rent'] : [];
      expect((await runToy(here, command, '--csv', csv, ...target)).error).toBeNull();
    }
    expect(await runToy(here, 'gate', '--name', 'flats')).toMatchObject({error: {code: 'OTHER_DESCRIPTOR'}});
    expect(await runToy(here, 'gate', '--csv', csv, '--target', 'rent')).toMatchObject({outcome: 'accepted'});
    expect(await runToy(here, 'push', '--csv', csv)).toMatchObject({outcome: 'promoted'});
  });

  test('takes stricter rules of the same data, and what is pushed was judged by them', async () => {
    const here = {...place(), registry: null};
    await runToy(here, 'train');
    await runToy(here, 'build');
    await runToy(here, 'smoke');
    expect(await runToy(here, 'gate')).toMatchObject({outcome: 'accepted'});
    const stricter = writeDescriptor(here, ({gate}) => gate.rules.push({metric: 'rmse', max: 0.5}));
    expect(await runToy(here, 'push', '--dataset', stricter)).toMatchObject({
      outcome: 'rejected',
      error: {
        code: 'VERDICT_OUTDATED',
        message: expect.stringContaining('does not answer what the descriptor asks now: rmse at most 0.5.'),
        fix: 'Judge the model by the rules of today: npm run gate.',
      },
    });
    expect(await runToy(here, 'gate', '--dataset', stricter)).toMatchObject({outcome: 'accepted'});
    expect(await runToy(here, 'push', '--dataset', stricter)).toMatchObject({outcome: 'promoted'});
  });
});

describe('a rollback', () => {
  test('goes to the release before, and leaves what was trained last as it is', async () => {
    const here = place();
    const first = await runToy(here, 'pipeline');
    const second = await runToy(here, 'pipeline', ...promoteAnything(here, 7));
    expect(second.outcome).toBe('promoted');
    const elsewhere = {...here, engine: createToyEngine(), artifacts: makeFolder()};
    await runToy(elsewhere, 'train', '--seed', '9');
    const latest = () => readFileSync(join(elsewhere.artifacts, 'iris/latest'), 'utf8');
    const before = latest();
    const back = await runToy(elsewhere, 'rollback', '--to', 'previous');
    expect(back).toMatchObject({
      outcome: 'rolled_back',
      error: null,
      release: {digest: first.release?.digest},
    });
    expect(here.held()).toBe(first.release?.digest);
    expect(latest()).toBe(before);
    // the version that the rollback brought can be trained here
    expect(await runToy(elsewhere, 'train')).toMatchObject({
      outcome: 'trained',
      error: null,
      version: first.version,
    });
  });
});

describe('a channel', () => {
  /** Promotes three releases to production, the second after it was on staging. */
  async function promoteThree() {
    const here = place();
    const releases = [];
    for (const seed of [5, 7, 9]) {
      if (seed === 7) await runToy({...here, channel: 'staging'}, 'pipeline', ...promoteAnything(here, 11));
      releases.push(await runToy(here, 'pipeline', ...promoteAnything(here, seed)));
    }
    expect(releases.map(({outcome}) => outcome)).toEqual(['promoted', 'promoted', 'promoted']);
    const digests = releases.map(({release}) => release?.digest);
    return {here, releases, digests};
  }

  test('goes back to what it held itself, as often as that is asked for', async () => {
    const {here, digests} = await promoteThree();
    for (const digest of [digests[1], digests[0]]) {
      const back = await runToy(here, 'rollback', '--to', 'previous', '--reason', 'too slow');
      expect(back).toMatchObject({outcome: 'rolled_back', error: null, release: {digest}});
      expect(here.held()).toBe(digest);
    }
    expect(await runToy(here, 'rollback', '--to', 'previous')).toMatchObject({
      outcome: 'failed',
      error: {code: 'NO_RELEASE'},
    });
  });

  test('does not get a withdrawn release again by a run on the same data, but by a rollback that names it', async () => {
    const {here, releases, digests} = await promoteThree();
    await runToy(here, 'rollback', '--to', 'previous', '--reason', 'wrong on Mondays');
    const again = await runToy(here, 'pipeline', ...promoteAnything(here, 9));
    expect(again).toMatchObject({outcome: 'rejected', error: {code: 'RELEASE_WITHDRAWN'}});
    expect(again.error?.message).toMatch(
      / was rolled back from .*: wrong on Mondays\. A run does not promote/,
    );
    expect(here.held()).toBe(digests[1]);
    const tag = releases[2]?.release?.ref.split(':').at(-1) ?? '';
    expect(again.error?.fix).toContain(`npm run rollback -- --to ${tag}`);
    expect(await runToy(here, 'rollback', '--to', tag)).toMatchObject({outcome: 'rolled_back'});
    expect(here.held()).toBe(digests[2]);
    // and is left alone then
    expect(await runToy(here, 'pipeline', ...promoteAnything(here, 9))).toMatchObject({outcome: 'unchanged'});
  });

  test('remembers each of its moves, also one that was made without an entry', async () => {
    const {here, digests} = await promoteThree();
    registry.setTag(here.repository, 'production', digests[0] ?? null);
    await runToy(here, 'pipeline', ...promoteAnything(here, 13));
    const {moves} = (await listToy(here)).json as {
      moves: {action: string; from: string | null; to: string}[];
    };
    expect(moves.map(({action, from, to}) => [action, from, to])).toEqual([
      ['promote', digests[0], here.held()],
      ['found', digests[2], digests[0]],
      ['promote', digests[1], digests[2]],
      ['promote', digests[0], digests[1]],
      ['promote', null, digests[0]],
    ]);
  });
});

interface Settings {
  architecture: string;
  config: {Entrypoint: string[]; User: string};
}

/** Pushes the champion with another configuration, and points the channel at it. */
async function changeImage(
  {repository}: {repository: string},
  change: (settings: Settings) => unknown,
): Promise<void> {
  const base = `http://${registry.host}/v2/${repository}`;
  const manifest = JSON.parse(registry.readTag(repository, 'production')?.manifest ?? '');
  const answer = await fetch(`${base}/blobs/${manifest.config.digest}`);
  const settings: Settings = JSON.parse(await answer.text());
  change(settings);
  const bytes = new TextEncoder().encode(JSON.stringify(settings));
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const digest = `sha256:${Buffer.from(hash).toString('hex')}`;
  await fetch(`${base}/blobs/uploads/x?digest=${digest}`, {method: 'PUT', body: bytes});
  manifest.config = {...manifest.config, digest, size: bytes.length};
  await fetch(`${base}/manifests/production`, {
    method: 'PUT',
    headers: {'content-type': manifest.mediaType},
    body: JSON.stringify(manifest),
  });
}
