import {createHash, randomBytes} from 'node:crypto';
import {existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {RegistryAddress} from '../../../pipeline/io/registry/address.ts';
import {openRepository} from '../../../pipeline/io/registry/registry.ts';
import {startAnsweringServer} from '../../helpers/answering-server.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {shareMemoryRegistry} from '../../helpers/memory-registry.ts';

const shared = shareMemoryRegistry();

const folder = makeFolder();
const {signal} = new AbortController();

function open(name: string, host = shared.current.host) {
  return openRepository(RegistryAddress.parse(host), name, null, signal);
}

function describeBytes(bytes: Buffer) {
  return {digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, size: bytes.length};
}

const descriptors = '/proc/self/fd';

function listOpenFiles(): string[] {
  return readdirSync(descriptors).flatMap(name => {
    try {
      return [readlinkSync(join(descriptors, name))];
    } catch {
      return []; // closed meanwhile
    }
  });
}

describe('a blob', () => {
  test('of bytes or of a file comes back as it went, in memory and as a file', async () => {
    const bytes = randomBytes(300_000);
    const [blob, other] = [describeBytes(bytes), describeBytes(bytes.subarray(1))];
    const repository = open('team/round-trip');
    expect(await repository.hasBlob(blob.digest)).toBe(false);
    await repository.putBlob(blob, bytes);
    expect(await repository.hasBlob(blob.digest)).toBe(true);
    writeFileSync(join(folder, 'sent'), bytes.subarray(1));
    await repository.putBlob(other, {path: join(folder, 'sent')});
    expect((await repository.getBlob(other.digest, other.size)).equals(bytes.subarray(1))).toBe(true);
    await repository.saveBlob(blob, join(folder, 'received'));
    expect(readFileSync(join(folder, 'received')).equals(bytes)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['received', 'sent']);
  });

  test('that is large is found by its name alone', async () => {
    const server = await startAnsweringServer(() => ({headers: {'content-length': '143000000'}}));
    expect(await open('team/large', server.host).hasBlob(`sha256:${'a'.repeat(64)}`)).toBe(true);
  });

  test('is taken over from another repository, where that one has it', async () => {
    const bytes = randomBytes(10);
    const {digest, size} = describeBytes(bytes);
    await open('base/node').putBlob({digest, size}, bytes);
    const repository = open('team/mounted');
    expect(await repository.mountBlob(digest, 'base/other')).toBe(false);
    expect(await repository.mountBlob(digest, 'base/node')).toBe(true);
    expect(await repository.hasBlob(digest)).toBe(true);
  });

  test('that is not what its digest says leaves no file, and is blamed on the registry', async () => {
    const server = await startAnsweringServer(() => ({status: 200, body: 'something else'}));
    const blob = describeBytes(Buffer.from('what was asked'));
    const path = join(folder, 'wrong');
    await expect(open('team/wrong', server.host).saveBlob(blob, path)).rejects.toMatchObject({
      kind: 'engine',
      code: 'REGISTRY_CORRUPT',
    });
    expect(existsSync(path)).toBe(false);
  });

  test('that is not there is told as that', async () => {
    const blob = describeBytes(Buffer.from('nowhere'));
    await expect(open('team/round-trip').getBlob(blob.digest, 10)).rejects.toMatchObject({
      code: 'REGISTRY_CORRUPT',
      message: `Registry ${shared.current.host} (GET /v2/team/round-trip/blobs/${blob.digest}): the blob is not there, though a manifest names it.`,
    });
  });

  test('is sent again as a whole where the registry faltered', async () => {
    const received: string[] = [];
    const server = await startAnsweringServer(async ({method, body}) => {
      if (method === 'POST') return {status: 202, headers: {location: '/upload?state=1'}};
      received.push(await body);
      return received.length === 1 ? {status: 503, headers: {'retry-after': '0'}} : {status: 201};
    });
    writeFileSync(join(folder, 'again'), 'layer');
    await open('team/again', server.host).putBlob(describeBytes(Buffer.from('layer')), {
      path: join(folder, 'again'),
    });
    expect(received).toEqual(['layer', 'layer']);
  });

  test.skipIf(!existsSync(descriptors))('that is refused while it is sent leaves no file open', async () => {
    const server = await startAnsweringServer(({method}) =>
      method === 'POST' ? {status: 202, headers: {location: '/upload'}} : {status: 400},
    );
    const path = join(folder, 'refused');
    const bytes = randomBytes(20_000_000);
    writeFileSync(path, bytes);
    await expect(
      open('team/refused', server.host).putBlob(describeBytes(bytes), {path}),
    ).rejects.toMatchObject({kind: 'engine'});
    await expect.poll(() => listOpenFiles().filter(file => file === path), {timeout: 5_000}).toEqual([]);
  });

  test.each([
    ['no place', {status: 202}],
    ['a place that is no address', {status: 202, headers: {location: 'ftp://elsewhere/'}}],
  ])('is not sent to %s', async (_, answer) => {
    const server = await startAnsweringServer(() => answer);
    const bytes = Buffer.from('x');
    await expect(open('team/x', server.host).putBlob(describeBytes(bytes), bytes)).rejects.toMatchObject({
      kind: 'engine',
      code: 'REGISTRY_ANSWER',
    });
  });
});
