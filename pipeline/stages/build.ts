import {join} from 'node:path';
import {Failure} from '../core/failure.ts';
import type {BuildEvidence} from '../core/release/evidence.ts';
import {type StoredArtifact, writeEvidence} from '../io/artifacts/artifacts.ts';
import {bundleServer, type ServerBundle} from '../io/artifacts/bundle.ts';
import {contextFolder, measureContext, writeContext} from '../io/artifacts/context.ts';
import {type Revision, readRevision} from '../io/artifacts/revision.ts';
import type {Engine, RegistryAccess} from '../io/engine/engine.ts';
import {type Release, releaseLabels} from '../io/registry/release-image.ts';

/** What a release will consist of, known before anything is built. */
export interface ReleasePlan {
  /** `<model version>-<first 8 hex digits of the server bundle's hash>`; the bundle names its base. */
  tag: string;
  bundle: ServerBundle;
  base: {name: string; digest: string} | null;
}

/** Bundles the server for the base image, which is pulled where the engine does not hold it. */
export async function planRelease(
  {artifact}: StoredArtifact,
  {engine, baseImage, signal}: {engine: Engine; baseImage: string; signal: AbortSignal},
): Promise<ReleasePlan> {
  const base = await engine.resolveBase(baseImage, signal);
  const bundle = await bundleServer(base?.digest ?? null);
  return {tag: `${artifact.version}-${bundle.sha256.slice(0, 8)}`, bundle, base};
}

/**
 * Builds the image of an artifact, or without an engine only what would go into it, and records what was built.
 *
 * @param parent digest of the release that the channel points at now, which the image's labels record.
 * @throws Failure of kind `engine` when the build fails.
 */
export async function buildRelease(
  stored: StoredArtifact,
  plan: ReleasePlan,
  options: {engine: Engine; imageName: string; parent: string | null; signal: AbortSignal},
): Promise<BuildEvidence> {
  const {folder, text, card} = stored;
  const {engine, parent, signal} = options;
  const {tag, bundle, base} = plan;
  const revision = await readRevision();
  const context = join(folder, contextFolder);
  const files = {
    'server.mjs': bundle.bytes,
    'model.json': Buffer.from(text),
    ...(card === null ? {} : {'model-card.md': Buffer.from(card)}),
  };
  const layerBytes = measureContext(files);
  await writeContext(context, files, revision === null ? new Date(0) : new Date(revision.date));
  const labels =
    base === null
      ? {}
      : listLabels({artifact: stored.artifact, tag, serverSha256: bundle.sha256, base, revision, parent});
  const imageName = `${options.imageName}:${tag}`;
  const baseImage = base?.name ?? '';
  const built = await engine.build({contextFolder: context, imageName, baseImage, labels}, signal);
  return record(stored, plan, {...built, layerBytes});
}

/**
 * Takes the image of a release that the registry holds already, under the tag that is planned, in the place of
 * building it again: a run before this one was interrupted, or an earlier model is the best once more.
 *
 * @throws Failure of kind `engine` when that tag holds another model or server: it is never overwritten.
 */
export async function adoptRelease(
  stored: StoredArtifact,
  plan: ReleasePlan,
  release: Release,
  {engine, registry, signal}: {engine: Engine; registry: RegistryAccess; signal: AbortSignal},
): Promise<BuildEvidence> {
  if (release.text !== stored.text || release.serverSha256 !== plan.bundle.sha256) {
    const found = `model ${release.artifact.version} and server ${release.serverSha256.slice(0, 8)}`;
    throw new Failure('engine', {
      code: 'TAG_TAKEN',
      message: `The tag ${plan.tag} already holds ${release.reference} with ${found}, which is not what its name says. A version tag is never overwritten.`,
      fix: 'Find out who pushed it; then delete that tag in the registry and run the same command again.',
    });
  }
  const image =
    (await engine.findImage(release.configDigest)) ??
    (await engine.pull(release.reference, registry, signal));
  const {reference: imageName, layerBytes} = release;
  return record(stored, plan, {...image, imageName, layerBytes});
}

async function record(
  {folder, artifact}: StoredArtifact,
  {tag, bundle, base}: ReleasePlan,
  built: Pick<BuildEvidence, 'subject' | 'imageName' | 'layerBytes' | 'sizeBytes'>,
): Promise<BuildEvidence> {
  const evidence = {
    ...built,
    tag,
    modelVersion: artifact.version,
    serverSha256: bundle.sha256,
    base,
  };
  await writeEvidence(folder, 'build.json', evidence);
  return evidence;
}

function listLabels({
  artifact: {name, version, metrics, provenance},
  tag,
  serverSha256,
  base,
  revision,
  parent,
}: {
  artifact: StoredArtifact['artifact'];
  tag: string;
  serverSha256: string;
  base: {name: string; digest: string};
  revision: Revision | null;
  parent: string | null;
}): Record<string, string> {
  const labels = {
    [releaseLabels.title]: name,
    [releaseLabels.version]: tag,
    [releaseLabels.baseName]: base.name,
    [releaseLabels.baseDigest]: base.digest,
    [releaseLabels.revision]: revision?.commit,
    [releaseLabels.created]: revision?.date,
    [releaseLabels.source]: revision?.source,
    [releaseLabels.modelName]: name,
    [releaseLabels.modelVersion]: version,
    [releaseLabels.modelMse]: String(metrics.mse),
    [releaseLabels.dataSha256]: provenance.dataset.sha256,
    [releaseLabels.serverSha256]: serverSha256,
    [releaseLabels.parent]: parent,
  };
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) => (value == null ? [] : [[key, value]])),
  );
}
