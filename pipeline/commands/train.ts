import {type NumberedTestRows, pickTestRows} from '../core/champion/test-rows.ts';
import type {Descriptor} from '../core/dataset/descriptor.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import {chooseRules} from '../core/gate/rules.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import {renderModelCard} from '../report/model-card.ts';
import {formatNumber} from '../report/number-text.ts';
import {type Finding, know, runStage, type Success} from '../run/facts.ts';
import type {Run} from '../run/run.ts';
import {evaluate} from '../stages/evaluate.ts';
import {split as splitTable} from '../stages/split.ts';
import {train} from '../stages/train.ts';
import {write} from '../stages/write.ts';
import {fetchData} from './fetch.ts';

/** The command `train`: a versioned model and its report. */
export async function* runTrain(run: Run): Finding<Success> {
  yield* trainModel(run);
  return 'trained';
}

/** What came of training. */
export interface Trained {
  stored: StoredArtifact;
  descriptor: Descriptor;
  testRows: NumberedTestRows;
  evaluation: Evaluation;
}

/** Fits a model, scores it on the rows that were held out, and writes its version. */
export async function* trainModel(run: Run): Finding<Trained> {
  const {options} = run;
  const {descriptor, data, table} = yield* fetchData(run);
  const split = yield* runStage(
    run,
    'split',
    () => splitTable(table, descriptor),
    ({train, test, seed}) => `${train.length} to train on, ${test.length} to test on, seed ${seed}`,
  );
  const model = yield* runStage(
    run,
    'train',
    () => train(descriptor, table, split),
    ({features, targets}) => `${(features.length + 1) * targets.length} coefficients`,
  );
  const evaluation = yield* runStage(
    run,
    'evaluate',
    () => evaluate(descriptor, table, split, model),
    ({rmse, mse}) => `rmse ${formatNumber(rmse)}, mse ${formatNumber(mse)}`,
  );
  yield know('rules', chooseRules(descriptor.gate, options).rules);
  const stored = yield* runStage(
    run,
    'write',
    () =>
      write(options.artifacts, {descriptor, data, table, split, model, evaluation}, artifact =>
        renderModelCard({artifact, evaluation, about: descriptor.about}),
      ),
    ({folder}) => folder,
  );
  return {stored, descriptor, evaluation, testRows: pickTestRows(descriptor, table, split.test)};
}
