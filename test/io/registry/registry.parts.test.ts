import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect} from 'vitest';
import {readChampion} from '../../../pipeline/io/registry/champion.ts';
import {moveChannel} from '../../../pipeline/io/registry/channel.ts';
import {readHistory} from '../../../pipeline/io/registry/history.ts';
import {openRepository} from '../../../pipeline/io/registry/registry.ts';
import {testWith} from '../../helpers/parts.ts';
import {registryForTest} from '../../helpers/promotion.ts';
import type {RegistryOptions} from '../../helpers/registry.ts';
import {digestOf, pushImage} from '../../helpers/release-maker.ts';

async function openNew(options: RegistryOptions = {}, credentials: RegistryOptions['account'] | null = null) {
  const registry = await registryForTest(options);
  const address = {scheme: 'http', host: registry.host, path: 'team'} as const;
  const {signal} = new AbortController();
  return {...registry, repository: openRepository(address, 'iris', credentials, signal)};
}

describe('a Distribution registry', () => {
  testWith('registry')('says in its own words what it does not hold', async () => {
    const {host, repository} = await openNew();
    await repository.ping();
    expect(await repository.getManifest('production')).toBeUndefined();
    expect(await repository.listTags()).toEqual([]);
    await pushImage(host, 'team/iris', ['staging'], {});
    expect(await repository.getManifest('production')).toBeUndefined();
    expect(await repository.getManifest(digestOf('nothing'))).toBeUndefined();
    expect(await readChampion(repository, 'production')).toBeUndefined();
    await expect(repository.getBlob(digestOf('nothing'), 100)).rejects.toMatchObject({
      code: 'REGISTRY_CORRUPT',
    });
  });

  testWith('registry')('keeps a manifest byte for byte, and moves a channel to it', async () => {
    const {host, repository} = await openNew();
    const digest = await pushImage(host, 'team/iris', ['one'], {});
    const manifest = await repository.getManifest('one');
    if (manifest === undefined) throw new Error('it was pushed');
    expect(digestOf(manifest.bytes)).toBe(digest);
    expect(await moveChannel(repository, 'production', manifest, null)).toEqual({status: 'moved'});
    expect(await moveChannel(repository, 'production', manifest, digest)).toEqual({status: 'moved'});
    expect((await repository.getManifest('production'))?.digest).toBe(digest);
  });

  testWith('registry', 'htpasswd')('takes the login that it asks for, and refuses another', async () => {
    const account = {username: 'robot', password: 'correct: horse'};
    const {repository} = await openNew({account}, account);
    await repository.ping();
    expect(await repository.listTags()).toEqual([]);
    const stranger = await openNew({account}, {...account, password: 'wrong'});
    await expect(stranger.repository.ping()).rejects.toMatchObject({code: 'REGISTRY_REFUSED'});
  });

  testWith('registry')('lists a history of ten thousand releases', async () => {
    const {host, storage, repository} = await openNew();
    const digest = await pushImage(host, 'team/iris', ['production'], {});
    const tags = Array.from({length: 10_000}, (_, i) => `${String(i).padStart(12, '0')}-00000000`);
    // as the registry's file system driver keeps a tag; ten thousand pushes would take a minute
    for (const tag of tags) {
      const folder = join(
        storage,
        'docker/registry/v2/repositories/team/iris/_manifests/tags',
        tag,
        'current',
      );
      mkdirSync(folder, {recursive: true});
      writeFileSync(join(folder, 'link'), digest);
    }
    expect((await repository.listTags()).sort()).toEqual([...tags, 'production']);
    const {releases} = await readHistory(repository, 'production');
    expect(releases).toHaveLength(10_000);
    expect(releases.every(release => release.digest === digest && release.channels[0] === 'production')).toBe(
      true,
    );
  });
});
