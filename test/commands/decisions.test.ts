import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {readDocsFiles} from '../../pipeline/io/artifacts/docs-files.ts';
import {readEvidence} from '../../pipeline/io/artifacts/evidence-files.ts';
import {createProcessEngine} from '../../pipeline/io/engine/process-engine.ts';
import {amd64, arm64, putBase} from '../helpers/base-image.ts';
import {makeFolder} from '../helpers/folder.ts';
import {shareMemoryRegistry} from '../helpers/memory-registry.ts';
import {pushImage} from '../helpers/release-maker.ts';
import {createToyEngine, type ToyEngine} from '../helpers/toy-engine.ts';
import {listToy, runToy, type ToyPlace} from '../helpers/toy-run.ts';

const shared = shareMemoryRegistry();

/** A place with a repository of its own, since the registry is shared. */
function place(): ToyPlace & {engine: ToyEngine; held: () => string | undefined; repository: string} {
  const repository = `team${Math.random().toString(36).slice(2)}/iris`;
  return {
    engine: createToyEngine(),
    registry: `${shared.current.host}/${repository.split('/')[0]}`,
    artifacts: makeFolder(),
    repository,
    held: () => shared.current.readTag(repository, 'production')?.digest,
  };
}

interface Changeable {
  name: string;
  features: string[];
  split: object;
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
      if (!moved) shared.current.setTag(here.repository, 'production', other.release?.digest ?? '');
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
  test('is not the champion that would be built', async () => {
    const here = place();
    const first = await runToy(here, 'pipeline');
    const digest = changeIndex(here);
    expect(here.held()).toBe(digest);
    const second = await runToy({...here, engine: createToyEngine(), artifacts: makeFolder()}, 'pipeline');
    // the version tag still holds the release as it was built
    expect(second).toMatchObject({
      outcome: 'promoted',
      error: null,
      release: {digest: first.release?.digest},
    });
    expect(here.held()).toBe(first.release?.digest);
  });

  test('does not get a version tag that holds something else', async () => {
    const here = place();
    const first = await runToy(here, 'pipeline');
    const tag = first.release?.ref.split(':').at(-1) ?? '';
    shared.current.setTag(here.repository, tag, changeIndex(here));
    const second = await runToy({...here, artifacts: makeFolder()}, 'pipeline');
    expect(second).toMatchObject({outcome: 'failed', error: {code: 'TAG_TAKEN'}});
  });
});

describe('a base', () => {
  test('in a registry gives all platforms, and one digest whatever engine there is', async () => {
    const {reference} = await putBase(shared.current.host);
    const here = {...place(), baseImage: reference};
    const first = await runToy(here, 'pipeline');
    expect(first).toMatchObject({outcome: 'promoted', error: null});
    expect(first.notes).toEqual([]);
    const held = shared.current.readTag(here.repository, 'production');
    const index = JSON.parse(held?.manifest ?? '');
    expect(index.manifests.map(({platform}: {platform: object}) => platform)).toEqual([amd64, arm64]);
    expect(await readBuild(here)).toMatchObject({
      digest: held?.digest,
      platforms: ['linux/amd64', 'linux/arm64/v8'],
    });
    const alone = {...here, engine: createProcessEngine({PATH: process.env.PATH}), registry: null};
    const bundle = {...alone, artifacts: makeFolder()};
    await runToy(bundle, 'train');
    expect(await runToy(bundle, 'build')).toMatchObject({outcome: 'built', image: null});
    expect(await readBuild(bundle)).toMatchObject({digest: held?.digest, subject: {kind: 'bundle'}});
  });

  test('whose registry does not answer is taken from the engine, which the run says', async () => {
    const run = await runToy(place(), 'pipeline');
    expect(run.outcome).toBe('promoted');
    expect(run.notes[0]).toMatch(
      /^THE IMAGE IS FOR linux\/amd64 ALONE, .* built on the base that toy holds\. The registry of 127\.0\.0\.1:1\/base\/node:24 was asked first: .*ECONNREFUSED\.$/,
    );
  });

  test('that is new makes another release of the same model', async () => {
    const {reference} = await putBase(shared.current.host, [amd64], 'base/changing');
    const here = {...place(), baseImage: reference};
    const first = await runToy(here, 'pipeline');
    await putBase(shared.current.host, [amd64, arm64], 'base/changing');
    const second = await runToy(here, 'pipeline');
    expect(second).toMatchObject({outcome: 'promoted', version: first.version});
    expect(second.release?.digest).not.toBe(first.release?.digest);
  });

  test('that is unchanged costs a push our layer alone, in ten requests', async () => {
    const {reference} = await putBase(shared.current.host);
    const here = {...place(), baseImage: reference};
    await runToy(here, 'pipeline');
    const before = shared.current.requests.length;
    await runToy(here, 'pipeline', ...promoteAnything(here, 7));
    const path = `/v2/${here.repository}`;
    const requests = shared.current.requests.slice(before).filter(line => line.includes(path));
    const pushed = requests.filter(
      line => /^(POST|PUT|HEAD)/.test(line) && !/\/production(\.log)?$/.test(line),
    );
    // layer and two configurations are begun and ended, two images, the index
    expect(pushed).toHaveLength(9);
  });

  test('that a registry has lost, though the champion names it, is sent again', async () => {
    const {reference} = await putBase(shared.current.host);
    const here = {...place(), baseImage: reference};
    const first = await runToy(here, 'pipeline');
    const path = writeDescriptor(here, descriptor => {
      descriptor.split = {testSize: 0.2, seed: 7};
      descriptor.gate = {rules: [{metric: 'mse', max: 99}]};
    });
    for (const stage of ['train', 'build', 'smoke', 'gate'] as const)
      await runToy(here, stage, '--dataset', path);
    shared.current.loseLayers(here.repository);
    expect(await runToy(here, 'push', '--dataset', path)).toMatchObject({outcome: 'promoted', error: null});
    expect(here.held()).not.toBe(first.release?.digest);
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
    expect(await readBuild(elsewhere, first.version)).toMatchObject({platforms: ['linux/amd64']});
    expect(latest()).toBe(before);
    // the version that the rollback brought can be trained here
    expect(await runToy(elsewhere, 'train')).toMatchObject({
      outcome: 'trained',
      error: null,
      version: first.version,
    });
  });
});

describe('a release of a program that let docker build', () => {
  test('is compared with, replaced, named as what came before, and gone back to', async () => {
    const here = place();
    const trained = await runToy({...here, registry: null, artifacts: makeFolder()}, 'train', '--seed', '9');
    const model = readFileSync(join(trained.artifact ?? '', 'model.json'));
    const tag = `${trained.version}-01234567`;
    const old = await pushImage(shared.current.host, here.repository, [tag, 'production'], {
      files: {'app/model.json': model, 'app/server.mjs': 'serve()', ...(await readDocs())},
      labels: {'org.opencontainers.image.version': tag, 'csv-to-server.model.version': trained.version ?? ''},
    });
    const run = await runToy(here, 'pipeline', ...promoteAnything(here, 7));
    expect(run).toMatchObject({
      outcome: 'promoted',
      champion: {digest: old, tag},
      gate: {comparison: 'compared'},
    });
    expect(await runToy(here, 'rollback', '--to', 'previous')).toMatchObject({
      outcome: 'rolled_back',
      error: null,
      release: {digest: old, ref: `${shared.current.host}/${here.repository}:${tag}`},
    });
    expect(here.held()).toBe(old);
  });

  test('and that was only built is not pushed, and says what to do', async () => {
    const here = place();
    const {artifact} = await runToy({...here, registry: null}, 'pipeline');
    for (const file of ['build.json', 'smoke.json', 'verdict.json']) {
      const path = join(artifact ?? '', file);
      const {digest: _, platforms: __, subject, ...old} = JSON.parse(readFileSync(path, 'utf8'));
      writeFileSync(
        path,
        JSON.stringify({...old, formatVersion: 1, subject: {...subject, digest: undefined}}),
      );
    }
    expect(await runToy(here, 'push')).toMatchObject({
      outcome: 'rejected',
      error: {code: 'EVIDENCE_OUTDATED', fix: 'Run npm run build, then npm run smoke and npm run gate.'},
    });
    expect(here.held()).toBeUndefined();
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
    shared.current.setTag(here.repository, 'production', digests[0] ?? null);
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

/** The files of /docs, as an image has them. */
async function readDocs(): Promise<Record<string, Buffer>> {
  const files = Object.entries(await readDocsFiles());
  return Object.fromEntries(files.map(([name, bytes]) => [`app/${name}`, bytes]));
}

/** Pushes the champion with another annotation, and points the channel at it. */
function changeIndex({repository}: {repository: string}): string {
  const index = JSON.parse(shared.current.readTag(repository, 'production')?.manifest ?? '');
  const digest = shared.current.addManifest(repository, index.mediaType, {
    ...index,
    annotations: {changed: 'x'},
  });
  shared.current.setTag(repository, 'production', digest);
  return digest;
}

async function readBuild({artifacts}: ToyPlace, version: string | null = null) {
  const latest = () => readFileSync(join(artifacts, 'iris/latest'), 'utf8').trim();
  return readEvidence(join(artifacts, 'iris', version ?? latest()), 'build.json');
}
