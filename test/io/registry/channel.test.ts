import {describe, expect, test} from 'vitest';
import {moveChannel} from '../../../pipeline/io/registry/channel.ts';
import {openRepository, type Repository} from '../../../pipeline/io/registry/registry.ts';
import {shareMemoryRegistry} from '../../helpers/memory-registry.ts';
import {pushImage} from '../../helpers/release-maker.ts';

const shared = shareMemoryRegistry();

let repositories = 0;

/** A repository with two releases, `one` and `two`, and a third that names `two` as its parent. */
async function openNew() {
  const name = `plane-${++repositories}`;
  const address = {scheme: 'http', host: shared.current.host, path: ''} as const;
  const repository = openRepository(address, name, null, new AbortController().signal);
  const [one, two] = await Promise.all(
    ['one', 'two'].map(title => pushImage(shared.current.host, name, [title], {labels: {title}})),
  );
  const labels = {'csv-to-server.parent.digest': two ?? ''};
  const successor = await pushImage(shared.current.host, name, ['successor'], {labels});
  const manifest = await repository.getManifest('two');
  if (one === undefined || two === undefined || manifest === undefined) throw new Error('nothing was pushed');
  const point = (digest: string | null) => shared.current.setTag(name, 'production', digest);
  return {
    repository,
    manifest,
    one,
    two,
    successor,
    point,
    held: () => shared.current.readTag(name, 'production')?.digest,
  };
}

/** The same repository, with another run that acts when the channel is read for the nth time. */
function whenRead(repository: Repository, nth: number, act: () => void): Repository {
  let reads = 0;
  return {
    ...repository,
    getManifest(tag) {
      if (++reads === nth) act();
      return repository.getManifest(tag);
    },
  };
}

describe('a channel', () => {
  test('that does not exist is made', async () => {
    const {repository, manifest, two, held} = await openNew();
    expect(await moveChannel(repository, 'production', manifest, null)).toEqual({status: 'moved'});
    expect(held()).toBe(two);
  });

  test('is moved away from what was expected', async () => {
    const {repository, manifest, one, two, point, held} = await openNew();
    point(one);
    expect(await moveChannel(repository, 'production', manifest, one)).toEqual({status: 'moved'});
    expect(held()).toBe(two);
  });

  test('that another run has moved is left as it is', async () => {
    const {repository, manifest, one, successor, point, held} = await openNew();
    point(successor);
    expect(await moveChannel(repository, 'production', manifest, one)).toEqual({
      status: 'contended',
      digest: successor,
    });
    expect(await moveChannel(repository, 'production', manifest, null)).toEqual({
      status: 'contended',
      digest: successor,
    });
    expect(held()).toBe(successor);
  });

  test('that is gone is not made anew', async () => {
    const {repository, manifest, one, held} = await openNew();
    expect(await moveChannel(repository, 'production', manifest, one)).toEqual({
      status: 'contended',
      digest: null,
    });
    expect(held()).toBeUndefined();
  });

  test.each([
    ['right after it was written', 2],
    ['a while after it was written', 3],
  ])('that another run overwrites %s is contended', async (_, read) => {
    const {repository, manifest, one, point, held} = await openNew();
    const watched = whenRead(repository, read, () => point(one));
    expect(await moveChannel(watched, 'production', manifest, null)).toEqual({
      status: 'contended',
      digest: one,
    });
    expect(held()).toBe(one);
  });

  test('that goes on to a release which was compared with ours was moved', async () => {
    const {repository, manifest, successor, point} = await openNew();
    const watched = whenRead(repository, 3, () => point(successor));
    expect(await moveChannel(watched, 'production', manifest, null)).toEqual({status: 'moved'});
  });

  test('that is removed meanwhile is contended', async () => {
    const {repository, manifest, point} = await openNew();
    const watched = whenRead(repository, 3, () => point(null));
    expect(await moveChannel(watched, 'production', manifest, null)).toEqual({
      status: 'contended',
      digest: null,
    });
  });
});
