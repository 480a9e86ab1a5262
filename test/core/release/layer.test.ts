import {gunzipSync} from 'node:zlib';
import {expect, test} from 'vitest';
import {archiveFiles, nameBlob, packLayer} from '../../../pipeline/core/release/layer.ts';

const files = {'b.txt': Buffer.from('one\n'), 'a.mjs': Buffer.from('two'), 'left-out': Buffer.from('x')};
const copies = [{sources: ['*.txt', 'a.mjs', 'none.m[d]'], to: '/app/'}];

/** The fields of a header of POSIX ustar that say something. */
function readHeader(archive: Buffer, offset: number) {
  const field = (start: number, length: number) =>
    archive
      .subarray(offset + start, offset + start + length)
      .toString()
      .replace(/\0.*$/s, '');
  return {
    name: field(0, 100),
    mode: Number.parseInt(field(100, 8), 8),
    owner: [field(108, 8), field(116, 8), field(265, 32), field(297, 32)],
    size: Number.parseInt(field(124, 12), 8),
    time: Number.parseInt(field(136, 12), 8),
    type: field(156, 1),
  };
}

test('a layer holds what the recipe copies, in the order of the names, of nobody and of no time', async () => {
  const archive = await archiveFiles(files, {copies});
  const same = {owner: ['0000000', '0000000', '', ''], time: 0};
  expect([0, 512, 1536].map(offset => readHeader(archive, offset))).toEqual([
    {...same, name: 'app/', mode: 0o755, size: 0, type: '5'},
    {...same, name: 'app/a.mjs', mode: 0o644, size: 3, type: '0'},
    {...same, name: 'app/b.txt', mode: 0o644, size: 4, type: '0'},
  ]);
  // two empty blocks end it: header, header, content, header, content
  expect(archive.length).toBe(7 * 512);
});

test('a layer is of no time, and the same with the files in any order', async () => {
  const turned = Object.fromEntries(Object.entries(files).reverse());
  const layer = packLayer(await archiveFiles(turned, {copies}));
  expect(layer.blob.digest).toBe(packLayer(await archiveFiles(files, {copies})).blob.digest);
  // RFC 1952: gzip, deflate, no flags, no time
  expect(layer.blob.bytes.subarray(0, 8).toString('hex')).toBe('1f8b080000000000');
  expect(nameBlob(gunzipSync(layer.blob.bytes)).digest).toBe(layer.diffId);
});

test('a file that the recipe copies by its name must be there', async () => {
  const copying = archiveFiles(files, {copies: [{sources: ['server.mjs'], to: '/app/'}]});
  await expect(copying).rejects.toMatchObject({
    kind: 'usage',
    code: 'DOCKERFILE_UNSUPPORTED',
    message: 'Dockerfile: COPY takes server.mjs; the files that there are to copy: b.txt, a.mjs, left-out.',
  });
});
