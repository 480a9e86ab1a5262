import type {Descriptor} from '../core/dataset/descriptor.ts';
import {pickRows, type Split} from '../core/dataset/split.ts';
import type {Table} from '../core/dataset/table-collector.ts';
import type {FittedModel} from '../core/fit/fitted-model.ts';
import {fitLinearRegression} from '../core/fit/regression.ts';

/**
 * Fits the targets by least squares on the training rows.
 *
 * @throws Failure of kind `data` for rows or columns that determine no model; it names the columns at fault.
 */
export async function train(
  {features, targets}: Descriptor,
  table: Table,
  {train}: Split,
): Promise<FittedModel> {
  return fitLinearRegression({
    featureNames: features,
    targetNames: targets,
    x: pickRows(table.features, train),
    y: pickRows(table.targets, train),
    rowNumbers: pickRows(table.rowNumbers, train),
  });
}
