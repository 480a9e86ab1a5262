import {predictRow} from '../../../serve/model/predict.ts';
import type {Descriptor} from '../dataset/descriptor-schema.ts';
import {pickRows, type Split} from '../dataset/split.ts';
import type {Table} from '../dataset/table-collector.ts';
import {Failure} from '../failure.ts';
import {mean} from '../fit/compensated.ts';
import type {FittedModel} from '../fit/fitted-model.ts';
import {estimateInterval} from './bootstrap.ts';
import {crossValidate} from './cross-validation.ts';
import type {OtherScore} from './error-scores.ts';
import {Evaluation} from './evaluation.ts';
import {computeFitStatistics} from './fit-statistics.ts';
import {scoreGroups} from './groups.ts';
import {evaluatePredictions} from './metrics.ts';
import {findWorstRows} from './worst-rows.ts';

/**
 * Evaluates a model on its test rows, with the very formula that the server uses, and on its training rows.
 *
 * @throws Failure `data` when a number of it exceeds a double.
 */
export function evaluateModel({
  descriptor,
  table,
  split,
  model,
  others = [],
}: {
  descriptor: Descriptor;
  table: Table;
  split: Split;
  model: FittedModel;
  /** Scores that the table of metrics adds to the usual ones. */
  others?: readonly OtherScore[] | undefined;
}): Evaluation {
  const {seed} = descriptor.split;
  const predictions = {
    actual: pickRows(table.targets, split.test),
    predicted: split.test.map(row => predictRow(model, table.features[row] ?? [])),
    targetNames: model.targets.map(({name}) => name),
    others,
  };
  const {actual, predicted} = predictions;
  const trainingMeans = model.targets.map((_, k) =>
    mean(split.train.map(row => table.targets[row]?.[k] ?? 0)),
  );
  const {targets, baseline, ...scores} = evaluatePredictions({...predictions, trainingMeans});
  const squaredErrors = actual.map((row, i) =>
    mean(row.map((value, k) => ((predicted[i]?.[k] as number) - value) ** 2)),
  );
  const categories = table.categories.map(({name, values}) => {
    const column = descriptor.columns.find(candidate => candidate.name === name);
    const declared = column?.type === 'category' ? column.values : undefined;
    return {name, values: pickRows(values, split.test), declared};
  });
  return requireFinite({
    rows: split.test.length,
    ...scores,
    targets,
    baseline,
    interval: estimateInterval(squaredErrors, seed),
    crossValidation: crossValidate(model, {seed}),
    groups: scoreGroups(predictions, categories),
    worst: findWorstRows(predictions, targets, pickRows(table.rowNumbers, split.test)),
    statistics: computeFitStatistics(model),
  });
}

/** The schema knows finite numbers only, as JSON does. */
function requireFinite(evaluation: Evaluation): Evaluation {
  const {error} = Evaluation.safeParse(evaluation);
  if (error === undefined) return evaluation;
  const names = error.issues.map(({path}) => path.join('.'));
  throw new Failure('data', {
    code: 'EVALUATION_OVERFLOW',
    message: `The model's scores are too large for a double (above 1.8e308): ${names.join(', ')}.`,
    fix: 'Give the columns in units that bring their values closer to 1.',
  });
}
