import type {Evaluation} from '../../pipeline/core/evaluation/evaluation.ts';
import type {ImageFigures} from '../../pipeline/core/gate/metrics.ts';

/** What building and smoke-testing measured: half a MiB of ours in 150 MiB. */
export const image: ImageFigures = {
  layerBytes: 524_288,
  sizeBytes: 150 * 1_048_576,
  startupMs: 120,
  p50Ms: 0.5,
  p99Ms: 2,
};
const scores = {
  mse: 0.25,
  rmse: 0.5,
  mae: 0.4,
  medianAbsoluteError: 0.35,
  maxError: 0.8,
  r2: 0.9,
  bias: -0.1,
};
const tallScores = {...scores, mse: 0.5, r2: null};
/** An evaluation of one target and a category with one value, every number of it made up. */
export const evaluation: Evaluation = {
  rows: 30,
  ...scores,
  targets: {height: scores},
  baseline: {mse: 2.5},
  interval: {level: 0.95, lower: 0.2, upper: 0.3, resamples: 1000, seed: 42},
  crossValidation: {folds: 2, seed: 42, mse: {mean: 0.26, sd: 0.02}, values: [0.25, 0.27]},
  groups: [
    {column: 'size', values: [{value: 'tall', rows: 1, scores: tallScores, targets: {height: tallScores}}]},
  ],
  worst: [],
  statistics: {
    rows: 120,
    degreesOfFreedom: 117,
    conditionNumber: 3,
    varianceInflation: [
      {feature: 'a', value: 1.5},
      {feature: 'b', value: 2.25},
    ],
    targets: [
      {target: 'height', residualStandardError: 0.5, r2: 0.95, adjustedR2: 0.94, f: null, coefficients: []},
    ],
  },
};
