import type {Descriptor} from '../../pipeline/core/dataset/descriptor-schema.ts';
import {pickRows, splitRows} from '../../pipeline/core/dataset/split.ts';
import type {Table} from '../../pipeline/core/dataset/table-collector.ts';
import {evaluateModel} from '../../pipeline/core/evaluation/evaluate-model.ts';
import type {Evaluation} from '../../pipeline/core/evaluation/evaluation.ts';
import {pickMetrics} from '../../pipeline/core/evaluation/metrics.ts';
import {fitLinearRegression} from '../../pipeline/core/fit/regression.ts';
import {assembleContent} from '../../pipeline/core/release/artifact-content.ts';
import {drawFigures} from '../../pipeline/report/figures/draw-figures.ts';
import type {FigureData} from '../../pipeline/report/figures/figure-data.ts';
import type {FigureSet} from '../../pipeline/report/figures/figure-set.ts';
import type {RunFacts} from '../../pipeline/report/run-facts.ts';
import {type Artifact, sealArtifact} from '../../serve/artifact/artifact.ts';

/** Columns of a dataset; the rows of all are equally many. */
export interface Columns {
  name?: string;
  unit?: string;
  features: Record<string, number[]>;
  targets: Record<string, number[]>;
  categories?: Record<string, (string | null)[]>;
  others?: Record<string, (number | null)[]>;
}

/** What is known of a run that has just trained a model. */
export interface TrainedFacts extends RunFacts {
  artifact: Artifact;
  evaluation: Evaluation;
  figures: FigureSet;
  figureData: FigureData;
}

/** Trains and evaluates a model on a fifth of the rows, as `npm run train` does, and puts together its report. */
export function trainForReport(columns: Columns): TrainedFacts {
  const descriptor = describeColumns(columns);
  const table = fillTable(columns);
  const split = splitRows(table.features.length, descriptor.split);
  const model = fitLinearRegression({
    featureNames: descriptor.features,
    targetNames: descriptor.targets,
    x: pickRows(table.features, split.train),
    y: pickRows(table.targets, split.train),
  });
  const evaluation = evaluateModel({descriptor, table, split, model});
  const {artifact} = sealArtifact(
    assembleContent({
      descriptor,
      data: {sha256: 'e'.repeat(64), url: 'https://example.org/data.csv'},
      table,
      split,
      model,
      metrics: pickMetrics(evaluation),
      libraries: {library: '1.2.3'},
    }),
  );
  const figureData = {descriptor, table, split, model, evaluation};
  return {
    outcome: 'trained',
    artifact,
    evaluation,
    rules: descriptor.gate.rules,
    figures: drawFigures(figureData, 'c'.repeat(40)),
    figureData,
  };
}

function describeColumns({name = 'data', unit, features, targets, categories, others}: Columns): Descriptor {
  const numbers = {...features, ...targets, ...others};
  return {
    name,
    source: {},
    format: {type: 'csv', header: true, missing: ['']},
    columns: [
      ...Object.keys(numbers).map(
        column => ({name: column, type: 'number', ...(unit === undefined ? {} : {unit})}) as const,
      ),
      ...Object.keys(categories ?? {}).map(column => ({name: column, type: 'category'}) as const),
    ],
    features: Object.keys(features),
    targets: Object.keys(targets),
    split: {testSize: 0.2, seed: 42},
    gate: {rules: [{metric: 'mse', max: 0.2}]},
  };
}

function fillTable({features, targets, categories = {}, others = {}}: Columns): Table {
  const count = Object.values(targets)[0]?.length ?? 0;
  const rowsOf = (columns: Record<string, number[]>) =>
    Array.from({length: count}, (_, i) => Object.values(columns).map(values => values[i] ?? Number.NaN));
  return {
    rowNumbers: Array.from({length: count}, (_, i) => i + 1),
    features: rowsOf(features),
    targets: rowsOf(targets),
    categories: Object.entries(categories).map(([name, values]) => ({name, values})),
    others: Object.entries(others).map(([name, values]) => ({name, values})),
    dropped: 0,
  };
}

/** Numbers that look drawn from a normal distribution, the same for the same seed (Box–Muller on mulberry32). */
export function drawNormals(count: number, seed: number): number[] {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return Array.from(
    {length: count},
    () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
}
