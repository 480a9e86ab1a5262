import type {Descriptor} from '../core/dataset/descriptor.ts';
import {type Split, splitRows} from '../core/dataset/split.ts';
import type {Table} from '../core/dataset/table-collector.ts';

/**
 * Shuffles the rows into a training and a test part, as scikit-learn's `train_test_split` does.
 *
 * @throws Failure of kind `data` when a part would be empty.
 */
export async function split(table: Table, {split}: Descriptor): Promise<Split & {seed: number}> {
  return {...splitRows(table.features.length, split), seed: split.seed};
}
