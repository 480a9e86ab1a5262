/** Errors of predictions on some rows, of one target or, as plain means over the targets, of all. */
export interface ErrorScores {
  /** Mean squared error, in the target's unit squared. */
  mse: number;
  rmse: number;
  /** Mean absolute error. */
  mae: number;
  medianAbsoluteError: number;
  /** Largest absolute error. */
  maxError: number;
  /** Coefficient of determination; null where fewer than two rows leave it undefined. */
  r2: number | null;
  /** Mean of prediction − actual. */
  bias: number;
}

/** How a model does on rows that it was not trained on: `metrics.json`. */
export interface Evaluation extends ErrorScores {
  rows: number;
  targets: Record<string, ErrorScores>;
  /** What predicting the training mean of each target would score on the same rows. */
  baseline: {mse: number};
  /** Percentile bootstrap of the test mse over all targets; null with fewer than two test rows. */
  interval: {level: number; lower: number; upper: number; resamples: number; seed: number} | null;
  /** Cross-validation on the training rows; null where they are too few for it. */
  crossValidation: CrossValidation | null;
  /** Scores on the test rows of each value of a category column, in the order of the descriptor or of the text. */
  groups: {column: string; values: {value: string; rows: number; scores: ErrorScores}[]}[];
  /** The test rows with the largest absolute errors in units of the target's rmse, the worst first, at most 10. */
  worst: {row: number; target: string; actual: number; predicted: number}[];
  statistics: FitStatistics;
}

export interface CrossValidation {
  folds: number;
  seed: number;
  /** Mean over the folds, and their sample standard deviation, of the mse over all targets. */
  mse: {mean: number; sd: number};
  /** One a fold, in order. */
  values: number[];
}

/** What is known of the fitted model from its training rows. */
export interface FitStatistics {
  rows: number;
  degreesOfFreedom: number;
  /** Largest by smallest singular value of the standardised features. */
  conditionNumber: number;
  /** One per feature, in the model's order: 1 / (1 − R²) of the feature on the others. */
  varianceInflation: {feature: string; value: number}[];
  /** One per target; empty without degrees of freedom. */
  targets: TargetStatistics[];
}

export interface TargetStatistics {
  target: string;
  /** In the target's unit. */
  residualStandardError: number;
  r2: number;
  adjustedR2: number;
  /** The F test of all coefficients but the intercept; null where no residual is left to compare with. */
  f: {value: number; numerator: number; denominator: number; p: number} | null;
  /** The intercept first, then the features in the model's order. */
  coefficients: CoefficientStatistics[];
}

export interface CoefficientStatistics {
  /** null for the intercept. */
  feature: string | null;
  estimate: number;
  standardError: number;
  /** Student's t of the estimate and its two-sided p-value; null where the standard error is 0. */
  t: number | null;
  p: number | null;
  /** 95 % confidence interval. */
  lower: number;
  upper: number;
  /** The estimate for a feature and a target in units of their standard deviations; null for the intercept. */
  standardised: number | null;
}
