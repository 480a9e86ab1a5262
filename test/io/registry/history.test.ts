import {describe, expect, test} from 'vitest';
import {readHistory} from '../../../pipeline/io/registry/history.ts';
import {openRepository} from '../../../pipeline/io/registry/registry.ts';
import {type Fault, startFaultProxy} from '../../helpers/fault-proxy.ts';
import {shareMemoryRegistry} from '../../helpers/memory-registry.ts';
import {closeAfterTest} from '../../helpers/promotion.ts';
import {pushImage} from '../../helpers/release-maker.ts';

const shared = shareMemoryRegistry();

let repositories = 0;
function openNew(host = shared.current.host, name = `plane-${++repositories}`) {
  const address = {scheme: 'http', host, path: ''} as const;
  return {name, repository: openRepository(address, name, null, new AbortController().signal)};
}

/** A release of a day of January, with a number for its version and its mse. */
const release = (day: number, parent?: string) => ({
  created: `2026-01-0${day}T00:00:00.000000001Z`,
  labels: {
    'csv-to-server.model.version': `${day}`.repeat(12),
    'csv-to-server.model.mse': `0.${day}`,
    ...(parent === undefined ? {} : {'csv-to-server.parent.digest': parent}),
  },
});
const tag = (day: number) => `${`${day}`.repeat(12)}-${`${day}`.repeat(8)}`;

/** The same registry with a fault for the requests whose path has one of these parts. */
async function openFaulty(name: string, faults: Record<string, Fault>) {
  const proxy = await startFaultProxy(
    shared.current.host,
    ({path}) => Object.entries(faults).find(([part]) => path.includes(part))?.[1],
  );
  return openNew(closeAfterTest(proxy).host, name).repository;
}

describe('the history', () => {
  test('lists the releases, newest first, with the channels that point at them', async () => {
    const {name, repository} = openNew();
    const first = await pushImage(shared.current.host, name, [tag(1), 'staging'], release(1));
    const second = await pushImage(
      shared.current.host,
      name,
      [tag(2), 'production', 'canary'],
      release(2, first),
    );
    expect(await readHistory(repository, 'production')).toEqual({
      repository: `${shared.current.host}/${name}`,
      channel: 'production',
      releases: [
        {
          tag: tag(2),
          digest: second,
          version: '2'.repeat(12),
          mse: 0.2,
          builtAt: '2026-01-02T00:00:00.000000001Z',
          parent: first,
          channels: ['canary', 'production'],
          problem: null,
        },
        {
          tag: tag(1),
          digest: first,
          version: '1'.repeat(12),
          mse: 0.1,
          builtAt: '2026-01-01T00:00:00.000000001Z',
          parent: null,
          channels: ['staging'],
          problem: null,
        },
      ],
    });
  });

  test('is empty where the registry does not know the repository', async () => {
    expect((await readHistory(openNew().repository, 'production')).releases).toEqual([]);
  });

  test('shows what only channels point at, once, and nothing that is attached to a digest', async () => {
    const {name, repository} = openNew();
    const digest = await pushImage(shared.current.host, name, ['production', 'canary'], release(3));
    await pushImage(
      shared.current.host,
      name,
      [`sha256-${'a'.repeat(64)}`, `sha256-${'b'.repeat(64)}.sig`],
      {},
    );
    const {releases} = await readHistory(repository, 'production');
    expect(releases).toMatchObject([
      {tag: null, digest, mse: 0.3, channels: ['canary', 'production'], problem: null},
    ]);
  });

  test('lists what is broken as broken, with the reason, and the rest as it is', async () => {
    const {name, repository} = openNew();
    const good = await pushImage(shared.current.host, name, [tag(1), 'production'], release(1));
    const odd = await pushImage(shared.current.host, name, [tag(2), 'odd'], {config: '{"a":1}'});
    const {releases} = await readHistory(repository, 'production');
    expect(releases).toMatchObject([
      {tag: tag(1), digest: good, channels: ['production'], problem: null},
      {
        tag: tag(2),
        digest: odd,
        channels: ['odd'],
        mse: null,
        builtAt: '',
        problem: expect.stringContaining('its configuration is not that of an image'),
      },
    ]);
  });

  test.each<[string, Fault]>([
    ['HTML', {kind: 'status', status: 200, headers: {'content-type': 'text/html'}, body: '<html>'}],
    ['a 404 that is not the registry’s own', {kind: 'status', status: 404, body: 'gone'}],
    ['an error', {kind: 'status', status: 501}],
  ])('lists a tag and a channel that are answered with %s', async (_, fault) => {
    const {name} = openNew();
    await pushImage(shared.current.host, name, [tag(1), 'production'], release(1));
    await pushImage(shared.current.host, name, [tag(2), 'broken'], release(2));
    const repository = await openFaulty(name, {[`manifests/${tag(2)}`]: fault, 'manifests/broken': fault});
    expect((await readHistory(repository, 'production')).releases).toMatchObject([
      {tag: tag(1), channels: ['production'], problem: null},
      {tag: tag(2), digest: null, channels: [], problem: expect.stringContaining(`manifests/${tag(2)}`)},
      {tag: null, digest: null, channels: ['broken'], problem: expect.stringContaining('manifests/broken')},
    ]);
  });

  test('leaves out a tag that was deleted since the tags were listed', async () => {
    const {name} = openNew();
    await pushImage(shared.current.host, name, [tag(1)], release(1));
    const body = JSON.stringify({name, tags: [tag(1), tag(2), 'production']});
    const repository = await openFaulty(name, {'tags/list': {kind: 'status', status: 200, body}});
    expect((await readHistory(repository, 'production')).releases).toMatchObject([
      {tag: tag(1), channels: []},
    ]);
  });

  test.each<[string, Fault, string]>([
    ['refuses the login', {kind: 'status', status: 403}, 'REGISTRY_REFUSED'],
    ['answers nothing but errors', {kind: 'status', status: 501}, 'REGISTRY_ERROR'],
  ])('ends where the registry %s', async (_, fault, code) => {
    const {name} = openNew();
    const many = Array.from({length: 100}, (_, i) => `${String(i).padStart(12, '0')}-00000000`);
    await pushImage(shared.current.host, name, many, release(1));
    const repository = await openFaulty(name, {'manifests/': fault});
    await expect(readHistory(repository, 'production')).rejects.toMatchObject({kind: 'engine', code});
  });

  test('reads several releases at a time, and not all of them', async () => {
    const {name} = openNew();
    const many = Array.from({length: 40}, (_, i) => `${String(i).padStart(12, '0')}-00000000`);
    const digest = await pushImage(shared.current.host, name, many, release(1));
    let [open, most] = [0, 0];
    const {repository} = openNew(shared.current.host, name);
    const counted = {
      ...repository,
      async getManifest(reference: string) {
        most = Math.max(most, ++open);
        try {
          return await repository.getManifest(reference);
        } finally {
          open--;
        }
      },
    };
    const before = shared.current.requests.length;
    const {releases} = await readHistory(counted, 'production');
    expect(releases.map(entry => entry.digest)).toEqual(Array(40).fill(digest));
    expect(most).toBe(8);
    // the list, a manifest for each tag, and one configuration for the one digest
    expect(shared.current.requests.length - before).toBe(42);
  });
});
