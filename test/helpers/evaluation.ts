import type {ErrorScores, Evaluation} from '../../pipeline/core/evaluation/evaluation.ts';
import {metrics, scores} from './promoted-run.ts';

const height: ErrorScores = {...scores, medianAbsoluteError: 0.3, maxError: 1.25, bias: -0.0625};

/** What is known of the model in promoted-run.ts: height = 1.5 + 2 a − 0.5 b, in numbers that are easy to recognise. */
export const evaluation: Evaluation = {
  ...height,
  rows: 30,
  targets: {height},
  baseline: metrics.baseline,
  interval: {level: 0.95, lower: 0.125, upper: 0.375, resamples: 1000, seed: 7},
  crossValidation: {folds: 5, seed: 7, mse: {mean: 0.26, sd: 0.04}, values: [0.2, 0.25, 0.26, 0.27, 0.32]},
  groups: [
    {
      column: 'class',
      values: [
        {value: 'x', rows: 29, scores: {...height, mse: 0.24}, targets: {height: {...height, mse: 0.24}}},
        {value: 'y', rows: 1, scores: {...height, mse: 0.54}, targets: {height: {...height, mse: 0.54}}},
      ],
    },
  ],
  worst: [
    {row: 12, target: 'height', actual: 5, predicted: 6.25},
    {row: 3, target: 'height', actual: 4, predicted: 3},
  ],
  statistics: {
    rows: 120,
    degreesOfFreedom: 117,
    conditionNumber: 4.5,
    varianceInflation: [
      {feature: 'a', value: 12.5},
      {feature: 'b', value: 1.25},
    ],
    targets: [
      {
        target: 'height',
        residualStandardError: 0.5,
        r2: 0.92,
        adjustedR2: 0.91,
        f: {value: 600.25, numerator: 2, denominator: 117, p: 1e-60},
        coefficients: [
          coefficient({feature: null, estimate: 1.5, lower: 1, upper: 2, p: 0.000123456}),
          coefficient({feature: 'a', estimate: 2, lower: 1.75, upper: 2.25, p: 1e-30}),
          coefficient({feature: 'b', estimate: -0.5, lower: -1.125, upper: 0.125, p: 0.0625}),
        ],
      },
    ],
  },
};

/** The same with a second target. */
export const twoTargets: Evaluation = {
  ...evaluation,
  targets: {height, width: {...height, mse: 0.75}},
  statistics: {
    ...evaluation.statistics,
    targets: ['height', 'width'].flatMap(target =>
      evaluation.statistics.targets.map(known => ({...known, target})),
    ),
  },
};

function coefficient(known: {
  feature: string | null;
  estimate: number;
  lower: number;
  upper: number;
  p: number;
}): Evaluation['statistics']['targets'][number]['coefficients'][number] {
  return {...known, standardError: 0.125, t: 16, standardised: known.feature === null ? null : 0.5};
}
