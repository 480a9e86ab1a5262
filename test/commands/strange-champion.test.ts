import {describe, expect, test} from 'vitest';
import {type Fault, startFaultProxy} from '../helpers/fault-proxy.ts';
import {makeFolder} from '../helpers/folder.ts';
import {shareMemoryRegistry} from '../helpers/memory-registry.ts';
import {closeAfterTest} from '../helpers/promotion.ts';
import {pushImage} from '../helpers/release-maker.ts';
import {createToyEngine} from '../helpers/toy-engine.ts';
import {runToy} from '../helpers/toy-run.ts';

const shared = shareMemoryRegistry();

let places = 0;
function place(host = shared.current.host, team = `team-${++places}`) {
  const here = {engine: createToyEngine(), registry: `${host}/${team}`, artifacts: makeFolder()};
  const repository = `${team}/iris`;
  return {...here, team, repository, held: () => shared.current.readTag(repository, 'production')?.digest};
}

const files = (model: string) => ({'app/model.json': model, 'app/server.mjs': 'serve()'});

describe('a champion of a format that only a newer program reads', () => {
  const newer = {
    files: files('{"formatVersion":99}\n'),
    labels: {'csv-to-server.model.version': 'abcdef012345'},
  };

  test('is not compared with, and replaced', async () => {
    const here = place();
    const digest = await pushImage(shared.current.host, here.repository, ['production'], newer);
    const run = await runToy(here, 'pipeline');
    expect(run).toMatchObject({
      outcome: 'promoted',
      error: null,
      gate: {comparison: 'incomparable'},
      champion: {digest, version: 'abcdef012345'},
    });
    expect(run.champion?.notes.join()).toContain(
      '/app/model.json has format version 99; this program reads version',
    );
    expect(here.held()).toBe(run.release?.digest);
  });

  test('is what a rollback leaves, and never goes to', async () => {
    const here = place();
    const first = await runToy(here, 'pipeline');
    const tag = first.release?.ref.split(':').at(-1) ?? '';
    const digest = await pushImage(shared.current.host, here.repository, ['production', 'newer'], newer);
    expect(await runToy(here, 'rollback', '--to', tag)).toMatchObject({outcome: 'rolled_back', error: null});
    expect(here.held()).toBe(first.release?.digest);
    const back = await runToy(here, 'rollback', '--to', 'newer');
    expect(back.error).toEqual({
      code: 'RELEASE_UNKNOWN',
      message: `This program cannot test ${shared.current.host}/${here.repository}@${digest}: /app/model.json has format version 99; this program reads version 1. Use the program that wrote it, or a newer one.`,
      fix: 'Roll back with the program that promoted it, or to another release: npm run history lists them.',
    });
    expect(here.held()).toBe(first.release?.digest);
  });
});

describe('a champion that is broken', () => {
  test('ends the run, and a rollback is the way out', async () => {
    const here = place();
    const first = await runToy(here, 'pipeline');
    const tag = first.release?.ref.split(':').at(-1) ?? '';
    const broken = await pushImage(shared.current.host, here.repository, ['production'], {
      files: files('{"formatVersion":1'),
    });
    const run = await runToy({...here, artifacts: makeFolder()}, 'pipeline');
    expect(run).toMatchObject({outcome: 'failed', error: {code: 'RELEASE_BROKEN'}});
    expect(run.error?.fix).toContain('npm run rollback -- --to TAG');
    expect(here.held()).toBe(broken);
    expect(await runToy(here, 'rollback', '--to', tag)).toMatchObject({outcome: 'rolled_back'});
    expect(here.held()).toBe(first.release?.digest);
  });
});

describe('a channel that something else answers for', () => {
  test.each<[string, Fault, string]>([
    [
      'a web server’s 404',
      {kind: 'status', status: 404, headers: {'content-type': 'text/html'}, body: '<h1>Not Found</h1>'},
      'REGISTRY_ERROR',
    ],
    [
      'a page',
      {kind: 'status', status: 200, headers: {'content-type': 'text/html'}, body: '<h1>Sign in</h1>'},
      'REGISTRY_ANSWER',
    ],
  ])('is no free pass: %s', async (_, fault, code) => {
    const champion = place();
    await runToy(champion, 'pipeline');
    const held = champion.held();
    const proxy = closeAfterTest(
      await startFaultProxy(shared.current.host, ({path}) =>
        path.endsWith('/manifests/production') ? fault : undefined,
      ),
    );
    const run = await runToy(place(proxy.host, champion.team), 'pipeline', '--seed', '7');
    expect(run).toMatchObject({outcome: 'failed', error: {code}, gate: null});
    expect(run.error?.message).toContain(
      `Registry ${proxy.host} (GET /v2/${champion.repository}/manifests/production)`,
    );
    expect(champion.held()).toBe(held);
  });
});
