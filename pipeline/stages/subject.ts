import {join} from 'node:path';
import {Failure} from '../core/failure.ts';
import {type BuildEvidence, getSubjectDigest} from '../core/release/evidence.ts';
import {contextFolder} from '../io/artifacts/context.ts';
import type {Engine} from '../io/engine/engine.ts';

/**
 * Refuses to test or promote anything but what the build recorded, in the engine that holds it.
 *
 * @throws Failure of kind `rejected` when it is gone or was changed.
 */
export async function verifySubject(folder: string, build: BuildEvidence, engine: Engine): Promise<void> {
  const {subject} = build;
  const refuse = (found: string) =>
    new Failure('rejected', {
      code: 'SUBJECT_CHANGED',
      message: `build.json is about ${subject.kind} ${getSubjectDigest(subject)}; found ${found}.`,
      fix: 'Build again: npm run build.',
    });
  if (subject.kind === 'image' && engine.builds !== 'image') {
    throw new Failure('engine', {
      code: 'ENGINE_MISSING',
      message: `build.json is about an image of ${subject.engine}; no container engine is in use now.`,
      fix: `Start ${subject.engine}, or build again without an engine: npm run build.`,
    });
  }
  if (subject.kind !== engine.builds)
    throw refuse(`a container engine (${engine.name}), which was not there when it was built`);
  const context = join(folder, contextFolder);
  const found = await engine.findDigest(subject, context);
  if (found === undefined) throw refuse(`no such image in ${engine.name}`);
  if (found !== getSubjectDigest(subject)) throw refuse(`${found} in ${context}`);
}
