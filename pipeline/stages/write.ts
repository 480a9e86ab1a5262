import {type Artifact, sealArtifact} from '../../serve/artifact/artifact.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import {pickMetrics} from '../core/evaluation/metrics.ts';
import {assembleContent, type ContentFacts} from '../core/release/artifact-content.ts';
import {formatEvaluation, readEvaluation} from '../io/artifacts/evaluation-file.ts';
import {readLibraryVersions} from '../io/artifacts/library-versions.ts';
import {type StoredArtifact, setLatest, storeVersion, writeCard} from '../io/artifacts/version-folder.ts';

/**
 * Gives a trained model its version and writes its folder: model.json, metrics.json, model-card.md.
 *
 * @param root the folder of all artifacts.
 * @param renderCard writes the model card of the artifact.
 * @throws Failure of kind `data` when the version exists with a metrics.json that this program does not read.
 */
export async function write(
  root: string,
  {evaluation, ...facts}: Omit<ContentFacts, 'metrics' | 'libraries'> & {evaluation: Evaluation},
  renderCard: (artifact: Artifact) => string,
): Promise<StoredArtifact> {
  const libraries = await readLibraryVersions();
  const {artifact, text} = sealArtifact(
    assembleContent({...facts, metrics: pickMetrics(evaluation), libraries}),
  );
  const card = renderCard(artifact);
  const files = {
    'model.json': text,
    'metrics.json': formatEvaluation(evaluation),
    'model-card.md': card,
  };
  const folder = await storeVersion(root, artifact, files);
  const stored = {folder, artifact, text, card};
  await readEvaluation(stored);
  await writeCard(folder, card);
  await setLatest(root, artifact);
  return stored;
}
