import {createHash} from 'node:crypto';
import * as z from 'zod/mini';
import {describeIssues} from './issues.ts';

/** Format of `model.json` that this code writes and reads. */
export const formatVersion = 1;

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
  /** What predicting the training mean of each target would score on the same rows. */
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
  /** What the model answers; a server must reproduce it. */
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
  /** What prediction intervals need; left out when as many coefficients as rows leave nothing to estimate it from. */
  uncertainty: z.optional(Uncertainty),
  metrics: Metrics,
  heldOut: z.array(HeldOutExample),
  provenance: Provenance,
};

/** A trained model with all that a server needs and all that says where it came from. */
export const Artifact = z.strictObject({
  formatVersion: z.literal(formatVersion),
  /** First 12 hex digits of the SHA-256 of the rest of this object. */
  version: z.string().check(z.regex(/^[0-9a-f]{12}$/)),
  ...content,
});
export type Artifact = z.infer<typeof Artifact>;
export type ArtifactContent = Omit<Artifact, 'formatVersion' | 'version'>;

/** The bytes of `model.json` are not an artifact that this code can serve. `message` says why and what to do. */
export class ArtifactError extends Error {
  override name = 'ArtifactError';
}

/**
 * Gives a trained model its version and its one serialised form.
 *
 * @returns the artifact, and the text of its `model.json` (one line of JSON and a newline).
 * @throws ArtifactError when a length disagrees or a number is not finite.
 */
export function sealArtifact(content: ArtifactContent): {artifact: Artifact; text: string} {
  // Parsed before it is hashed: the schema, not the caller, decides the order of the keys.
  const draft = z.safeParse(Artifact, {formatVersion, version: '0'.repeat(12), ...content}, once);
  if (!draft.success) {
    throw new ArtifactError(`The trained model cannot be written: ${describeIssues(draft.error.issues)}.`);
  }
  const {version: _, ...rest} = draft.data;
  const text = serialise({...draft.data, version: hashContent(rest)});
  return {artifact: parseArtifact(text, 'the trained model'), text};
}

/**
 * Reads the text of a `model.json`, strictly: every key known, every length right, every number finite, the
 * version equal to the hash of the content, and the text the very one that `sealArtifact` writes.
 *
 * @param where what the text is called in error messages, usually its path.
 * @throws ArtifactError
 */
export function parseArtifact(text: string, where: string): Artifact {
  const json = parseJson(text, where);
  const parsed = z.safeParse(Artifact, json, once);
  if (!parsed.success) {
    throw new ArtifactError(
      `${where} is not a model artifact: ${describeIssues(parsed.error.issues)}. ${retrain}`,
    );
  }
  const artifact = parsed.data;
  checkLengths(artifact, where);
  checkNames('features', artifact.features, where);
  checkNames('targets', artifact.targets, where);
  const {version, ...rest} = artifact;
  const found = hashContent(rest);
  if (version !== found || text !== serialise(artifact)) {
    throw new ArtifactError(
      `${where} was changed after it was written: its version says ${version}, its bytes say ${
        version === found ? 'the same numbers in other characters' : found
      }. ${retrain}`,
    );
  }
  // What JSON.parse made, which is equal to the last character, and not zod's copy: its lists of numbers are lists
  // of objects to the engine, and a prediction takes six times as long with them.
  return json as Artifact;
}

/** Compiling the schema pays for thousands of parses; a server parses once, and starts about 2 ms sooner. */
const once = {jitless: true};

const retrain = 'Train again with `npm run train`, or restore the file from the release.';

function parseJson(text: string, where: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ArtifactError(`${where} is not JSON (${text.length} characters). ${retrain}`, {cause});
  }
  const found =
    typeof json === 'object' && json !== null && 'formatVersion' in json ? json.formatVersion : undefined;
  if (typeof found === 'number' && found !== formatVersion) {
    throw new ArtifactError(
      `${where} has format version ${found}; this program reads version ${formatVersion}. ${
        found > formatVersion ? 'Use the program that wrote it, or a newer one.' : retrain
      }`,
    );
  }
  return json;
}

function serialise(artifact: Artifact): string {
  return `${JSON.stringify(artifact)}\n`;
}

function hashContent(rest: Omit<Artifact, 'version'>): string {
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 12);
}

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
