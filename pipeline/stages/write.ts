import {type ArtifactContent, sealArtifact} from '../../serve/artifact.ts';
import {renderReport} from '../core/report-html.ts';
import {type StoredArtifact, storeArtifact} from '../io/artifacts.ts';

/** Gives a trained model its version and writes its folder: model.json, metrics.json, report.html. */
export async function writeArtifact(root: string, content: ArtifactContent): Promise<StoredArtifact> {
  const {artifact, text} = sealArtifact(content);
  const folder = await storeArtifact(root, artifact, {
    'model.json': text,
    'metrics.json': `${JSON.stringify(artifact.metrics, null, 2)}\n`,
    'report.html': renderReport(artifact),
  });
  return {folder, artifact, text};
}
