import {predictRow} from '../../../serve/model/predict.ts';
import type {ErrorScores, TargetStatistics} from '../../core/evaluation/evaluation.ts';
import {labelWithUnit} from '../units.ts';
import type {FigureData, NumberColumn} from './figure-data.ts';

/** More rows than this are counted in hexagons instead of drawn one by one. */
export const maxDots = 600;

/** What the figures of one target show, and say in words. */
export interface TargetFacts {
  name: string;
  /** With its unit: "petal_length (cm)". */
  label: string;
  scores: ErrorScores | undefined;
  statistics: TargetStatistics | undefined;
  test: Fit;
  /** Null where there is no room for the training rows. */
  train: Fit | null;
  /** Of the training rows, in ascending order. */
  residuals: Float64Array;
}

/** What the model predicts of one target for some rows, and what it misses: actual − predicted. */
export interface Fit {
  actual: number[];
  predicted: number[];
  residuals: number[];
}

/** Predicts one target for all rows, and gathers what is known of it. */
export function describeTarget(
  data: FigureData,
  {name, unit}: Pick<NumberColumn, 'name' | 'unit'>,
): TargetFacts {
  const {descriptor, split, evaluation} = data;
  const target = descriptor.targets.indexOf(name);
  const train = fitRows(data, target, split.train);
  return {
    name,
    label: labelWithUnit(name, unit),
    scores: new Map(Object.entries(evaluation.targets)).get(name),
    statistics: evaluation.statistics.targets.find(statistics => statistics.target === name),
    test: fitRows(data, target, split.test),
    train: split.train.length + split.test.length <= maxDots ? train : null,
    residuals: Float64Array.from(train.residuals).sort(),
  };
}

function fitRows({table, model}: FigureData, target: number, rows: readonly number[]): Fit {
  const own = {targets: model.targets.slice(target, target + 1)};
  const actual = rows.map(row => table.targets[row]?.[target] ?? Number.NaN);
  const predicted = rows.map(row => predictRow(own, table.features[row] ?? [])[0] ?? Number.NaN);
  return {actual, predicted, residuals: actual.map((value, i) => value - (predicted[i] ?? Number.NaN))};
}
