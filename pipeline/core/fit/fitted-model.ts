/** Training rows: per row an array with one number per feature (`x`) and one with one per target (`y`). */
export interface TrainingData {
  featureNames: string[];
  targetNames: string[];
  x: number[][];
  y: number[][];
  /** What messages call each row; left out, the first row is 1. */
  rowNumbers?: number[];
}

/** A feature and its values over the training rows. */
export interface FittedFeature {
  name: string;
  mean: number;
  /** Population standard deviation (divisor n), as scikit-learn's StandardScaler. */
  scale: number;
  min: number;
  max: number;
}

/** target = intercept + Σ coefficient · feature, for raw (unstandardised) values. */
export interface FittedTarget {
  name: string;
  intercept: number;
  /** One per feature, in the order of the model's features. */
  coefficients: number[];
  /** √(Σ residual² / degrees of freedom), in the target's unit; 0 without degrees of freedom. */
  residualStandardError: number;
  /** Population standard deviations over the training rows, in the target's unit: total² = explained² + residual². */
  spread: {total: number; explained: number; residual: number};
  /** target − prediction of each training row, in the target's unit. */
  residuals: Float64Array;
}

export interface FittedModel {
  features: FittedFeature[];
  targets: FittedTarget[];
  /** Rows less coefficients (the intercept among them). */
  degreesOfFreedom: number;
  /**
   * R⁻ᵀ, row by row without its zeros (row i has i + 1 numbers), of the design's factors A = Q·R, whose columns
   * are ones and the standardised features: (AᵀA)⁻¹ = R⁻¹·R⁻ᵀ.
   */
  inverseFactor: number[][];
  /** The columns of Q, one number per training row. */
  q: Float64Array[];
}
