import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Artifact} from '../../serve/artifact/artifact.ts';
import type {TestRows} from '../core/champion/comparison.ts';
import type {Descriptor} from '../core/dataset/descriptor.ts';
import {splitRows} from '../core/dataset/split.ts';
import type {Table} from '../core/dataset/table-collector.ts';
import {evaluateModel} from '../core/evaluation/evaluate-model.ts';
import {pickMetrics} from '../core/evaluation/metrics.ts';
import {Failure} from '../core/failure.ts';
import {fitLinearRegression} from '../core/fit/regression.ts';
import {chooseRules} from '../core/gate/rules.ts';
import {assembleContent, pickRows} from '../core/release/artifact-content.ts';
import type {StoredArtifact} from '../io/artifacts/artifacts.ts';
import {readLibraryVersions} from '../io/artifacts/library-versions.ts';
import {readTable} from '../io/data/duckdb/rows.ts';
import {prepareFigures} from '../report/figures/figure-job.ts';
import {chooseDescriptor, inferFromOptions, sourceOf} from '../run/choose.ts';
import {noteArtifact, type Run, runStage} from '../run/run-stage.ts';
import {type FetchedData, fetchDataset} from '../stages/fetch.ts';
import {writeArtifact} from '../stages/write.ts';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Brings the data and checks every row. */
export async function fetchData(
  run: Run,
): Promise<{descriptor: Descriptor; data: FetchedData; table: Table}> {
  const {options, result, progress} = run;
  const {csv = ''} = options;
  const declared = await chooseDescriptor(options);
  const data = await runStage(run, 'fetch', async () => {
    const source = declared?.source ?? sourceOf(csv);
    const fetched = await fetchDataset(source, {
      baseDir: declared === undefined ? process.cwd() : dirname(resolve(options.dataset)),
      cacheDir: join(projectRoot, 'data/.cache'),
      report: progress.note,
      proxyEnv: process.env,
      signal: run.signal,
    });
    return [fetched, `${fetched.shownAs} (${fetched.source}, ${fetched.bytes} bytes)`];
  });
  return runStage(run, 'validate', async () => {
    const descriptor = declared ?? (await inferFromOptions(data, csv, options, progress.note));
    const table = await readTable(data, descriptor, {dropMissing: options.dropMissing});
    result.dataset = {
      name: descriptor.name,
      sha256: data.sha256,
      rows: table.features.length,
      source: data.source,
    };
    const dropped = table.dropped > 0 ? `, ${table.dropped} with missing cells dropped` : '';
    const columns = `${descriptor.targets.join(', ')} from ${descriptor.features.join(', ')}`;
    return [{descriptor, data, table}, `${table.features.length} rows${dropped}: ${columns}`];
  });
}

/** The rows that a model is scored on, and their numbers in the table, the first row being 0. */
export interface NumberedTestRows extends TestRows {
  indices: number[];
}

/** Fits a model, scores it on the rows that were held out, and writes its version. */
export async function trainModel(
  run: Run,
): Promise<{stored: StoredArtifact; descriptor: Descriptor; testRows: NumberedTestRows}> {
  const {result, options} = run;
  const figures = prepareFigures(run.signal);
  run.figures = figures;
  const {descriptor, data, table} = await fetchData(run);
  const split = await runStage(run, 'split', async () => {
    const parts = splitRows(table.features.length, descriptor.split);
    const {seed} = descriptor.split;
    result.split = {train: parts.train.length, test: parts.test.length, seed};
    return [parts, `${parts.train.length} to train on, ${parts.test.length} to test on, seed ${seed}`];
  });
  const model = await runStage(run, 'train', async () => {
    const fitted = fitLinearRegression({
      featureNames: descriptor.features,
      targetNames: descriptor.targets,
      x: pickRows(table.features, split.train),
      y: pickRows(table.targets, split.train),
      rowNumbers: pickRows(table.rowNumbers, split.train),
    });
    return [fitted, `${(descriptor.features.length + 1) * descriptor.targets.length} coefficients`];
  });
  const evaluation = await runStage(run, 'evaluate', async () => {
    const scores = evaluateModel({descriptor, table, split, model});
    run.report = {evaluation: scores, rules: chooseRules(descriptor.gate, options).rules};
    result.metrics = pickMetrics(scores);
    figures.draw({descriptor, table, split, model, evaluation: scores});
    return [scores, `mse ${scores.mse}`];
  });
  const stored = await runStage(run, 'write', async () => {
    const libraries = await readLibraryVersions();
    const metrics = pickMetrics(evaluation);
    const content = assembleContent({descriptor, data, table, split, model, metrics, libraries});
    const written = await writeArtifact(options.artifacts, {content, evaluation, about: descriptor.about});
    noteArtifact(run, written);
    return [written, written.folder];
  });
  return {stored, descriptor, testRows: pickTestRows(descriptor, table, split.test)};
}

/**
 * Brings back the rows that an artifact was scored on, from the data that it was trained on.
 *
 * @throws Failure of kind `data` when the data are no longer those.
 */
export async function loadTestRows(run: Run, artifact: Artifact): Promise<NumberedTestRows> {
  const {dataset, split} = artifact.provenance;
  const {descriptor, data, table} = await fetchData(run);
  if (data.sha256 !== dataset.sha256 || table.features.length !== dataset.rows) {
    throw new Failure('data', {
      code: 'DATA_CHANGED',
      message: `${data.shownAs} has ${table.features.length} rows and sha256 ${data.sha256}; ${artifact.name} ${artifact.version} was trained on ${dataset.rows} rows of ${dataset.sha256}.`,
      fix: 'Train on the data of today: npm run train; or run the gate with the options that the model was trained with.',
    });
  }
  return pickTestRows(descriptor, table, splitRows(dataset.rows, split).test);
}

function pickTestRows({columns}: Descriptor, table: Table, indices: number[]): NumberedTestRows {
  const units = new Map(columns.map(column => [column.name, 'unit' in column ? column.unit : undefined]));
  return {
    indices,
    features: pickRows(table.features, indices),
    targets: pickRows(table.targets, indices),
    others: table.others.map(({name, values}) => ({
      name,
      unit: units.get(name) ?? null,
      values: pickRows(values, indices),
    })),
  };
}
