/** The fault of a model: a format that only another program reads, or a file that is not whole. */
type ArtifactFault = 'unknown-format' | 'broken';

/** The bytes of `model.json` are not an artifact that this code can serve. `message` says why and what to do. */
export class ArtifactError extends Error {
  override name = 'ArtifactError';
  readonly reason: ArtifactFault;

  constructor(message: string, {reason = 'broken', cause}: {reason?: ArtifactFault; cause?: unknown} = {}) {
    super(message, {cause});
    this.reason = reason;
  }
}

/** The way out for a file that is not whole. */
export const retrain = 'Train again with `npm run train`, or restore the file from the release.';
