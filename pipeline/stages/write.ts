import {type ArtifactContent, sealArtifact} from '../../serve/artifact/artifact.ts';
import type {About} from '../core/dataset/descriptor-schema.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import {Failure} from '../core/failure.ts';
import {type StoredArtifact, storeArtifact, writeCard} from '../io/artifacts/artifacts.ts';
import {formatEvaluation, readEvaluation} from '../io/artifacts/evaluation-file.ts';
import {renderModelCard} from '../report/model-card.ts';

/**
 * Gives a trained model its version and writes its folder: model.json, metrics.json, model-card.md.
 *
 * @throws Failure when the version exists with a metrics.json that this program does not read.
 */
export async function writeArtifact(
  root: string,
  {content, evaluation, about}: {content: ArtifactContent; evaluation: Evaluation; about: About | undefined},
): Promise<StoredArtifact> {
  const {artifact, text} = sealArtifact(content);
  const card = renderModelCard({artifact, evaluation, about});
  const files = {
    'model.json': text,
    'metrics.json': formatEvaluation(evaluation),
    'model-card.md': card,
  };
  const explain = (error: unknown) => {
    throw explainUnwritable(error, root);
  };
  const folder = await storeArtifact(root, artifact, files).catch(explain);
  const stored = {folder, artifact, text, card};
  await readEvaluation(stored);
  await writeCard(folder, card).catch(explain);
  return stored;
}

const reasons: Record<string, string> = {
  EACCES: 'this user may not write there',
  EEXIST: 'a file is in the way',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a file is in the way',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
};

function explainUnwritable(error: unknown, root: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = reasons[code];
  if (reason === undefined) return error;
  return new Failure('usage', {
    code: 'ARTIFACTS_UNWRITABLE',
    message: `The artifacts folder ${root} cannot be written: ${reason} (${code}). Nothing was changed.`,
    fix: 'Make it writable, or name another with --artifacts DIR.',
    cause: error,
  });
}
