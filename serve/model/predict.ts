import type {Artifact} from '../artifact/artifact.ts';

/** The part of an artifact that the formula needs: one intercept and one coefficient per feature, for each target. */
export type Model = {targets: readonly Pick<Artifact['targets'][number], 'intercept' | 'coefficients'>[]};

/**
 * Predictions for a batch: one number per row when the model has one target, else one list per row with a
 * number per target. `overflowed` has the indices of the rows with a prediction that no double can hold.
 */
export type Predictions =
  | {status: 'predicted'; values: number[] | number[][]}
  | {status: 'overflowed'; rows: number[]};

/** Compares the model's answers to its held-out examples with the predictions stored when it was trained. */
export type HeldOutCheck =
  | {status: 'agrees'; checked: number; maxError: number}
  | {status: 'disagrees'; checked: number; maxError: number; rows: number[]};

/** Largest difference from a stored prediction: relative to it, and absolute where it is smaller than 1. */
export const heldOutTolerance = 1e-12;

/**
 * Predicts every target for one row of raw (unscaled) features.
 *
 * This is the only prediction formula, for training and serving alike: it starts with the intercept and adds
 * coefficient_j · x_j in the order of the features, one rounded product and one rounded sum at a time. Any
 * other order may change the last bits, which the held-out check would notice.
 *
 * @param row one finite number per feature, in the model's order.
 * @returns one number per target, in the model's order; not finite when the sum overflows.
 */
export function predictRow({targets}: Model, row: readonly number[]): number[] {
  return targets.map(target => predictTarget(target, row));
}

/**
 * Predicts a batch of rows with the formula of `predictRow`.
 *
 * @param rows each with one finite number per feature, in the model's order.
 */
export function predictRows(model: Model, rows: readonly (readonly number[])[]): Predictions {
  const [target, ...others] = model.targets;
  const overflowed: number[] = [];
  if (target === undefined || others.length > 0) {
    const values = rows.map(row => predictRow(model, row));
    values.forEach((value, i) => {
      if (!value.every(Number.isFinite)) overflowed.push(i);
    });
    return overflowed.length > 0 ? {status: 'overflowed', rows: overflowed} : {status: 'predicted', values};
  }
  // A loop over an array of the right length takes a quarter of the time of `map`.
  const values = new Array<number>(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const value = predictTarget(target, rows[i] ?? []);
    values[i] = value;
    if (!Number.isFinite(value)) overflowed.push(i);
  }
  if (overflowed.length > 0) return {status: 'overflowed', rows: overflowed};
  return {status: 'predicted', values};
}

/**
 * Recomputes the artifact's held-out examples and compares with the predictions stored in it.
 *
 * @returns the number of examples checked and the largest error found, measured as `heldOutTolerance` is; when
 * an error is above the tolerance, also the rows (their numbers in the data) at fault.
 */
export function verifyHeldOut(artifact: Pick<Artifact, 'targets' | 'heldOut'>): HeldOutCheck {
  let maxError = 0;
  const rows: number[] = [];
  for (const example of artifact.heldOut) {
    const found = predictRow(artifact, example.features);
    const error = Math.max(...example.prediction.map((expected, i) => distance(expected, found[i])));
    maxError = Math.max(maxError, error);
    if (error > heldOutTolerance) rows.push(example.row);
  }
  const checked = artifact.heldOut.length;
  return rows.length === 0
    ? {status: 'agrees', checked, maxError}
    : {status: 'disagrees', checked, maxError, rows};
}

function predictTarget({intercept, coefficients}: Model['targets'][number], row: readonly number[]): number {
  let sum = intercept;
  for (let j = 0; j < coefficients.length; j++) {
    // Lengths were checked when artifact and request were parsed; a gap would show as NaN, never as a guess.
    sum += (coefficients[j] ?? Number.NaN) * (row[j] ?? Number.NaN);
  }
  return sum;
}

function distance(expected: number, found = Number.NaN): number {
  const error = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
  return Number.isFinite(error) ? error : Number.POSITIVE_INFINITY;
}
