import {dirname, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Descriptor} from '../core/dataset/descriptor.ts';
import type {Table} from '../core/dataset/table-collector.ts';
import {type Finding, runStage, type Success} from '../run/facts.ts';
import type {Run} from '../run/run.ts';
import {chooseDescriptor, inferenceOf, sourceOf} from '../run/selection.ts';
import {type FetchedData, fetchDataset} from '../stages/fetch.ts';
import {validate} from '../stages/validate.ts';

const cacheDir = fileURLToPath(new URL('../../data/.cache', import.meta.url));

/** The command `fetch`: brings the data and checks every row. */
export async function* runFetch(run: Run): Finding<Success> {
  yield* fetchData(run);
  return 'fetched';
}

/** Data that are here and checked, and what says what they are. */
export interface LoadedData {
  descriptor: Descriptor;
  data: FetchedData;
  table: Table;
}

/** Brings the data and checks every row. */
export async function* fetchData(run: Run): Finding<LoadedData> {
  const {options, progress, signal, env} = run;
  const {dropMissing} = options;
  const declared = await chooseDescriptor(options);
  const data = yield* runStage(
    run,
    'fetch',
    () =>
      fetchDataset(declared?.source ?? sourceOf(options.csv ?? ''), {
        baseDir: declared === undefined ? process.cwd() : dirname(resolve(options.dataset)),
        cacheDir,
        report: progress.note,
        proxyEnv: env,
        signal,
      }),
    ({shownAs, source, bytes}) => `${shownAs} (${source}, ${bytes} bytes)`,
  );
  const {descriptor, table} = yield* runStage(
    run,
    'validate',
    () => validate(data, declared ?? inferenceOf(options, progress.note), {dropMissing}),
    ({descriptor, table}) => {
      const dropped = table.dropped > 0 ? `, ${table.dropped} with missing cells dropped` : '';
      return `${table.features.length} rows${dropped}: ${descriptor.targets.join(', ')} from ${descriptor.features.join(', ')}`;
    },
  );
  return {descriptor, data, table};
}
