import {readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {packLayer} from '../../../pipeline/core/release/layer.ts';
import {openBlobCache} from '../../../pipeline/io/image/blob-cache.ts';
import {packOnce} from '../../../pipeline/io/image/packed-layer.ts';
import {makeFolder} from '../../helpers/folder.ts';

test('a layer that was packed before is the same, and a file that was changed since is not taken for it', async () => {
  const folder = makeFolder();
  const cache = openBlobCache(folder);
  const archive = Buffer.from('an archive');
  const packed = packLayer(archive);
  for (let times = 0; times < 2; times++) expect(await packOnce(archive, cache)).toEqual(packed);
  const [file = ''] = readdirSync(folder);
  for (const changed of [packLayer(Buffer.from('another')).blob.bytes, Buffer.from('no gzip')]) {
    writeFileSync(join(folder, file), changed);
    expect(await packOnce(archive, cache)).toEqual(packed);
  }
});
