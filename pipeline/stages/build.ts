import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Failure} from '../core/failure.ts';
import {listDeviations} from '../core/release/deviations.ts';
import type {BuildEvidence} from '../core/release/evidence.ts';
import {readRecipe} from '../core/release/recipe.ts';
import {bundleServer, type ServerBundle} from '../io/artifacts/bundle.ts';
import {contextFolder, measureContext, writeContext} from '../io/artifacts/context.ts';
import {writeEvidence} from '../io/artifacts/evidence-files.ts';
import {readRevision} from '../io/artifacts/revision.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import type {BaseImage, Engine} from '../io/engine/engine.ts';
import type {Target} from '../io/engine/target.ts';
import type {Release} from '../io/registry/release-image.ts';
import {listLabels} from '../io/registry/release-labels.ts';

/** What a release will consist of, known before anything is built. */
export interface ReleasePlan {
  /** `<model version>-<first 8 hex digits of the server bundle's hash>`; the bundle names its base and recipe. */
  tag: string;
  bundle: ServerBundle;
  /** Null where no image is built. */
  base: BaseImage | null;
  dockerfile: string;
}

/** Bundles the server for the base image, which is pulled where the engine does not hold it. */
export async function planRelease(
  {artifact}: StoredArtifact,
  {engine, baseImage, signal}: {engine: Engine; baseImage: string; signal: AbortSignal},
): Promise<ReleasePlan> {
  const base = await engine.resolveBase(baseImage, signal);
  const dockerfile = await readFile(fileURLToPath(new URL('../../Dockerfile', import.meta.url)), 'utf8');
  const bundle = await bundleServer(base && {...base, dockerfile});
  return {tag: `${artifact.version}-${bundle.sha256.slice(0, 8)}`, bundle, base, dockerfile};
}

/** Whether a release holds this very model and server in an image that the recipe makes: nothing is left to build. */
export function isPlanned(release: Release, {text}: StoredArtifact, plan: ReleasePlan): boolean {
  return (
    release.text === text &&
    release.serverSha256 === plan.bundle.sha256 &&
    listDifferences(release, plan).length === 0
  );
}

/**
 * Builds what will be tested and pushed, or takes it from the registry where its tag is there already: a run before
 * this one was interrupted, or an earlier model is the best once more. Records what was built.
 *
 * @param target where the release will be pushed to; null for none.
 * @param parent digest of the release that the channel holds now, which the image's labels record.
 * @throws Failure of kind `engine` when the build fails, or when the tag holds something else: it is never overwritten.
 */
export async function build(
  stored: StoredArtifact,
  plan: ReleasePlan,
  {
    engine,
    target,
    existing,
    imageName,
    parent,
    signal,
  }: {
    engine: Engine;
    target: Target | null;
    existing: Release | undefined;
    imageName: string;
    parent: string | null;
    signal: AbortSignal;
  },
): Promise<BuildEvidence> {
  const {tag, bundle, base} = plan;
  const built =
    existing === undefined || target === null
      ? await buildNew(stored, plan, {engine, imageName: `${imageName}:${tag}`, parent, signal})
      : await adopt(stored, plan, existing, {engine, target, signal});
  const evidence: BuildEvidence = {
    ...built,
    tag,
    modelVersion: stored.artifact.version,
    serverSha256: bundle.sha256,
    base: base && {name: base.name, digest: base.digest},
  };
  await writeEvidence(stored.folder, 'build.json', evidence);
  return evidence;
}

type Built = Pick<BuildEvidence, 'subject' | 'imageName' | 'layerBytes' | 'sizeBytes'>;

async function buildNew(
  {folder, artifact, text, card}: StoredArtifact,
  {tag, bundle, base}: ReleasePlan,
  {
    engine,
    imageName,
    parent,
    signal,
  }: {engine: Engine; imageName: string; parent: string | null; signal: AbortSignal},
): Promise<Built> {
  const revision = await readRevision();
  const contextPath = join(folder, contextFolder);
  const files = {
    'server.mjs': bundle.bytes,
    'model.json': Buffer.from(text),
    ...(card === null ? {} : {'model-card.md': Buffer.from(card)}),
    ...bundle.docs,
  };
  await writeContext(contextPath, files, revision === null ? new Date(0) : new Date(revision.date));
  const labels = listLabels({artifact, tag, serverSha256: bundle.sha256, base, revision, parent});
  const recipe = {
    contextFolder: contextPath,
    imageName,
    baseImage: base?.name ?? '',
    labels,
  };
  return {...(await engine.build(recipe, signal)), layerBytes: measureContext(files)};
}

async function adopt(
  stored: StoredArtifact,
  plan: ReleasePlan,
  release: Release,
  {engine, target, signal}: {engine: Engine; target: Target; signal: AbortSignal},
): Promise<Built> {
  if (!isPlanned(release, stored, plan)) {
    const deviations = listDifferences(release, plan);
    const found = `model ${release.modelVersion} and server ${release.serverSha256.slice(0, 8)}${deviations.length > 0 ? ` (${deviations.join('; ')})` : ''}`;
    throw new Failure('engine', {
      code: 'TAG_TAKEN',
      message: `The tag ${plan.tag} already holds ${release.reference} with ${found}, which is not what its name says. A version tag is never overwritten.`,
      fix: 'Find out who pushed it; then delete that tag in the registry and run the same command again.',
    });
  }
  const image =
    (await engine.findImage(release.configDigest)) ??
    (await engine.pull(release.reference, target.access, signal));
  const {reference: imageName, layerBytes} = release;
  return {subject: image.subject, imageName, layerBytes, sizeBytes: image.sizeBytes};
}

function listDifferences({settings}: Release, {base, dockerfile}: ReleasePlan): string[] {
  return base === null ? [] : listDeviations(settings, readRecipe(dockerfile), base.platform);
}
