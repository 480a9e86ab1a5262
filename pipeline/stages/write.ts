import {type ArtifactContent, sealArtifact} from '../../serve/artifact.ts';
import {Failure} from '../core/failure.ts';
import {renderReport} from '../core/report/report-html.ts';
import {type StoredArtifact, storeArtifact} from '../io/artifacts.ts';

/** Gives a trained model its version and writes its folder: model.json, metrics.json, report.html. */
export async function writeArtifact(root: string, content: ArtifactContent): Promise<StoredArtifact> {
  const {artifact, text} = sealArtifact(content);
  const files = {
    'model.json': text,
    'metrics.json': `${JSON.stringify(artifact.metrics, null, 2)}\n`,
    'report.html': renderReport(artifact),
  };
  const folder = await storeArtifact(root, artifact, files).catch(error => {
    throw explainUnwritable(error, root);
  });
  return {folder, artifact, text};
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
