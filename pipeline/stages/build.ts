import {createHash} from 'node:crypto';
import {chmod, mkdir, rm, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {BuildEvidence} from '../core/evidence.ts';
import {Failure} from '../core/failure.ts';
import {type StoredArtifact, writeEvidence} from '../io/artifacts.ts';
import {bundleServer, type ServerBundle} from '../io/bundle.ts';
import type {Engine} from '../io/engine.ts';
import {buildImage, ensureImage, type ImageFacts, inspectImage} from '../io/images.ts';
import {type Release, type ReleaseFacts, releaseLabels} from '../io/release-image.ts';
import {type Revision, readRevision} from '../io/revision.ts';
import {pullImage, type RegistryAccess} from '../io/transfer-image.ts';

/** Folder of a version that holds what goes into the image: server.mjs and model.json. */
export const contextFolder = 'context';

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
  {engine, baseImage, signal}: {engine: Engine | null; baseImage: string; signal: AbortSignal},
): Promise<ReleasePlan> {
  const facts = engine === null ? null : await ensureImage(engine, baseImage, signal);
  const base = facts && {name: baseImage, digest: facts.repoDigests[0]?.replace(/^.*@/, '') ?? facts.id};
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
  options: {engine: Engine | null; imageName: string; parent: string | null; signal: AbortSignal},
): Promise<BuildEvidence> {
  const {folder, text} = stored;
  const {engine, parent, signal} = options;
  const {tag, bundle, base} = plan;
  const revision = await readRevision();
  const context = join(folder, contextFolder);
  await writeContext(context, {'server.mjs': bundle.bytes, 'model.json': Buffer.from(text)}, revision);
  if (engine === null || base === null) {
    const subject = {kind: 'bundle', sha256: hashContext(bundle.bytes, text)} as const;
    return record(stored, plan, {subject, imageName: null, sizeBytes: null});
  }
  const imageName = `${options.imageName}:${tag}`;
  const dockerfile = fileURLToPath(new URL('../../Dockerfile', import.meta.url));
  const labels = listLabels({
    artifact: stored.artifact,
    tag,
    serverSha256: bundle.sha256,
    base,
    revision,
    parent,
  });
  const image = await buildImage(
    engine,
    {dockerfile, context, tag: imageName, baseImage: base.name, labels},
    signal,
  );
  const subject = {kind: 'image', engine: engine.name, id: image.id} as const;
  return record(stored, plan, {subject, imageName, sizeBytes: image.sizeBytes});
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
    (await inspectImage(engine, release.configDigest)) ?? (await pull(engine, release, registry, signal));
  const subject = {kind: 'image', engine: engine.name, id: image.id} as const;
  return record(stored, plan, {subject, imageName: release.reference, sizeBytes: image.sizeBytes});
}

/** Brings a release to this engine by digest. */
export async function pull(
  engine: Engine,
  release: ReleaseFacts,
  registry: RegistryAccess,
  signal: AbortSignal,
): Promise<ImageFacts> {
  await pullImage(engine, release.reference, registry, signal);
  const image = await inspectImage(engine, release.reference);
  if (image !== undefined) return image;
  throw new Failure('engine', {
    code: 'PULL_FAILED',
    message: `${engine.name} pulled ${release.reference} and does not have it.`,
    fix: `Check that the engine is healthy: ${engine.name} info.`,
  });
}

async function record(
  {folder, artifact, text}: StoredArtifact,
  {tag, bundle, base}: ReleasePlan,
  built: Pick<BuildEvidence, 'subject' | 'imageName' | 'sizeBytes'>,
): Promise<BuildEvidence> {
  const evidence = {
    ...built,
    tag,
    modelVersion: artifact.version,
    serverSha256: bundle.sha256,
    layerBytes: bundle.bytes.length + Buffer.byteLength(text),
    base,
  };
  await writeEvidence(folder, 'build.json', evidence);
  return evidence;
}

/** Hex SHA-256 over the server's bytes and the model's text, the identity of a release without an image. */
export function hashContext(server: Uint8Array, model: string): string {
  return createHash('sha256').update(server).update(model).digest('hex');
}

async function writeContext(
  folder: string,
  files: Record<string, Buffer>,
  revision: Revision | null,
): Promise<void> {
  await rm(folder, {recursive: true, force: true});
  await mkdir(folder, {recursive: true});
  // fixed modes and times: the layer depends on the contents alone, and any user id can read it
  const time = revision === null ? new Date(0) : new Date(revision.date);
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    await chmod(path, 0o644);
    await utimes(path, time, time);
  }
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
