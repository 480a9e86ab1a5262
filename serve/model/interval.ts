import type {Artifact} from '../artifact/artifact.ts';
import {findStudentTBound} from './student-t.ts';

/** Prediction intervals of a batch; `lower` and `upper` have the shape of the predictions. */
export type Interval = {level: number; lower: number[] | number[][]; upper: number[] | number[][]};

/**
 * Half the width of a prediction interval for each target of one row, in the target's unit.
 *
 * t · s · √(1 + h), where t is Student's for the level and the degrees of freedom, s the residual standard error
 * and h = zᵀ(ZᵀZ)⁻¹z = |R⁻ᵀz|² the leverage of the row z (1 and the standardised features): Draper & Smith,
 * "Applied Regression Analysis", 3rd ed., 8.3; R's `predict(…, interval = "prediction")`.
 */
export type HalfWidth = (row: readonly number[]) => number[];

/**
 * Prepares the half-widths of a model's prediction intervals at a level.
 *
 * @returns undefined for a model without residual degrees of freedom.
 */
export function createHalfWidth(artifact: Artifact, level: number): HalfWidth | undefined {
  const {features, uncertainty} = artifact;
  if (uncertainty === undefined) return undefined;
  const {degreesOfFreedom, residualStandardErrors, inverseFactor} = uncertainty;
  const bound = findStudentTBound(level, degreesOfFreedom);
  const widths = residualStandardErrors.map(error => bound * error);
  return row => {
    const design = [1, ...features.map(({mean, scale}, j) => ((row[j] ?? Number.NaN) - mean) / scale)];
    let leverage = 0;
    for (const factors of inverseFactor) {
      const part = factors.reduce((sum, factor, j) => sum + factor * (design[j] ?? Number.NaN), 0);
      leverage += part * part;
    }
    const spread = Math.sqrt(1 + leverage);
    return widths.map(width => width * spread);
  };
}
