import type {Descriptor} from '../core/dataset/descriptor.ts';
import type {Split} from '../core/dataset/split.ts';
import type {Table} from '../core/dataset/table-collector.ts';
import {evaluateModel} from '../core/evaluation/evaluate-model.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import type {FittedModel} from '../core/fit/fitted-model.ts';
import {listOtherScores} from '../core/gate/measure.ts';

/**
 * Scores a model on the test rows, and judges its fit on the training rows.
 *
 * @throws Failure of kind `data` when a score exceeds a double.
 */
export async function evaluate(
  descriptor: Descriptor,
  table: Table,
  split: Split,
  model: FittedModel,
): Promise<Evaluation> {
  return evaluateModel({descriptor, table, split, model, others: listOtherScores()});
}
