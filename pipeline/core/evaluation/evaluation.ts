import * as z from 'zod';

/** Errors of predictions on some rows, of one target or, as plain means over the targets, of all. */
export const ErrorScores = z.strictObject({
  /** Mean squared error, in the target's unit squared. */
  mse: z.number(),
  rmse: z.number(),
  /** Mean absolute error. */
  mae: z.number(),
  medianAbsoluteError: z.number(),
  /** Largest absolute error; over all targets the largest of them. */
  maxError: z.number(),
  /** Coefficient of determination; null where fewer than two rows leave it undefined. */
  r2: z.number().nullable(),
  /** Mean of prediction − actual. */
  bias: z.number(),
  /** By name, what else was asked for; null where it is undefined. */
  others: z.record(z.string(), z.number().nullable()).optional(),
});
export type ErrorScores = z.infer<typeof ErrorScores>;
/** Those of them that are known: model.json and the files of earlier releases hold fewer. */
export type KnownScores = {[Score in keyof ErrorScores]?: ErrorScores[Score] | undefined};

export const CrossValidation = z.strictObject({
  folds: z.int(),
  seed: z.int(),
  /** Mean over the folds, and their sample standard deviation, of the mse over all targets. */
  mse: z.strictObject({mean: z.number(), sd: z.number()}),
  /** One a fold, in order. */
  values: z.array(z.number()),
});
export type CrossValidation = z.infer<typeof CrossValidation>;

export const CoefficientStatistics = z.strictObject({
  /** null for the intercept. */
  feature: z.string().nullable(),
  estimate: z.number(),
  standardError: z.number(),
  /** Student's t of the estimate and its two-sided p-value; null where the standard error is 0. */
  t: z.number().nullable(),
  p: z.number().nullable(),
  /** 95 % confidence interval. */
  lower: z.number(),
  upper: z.number(),
  /** The estimate for a feature and a target in units of their standard deviations; null for the intercept. */
  standardised: z.number().nullable(),
});
export type CoefficientStatistics = z.infer<typeof CoefficientStatistics>;

export const TargetStatistics = z.strictObject({
  target: z.string(),
  /** In the target's unit. */
  residualStandardError: z.number(),
  r2: z.number(),
  adjustedR2: z.number(),
  /** The F test of all coefficients but the intercept; null where no residual is left to compare with. */
  f: z.strictObject({value: z.number(), numerator: z.int(), denominator: z.int(), p: z.number()}).nullable(),
  /** The intercept first, then the features in the model's order. */
  coefficients: z.array(CoefficientStatistics),
});
export type TargetStatistics = z.infer<typeof TargetStatistics>;

/** What is known of the fitted model from its training rows. */
export const FitStatistics = z.strictObject({
  rows: z.int(),
  degreesOfFreedom: z.int(),
  /** Largest by smallest singular value of the standardised features. */
  conditionNumber: z.number(),
  /** One per feature, in the model's order: 1 / (1 − R²) of the feature on the others. */
  varianceInflation: z.array(z.strictObject({feature: z.string(), value: z.number()})),
  /** One per target; empty without degrees of freedom. */
  targets: z.array(TargetStatistics),
});
export type FitStatistics = z.infer<typeof FitStatistics>;

/** Scores on the test rows of each value of a category column, in the order of the descriptor or of the text. */
export const GroupScores = z.strictObject({
  column: z.string(),
  values: z.array(
    z.strictObject({
      value: z.string(),
      rows: z.int(),
      scores: ErrorScores,
      /** The same of each target. */
      targets: z.record(z.string(), ErrorScores),
    }),
  ),
});
export type GroupScores = z.infer<typeof GroupScores>;

/** How a model does on rows that it was not trained on: `metrics.json`. */
export const Evaluation = z.strictObject({
  rows: z.int(),
  ...ErrorScores.shape,
  targets: z.record(z.string(), ErrorScores),
  /** What predicting the training mean of each target would score on the same rows. */
  baseline: z.strictObject({mse: z.number()}),
  /** Percentile bootstrap of the test mse over all targets; null with fewer than two test rows. */
  interval: z
    .strictObject({
      level: z.number(),
      lower: z.number(),
      upper: z.number(),
      resamples: z.int(),
      seed: z.int(),
    })
    .nullable(),
  /** Cross-validation on the training rows; null where they are too few for it. */
  crossValidation: CrossValidation.nullable(),
  groups: z.array(GroupScores),
  /** The test rows with the largest absolute errors in units of the target's rmse, the worst first, at most 10. */
  worst: z.array(
    z.strictObject({row: z.int(), target: z.string(), actual: z.number(), predicted: z.number()}),
  ),
  statistics: FitStatistics,
});
export type Evaluation = z.infer<typeof Evaluation>;
