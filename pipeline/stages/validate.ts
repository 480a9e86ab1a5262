import type {Descriptor} from '../core/dataset/descriptor.ts';
import type {Table} from '../core/dataset/table-collector.ts';
import {readTable} from '../io/data/duckdb/rows.ts';
import type {DataFile} from '../io/data/file-kind.ts';
import {type InferOptions, inferDescriptor} from '../io/data/infer-descriptor.ts';

/** Says what is learnt from a file that comes without a descriptor. */
export interface Inference extends InferOptions {
  testSize?: number | undefined;
  seed?: number | undefined;
}

/**
 * Reads the data and checks every row; without a descriptor it first makes one from the columns of the file.
 *
 * @throws Failure of kind `data` with the first 20 problems and their count, `usage` for columns that are not there.
 */
export async function validate(
  file: DataFile,
  declared: Descriptor | Inference,
  {dropMissing}: {dropMissing: boolean},
): Promise<{descriptor: Descriptor; table: Table}> {
  const descriptor = 'columns' in declared ? declared : await infer(file, declared);
  return {descriptor, table: await readTable(file, descriptor, {dropMissing})};
}

async function infer(file: DataFile, {testSize, seed, ...options}: Inference): Promise<Descriptor> {
  const {split, ...inferred} = await inferDescriptor(file, options);
  return {...inferred, split: {testSize: testSize ?? split.testSize, seed: seed ?? split.seed}};
}
