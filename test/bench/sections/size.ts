import {statSync} from 'node:fs';
import type {Bench} from '../bench.ts';
import {atMost, formatKiB, type Table} from '../table.ts';

/** What a release downloads and a start reads. */
export async function benchSize(bench: Bench): Promise<Table[]> {
  const {server} = await bench.release();
  return [
    {
      title: 'Size',
      rows: [atMost('server bundle, minified, one file', statSync(server).size, 300 * 2 ** 10, formatKiB)],
    },
  ];
}
