import {readFileSync} from 'node:fs';
import {type Descriptor, parseDescriptor} from '../../pipeline/core/dataset/descriptor.ts';
import {pickRows, type Split, splitRows} from '../../pipeline/core/dataset/split.ts';
import type {Table} from '../../pipeline/core/dataset/table-collector.ts';
import type {FittedModel} from '../../pipeline/core/fit/fitted-model.ts';
import {fitLinearRegression} from '../../pipeline/core/fit/regression.ts';
import {listRuleProblems} from '../../pipeline/core/gate/rule-problems.ts';
import {readIrisMeasurements} from './iris-rows.ts';

const columns = ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'];
const read = (path: string) => readFileSync(new URL(`../../data/${path}`, import.meta.url), 'utf8');

/** A model of some columns of iris on the training rows of the split with seed 42, and what it was made of. */
export function fitIris(
  features: string[],
  targets: string[],
): {descriptor: Descriptor; table: Table; split: Split; model: FittedModel} {
  const descriptor = {
    ...parseDescriptor(read('iris.json'), 'iris.json', listRuleProblems),
    features,
    targets,
  };
  const rows = readIrisMeasurements();
  const choose = (names: string[]) =>
    rows.map(row => names.map(name => row[columns.indexOf(name)] ?? Number.NaN));
  const classes = read('iris.data').trim().split('\n');
  const table: Table = {
    rowNumbers: rows.map((_, i) => i + 1),
    features: choose(features),
    targets: choose(targets),
    categories: [{name: 'class', values: classes.map(line => line.split(',')[4] ?? null)}],
    others: [],
    dropped: 0,
  };
  const split = splitRows(rows.length, descriptor.split);
  const model = fitLinearRegression({
    featureNames: features,
    targetNames: targets,
    x: pickRows(table.features, split.train),
    y: pickRows(table.targets, split.train),
  });
  return {descriptor, table, split, model};
}
