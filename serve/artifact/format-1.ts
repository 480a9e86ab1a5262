import * as z from 'zod/mini';
import {ArtifactError, retrain} from './artifact-error.ts';
import {type Format, parseBySchema, requireSeal} from './format.ts';

const name = z.string().check(z.minLength(1));
const count = z.int().check(z.nonnegative());
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const numbers = z.array(z.number());

const Scores = z.strictObject({
  /** Mean squared error, in the target's unit squared. */
  mse: z.number(),
  /** Square root of mse, in the target's unit. */
  rmse: z.number(),
  /** Mean absolute error, in the target's unit. */
  mae: z.number(),
  /** Coefficient of determination; null where fewer than two rows leave it undefined. */
  r2: z.nullable(z.number()),
});
export type Scores = z.infer<typeof Scores>;

/** Scores on the test rows: over all targets (plain mean, the rmse being the mean of the targets' rmse) and per target. */
export const Metrics = z.strictObject({
  ...Scores.shape,
  targets: z.record(name, Scores),
  /** The score of predicting the training mean of each target on the same rows. */
  baseline: z.strictObject({mse: z.number()}),
});
export type Metrics = z.infer<typeof Metrics>;

export const Feature = z.strictObject({
  name,
  unit: z.nullable(z.string()),
  /** Mean over the training rows. */
  mean: z.number(),
  /** Population standard deviation over the training rows (divisor n, as scikit-learn's StandardScaler). */
  scale: z.number(),
  min: z.number(),
  max: z.number(),
});

export const Target = z.strictObject({
  name,
  unit: z.nullable(z.string()),
  intercept: z.number(),
  /** One per feature, in the order of `features`, for raw (unscaled) inputs. */
  coefficients: numbers,
});

const Uncertainty = z.strictObject({
  /** Training rows less coefficients (the intercept among them). */
  degreesOfFreedom: count.check(z.positive()),
  /** One per target, in its unit: √(Σ residual² / degrees of freedom) over the training rows. */
  residualStandardErrors: numbers,
  /**
   * R⁻ᵀ of the factored training design A = Q·R, whose columns are ones and the standardised features; row i has
   * its i + 1 numbers. With it the leverage of a row z is |R⁻ᵀ·z|².
   */
  inverseFactor: z.array(numbers),
});

const HeldOutExample = z.strictObject({
  /** Number of the row in the data, the first data row being 1. */
  row: z.int().check(z.positive()),
  features: numbers,
  actual: numbers,
  /** The model's answer; a server must reproduce it. */
  prediction: numbers,
});

const Provenance = z.strictObject({
  dataset: z.strictObject({sha256, rows: count, url: z.nullable(z.string())}),
  split: z.strictObject({testSize: z.number(), seed: count, train: count, test: count}),
  /** The dataset descriptor without its gate: everything that determined the model. */
  descriptor: z.record(z.string(), z.unknown()),
  libraries: z.record(z.string(), z.string()),
});

const content = {
  name,
  features: z.array(Feature).check(z.minLength(1)),
  targets: z.array(Target).check(z.minLength(1)),
  /** Needed for prediction intervals; left out when as many coefficients as rows leave nothing to estimate it from. */
  uncertainty: z.optional(Uncertainty),
  metrics: Metrics,
  heldOut: z.array(HeldOutExample),
  provenance: Provenance,
};

/** A trained model with all that a server needs and all that says where it came from. */
export const Artifact = z.strictObject({
  formatVersion: z.literal(1),
  /** First 12 hex digits of the SHA-256 of the rest of this object. */
  version: z.string().check(z.regex(/^[0-9a-f]{12}$/)),
  ...content,
});
export type Artifact = z.infer<typeof Artifact>;
/** Format 1, the newest. */
export const formatOne: Format<Artifact> = {
  formatVersion: 1,
  read(json, text, where) {
    const artifact = parseBySchema(Artifact, json, where);
    checkLengths(artifact, where);
    checkNames('features', artifact.features, where);
    checkNames('targets', artifact.targets, where);
    requireSeal(artifact, text, where);
    // What JSON.parse made, which is equal to the last character, and not zod's copy: its lists of numbers are lists
    // of objects to the engine, and a prediction takes six times as long with them.
    return json as Artifact;
  },
};

function checkLengths({features, targets, uncertainty, heldOut}: Artifact, where: string): void {
  const check = (path: string, found: number, expected: number, of: string) => {
    if (found !== expected) {
      throw new ArtifactError(
        `${where}: ${path} has ${found} values, expected ${expected} (one per ${of}). ${retrain}`,
      );
    }
  };
  targets.forEach((target, i) => {
    check(`targets[${i}].coefficients`, target.coefficients.length, features.length, 'feature');
  });
  if (uncertainty !== undefined) {
    const {residualStandardErrors, inverseFactor} = uncertainty;
    check('uncertainty.residualStandardErrors', residualStandardErrors.length, targets.length, 'target');
    check('uncertainty.inverseFactor', inverseFactor.length, features.length + 1, 'coefficient');
    inverseFactor.forEach((row, i) => {
      check(`uncertainty.inverseFactor[${i}]`, row.length, i + 1, 'column up to its own');
    });
  }
  heldOut.forEach((example, i) => {
    check(`heldOut[${i}].features`, example.features.length, features.length, 'feature');
    check(`heldOut[${i}].actual`, example.actual.length, targets.length, 'target');
    check(`heldOut[${i}].prediction`, example.prediction.length, targets.length, 'target');
  });
}

/** Requests name their features and answers their targets: a name used twice could not be told apart. */
function checkNames(path: string, items: readonly {name: string}[], where: string): void {
  items.forEach((item, i) => {
    const first = items.findIndex(other => other.name === item.name);
    if (first !== i) {
      throw new ArtifactError(
        `${where}: ${path}[${i}] has the name of ${path}[${first}], "${item.name}". ${retrain}`,
      );
    }
  });
}
