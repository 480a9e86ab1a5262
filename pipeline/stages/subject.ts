import {join} from 'node:path';
import {Failure} from '../core/failure.ts';
import {type BuildEvidence, getSubjectDigest} from '../core/release/evidence.ts';
import {contextFolder} from '../io/artifacts/context.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import type {Engine} from '../io/engine/engine.ts';

/**
 * Refuses to test or promote anything but what the build recorded, where the engine in use keeps it.
 *
 * @throws Failure of kind `rejected` when it is gone or was changed; of kind `engine` when it was built by another
 *   kind of engine.
 */
export async function requireUnchanged(
  {folder, artifact}: Pick<StoredArtifact, 'folder' | 'artifact'>,
  build: BuildEvidence,
  engine: Engine,
): Promise<void> {
  const {subject, modelVersion} = build;
  if (modelVersion !== artifact.version) {
    throw new Failure('rejected', {
      code: 'SUBJECT_CHANGED',
      message: `${folder}/build.json is about model ${modelVersion}, expected ${artifact.version}.`,
      fix: 'Build again: npm run build.',
    });
  }
  const runs = engine.platform === null ? 'bundle' : 'image';
  if (subject.kind !== runs) {
    throw new Failure('engine', {
      code: 'ENGINE_OTHER',
      message: `build.json is about ${subject.kind === 'image' ? `an image of ${subject.engine}` : 'a bundle that was built without a container engine'}; in use is now ${runs === 'image' ? engine.name : 'no container engine'}.`,
      fix: `${subject.kind === 'image' ? `Start ${subject.engine}, or build again without an engine` : 'Build again with the engine'}: npm run build.`,
    });
  }
  const expected = subject.kind === 'image' ? subject.id : getSubjectDigest(subject);
  const found = await engine.findDigest(subject, join(folder, contextFolder));
  if (found === expected) return;
  throw new Failure('rejected', {
    code: 'SUBJECT_CHANGED',
    message: `build.json is about ${subject.kind} ${expected}; found ${found === undefined ? `no such ${subject.kind}` : `${found} in ${join(folder, contextFolder)}`}.`,
    fix: 'Build again: npm run build.',
  });
}
