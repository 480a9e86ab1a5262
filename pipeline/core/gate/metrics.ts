import type {OtherScore} from '../evaluation/error-scores.ts';
import type {Evaluation, FitStatistics, KnownScores, TargetStatistics} from '../evaluation/evaluation.ts';

/** What building and testing the image measured. */
export interface ImageFigures {
  /** Our layer, in bytes. */
  layerBytes: number;
  /** The whole image, in bytes; null where there is none. */
  sizeBytes: number | null;
  startupMs: number | null;
  p50Ms: number | null;
  p99Ms: number | null;
}

/** A number that a gate rule can limit. */
export type Metric = {
  name: string;
  /** null for a number without one. */
  unit: 'target' | 'target squared' | 'MiB' | 'ms' | null;
  /** The better direction; null where neither end is better. */
  better: 'lower' | 'higher' | null;
  /** For people: what the number is. */
  description: string;
} & (
  | {
      /** Over all targets, per target, and for either on the rows of a category. */
      scope: 'test rows';
      /** From the scores that every evaluation has; undefined where too few of them are known. */
      value: (scores: KnownScores) => number | null | undefined;
      /** Whether a rule may compare challenger and champion in it: an error, where less is better. */
      compared?: true;
      /** The same of predicting the training mean. */
      baseline?: (baseline: Evaluation['baseline']) => number;
    }
  | {
      /** The same, computed from the rows of one target: the errors, prediction − actual, and what was actual. */
      scope: 'test rows';
      compute: OtherScore['compute'];
      compared?: true;
    }
  | {
      /** One number a model. */
      scope: 'evaluation';
      value: (evaluation: Evaluation) => number | null;
      /** What the number does not say of itself. */
      note?: (evaluation: Evaluation) => string;
    }
  | {
      /** One number a model, of its training rows. */
      scope: 'fit';
      value: (statistics: FitStatistics) => number;
    }
  | {
      /** Per target, of its training rows; the name alone where there is one target. */
      scope: 'target fit';
      value: (statistics: TargetStatistics) => number;
    }
  | {
      /** Of the image and its smoke test. */
      scope: 'image';
      value: (image: ImageFigures) => number | null;
    }
);

/**
 * Every metric, in the order of every report; the first is the one that short lists show of each target and category.
 *
 * A new metric is a new row: gate rules, reports, the descriptor's schema, the model card and the README's table are
 * made from these.
 */
export const metrics: readonly Metric[] = [
  {
    name: 'rmse',
    scope: 'test rows',
    unit: 'target',
    better: 'lower',
    compared: true,
    description: 'root of the mean squared error',
    value: ({rmse}) => rmse,
  },
  {
    name: 'mse',
    scope: 'test rows',
    unit: 'target squared',
    better: 'lower',
    compared: true,
    description: 'mean squared error',
    value: ({mse}) => mse,
    baseline: ({mse}) => mse,
  },
  {
    name: 'mse.ci.lower',
    scope: 'evaluation',
    unit: 'target squared',
    better: 'lower',
    description: 'lower end of the 95 % bootstrap interval of the test mse',
    value: ({interval}) => interval?.lower ?? null,
    note: ({interval}) => (interval === null ? '' : `${100 * interval.level} % interval`),
  },
  {
    name: 'mse.ci.upper',
    scope: 'evaluation',
    unit: 'target squared',
    better: 'lower',
    description: 'upper end of the same interval',
    value: ({interval}) => interval?.upper ?? null,
  },
  {
    name: 'mae',
    scope: 'test rows',
    unit: 'target',
    better: 'lower',
    compared: true,
    description: 'mean absolute error',
    value: ({mae}) => mae,
  },
  {
    name: 'medianAbsoluteError',
    scope: 'test rows',
    unit: 'target',
    better: 'lower',
    description: 'median absolute error',
    value: ({medianAbsoluteError}) => medianAbsoluteError,
  },
  {
    name: 'maxError',
    scope: 'test rows',
    unit: 'target',
    better: 'lower',
    description: 'largest absolute error',
    value: ({maxError}) => maxError,
  },
  {
    name: 'r2',
    scope: 'test rows',
    unit: null,
    better: 'higher',
    description: 'share of the variance of the target that the model explains',
    value: ({r2}) => r2,
  },
  {
    name: 'bias',
    scope: 'test rows',
    unit: 'target',
    better: null,
    description: 'mean of prediction − actual; above 0, the model predicts too much',
    value: ({bias}) => bias,
  },
  {
    name: 'cv.mse.mean',
    scope: 'evaluation',
    unit: 'target squared',
    better: 'lower',
    description: 'mean of the mse over 5 folds of the training rows',
    value: ({crossValidation}) => crossValidation?.mse.mean ?? null,
    note: ({crossValidation}) => (crossValidation === null ? '' : `${crossValidation.folds} folds`),
  },
  {
    name: 'cv.mse.sd',
    scope: 'evaluation',
    unit: 'target squared',
    better: 'lower',
    description: 'standard deviation of the mse over these folds',
    value: ({crossValidation}) => crossValidation?.mse.sd ?? null,
  },
  {
    name: 'baseline.mse',
    scope: 'evaluation',
    unit: 'target squared',
    better: null,
    description: 'mse of predicting the training mean for every test row',
    value: ({baseline}) => baseline.mse,
  },
  {
    name: 'baseline.ratio',
    scope: 'evaluation',
    unit: null,
    better: 'lower',
    description: 'mse relative to that: above 1, the model is worse than predicting the mean',
    value: ({mse, baseline}) => (baseline.mse > 0 ? mse / baseline.mse : null),
  },
  {
    name: 'adjustedR2',
    scope: 'target fit',
    unit: null,
    better: 'higher',
    description: 'r2 on the training rows, adjusted for the number of coefficients',
    value: ({adjustedR2}) => adjustedR2,
  },
  {
    name: 'residualStandardError',
    scope: 'target fit',
    unit: 'target',
    better: 'lower',
    description: 'standard error of the residuals on the training rows',
    value: ({residualStandardError}) => residualStandardError,
  },
  {
    name: 'vif.max',
    scope: 'fit',
    unit: null,
    better: 'lower',
    description: 'collinearity: largest variance inflation factor of the features',
    value: ({varianceInflation}) => Math.max(...varianceInflation.map(({value}) => value)),
  },
  {
    name: 'condition',
    scope: 'fit',
    unit: null,
    better: 'lower',
    description: 'collinearity: condition number of the standardised features',
    value: ({conditionNumber}) => conditionNumber,
  },
  {
    name: 'image.layerMiB',
    scope: 'image',
    unit: 'MiB',
    better: 'lower',
    description: 'size of server, model and model card, the layer that is ours',
    value: ({layerBytes}) => layerBytes / bytesPerMiB,
  },
  {
    name: 'image.sizeMiB',
    scope: 'image',
    unit: 'MiB',
    better: 'lower',
    description: 'size of the whole image, uncompressed',
    value: ({sizeBytes}) => (sizeBytes === null ? null : sizeBytes / bytesPerMiB),
  },
  {
    name: 'smoke.startupMs',
    scope: 'image',
    unit: 'ms',
    better: 'lower',
    description: 'time from the start to the first answer that the server is ready',
    value: ({startupMs}) => startupMs,
  },
  {
    name: 'smoke.p50Ms',
    scope: 'image',
    unit: 'ms',
    better: 'lower',
    description: 'median time of a prediction for one row',
    value: ({p50Ms}) => p50Ms,
  },
  {
    name: 'smoke.p99Ms',
    scope: 'image',
    unit: 'ms',
    better: 'lower',
    description: '99th percentile of that time',
    value: ({p99Ms}) => p99Ms,
  },
];

const bytesPerMiB = 2 ** 20;
