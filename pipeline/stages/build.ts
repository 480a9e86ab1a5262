import {createHash} from 'node:crypto';
import {chmod, mkdir, rm, utimes, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {BuildEvidence} from '../core/evidence.ts';
import {type StoredArtifact, writeEvidence} from '../io/artifacts.ts';
import {bundleServer} from '../io/bundle.ts';
import type {Engine} from '../io/engine.ts';
import {buildImage, ensureImage} from '../io/images.ts';
import {type Revision, readRevision} from '../io/revision.ts';

/** Folder of a version that holds what goes into the image: server.mjs and model.json. */
export const contextFolder = 'context';

/**
 * Builds the image of an artifact, or without an engine only what would go into it, and records what was built.
 *
 * @throws Failure of kind `engine` when the base image cannot be had or the build fails.
 */
export async function buildRelease(
  {folder, artifact, text}: StoredArtifact,
  options: {engine: Engine | null; imageName: string; baseImage: string; signal: AbortSignal},
): Promise<BuildEvidence> {
  const bundle = await bundleServer();
  const revision = await readRevision();
  const tag = `${artifact.version}-${bundle.sha256.slice(0, 8)}`;
  const context = join(folder, contextFolder);
  await writeContext(context, {'server.mjs': bundle.bytes, 'model.json': Buffer.from(text)}, revision);
  const common = {
    tag,
    modelVersion: artifact.version,
    serverSha256: bundle.sha256,
    layerBytes: bundle.bytes.length + Buffer.byteLength(text),
  };
  const evidence = await (async (): Promise<BuildEvidence> => {
    const {engine, baseImage, signal} = options;
    if (engine === null) {
      const subject = {kind: 'bundle', sha256: hashContext(bundle.bytes, text)} as const;
      return {subject, ...common, imageName: null, sizeBytes: null, base: null};
    }
    const baseFacts = await ensureImage(engine, baseImage, signal);
    const base = {name: baseImage, digest: baseFacts.repoDigests[0]?.replace(/^.*@/, '') ?? baseFacts.id};
    const imageName = `${options.imageName}:${tag}`;
    const image = await buildImage(
      engine,
      {
        dockerfile: fileURLToPath(new URL('../../Dockerfile', import.meta.url)),
        context,
        tag: imageName,
        baseImage,
        labels: listLabels({artifact, tag, serverSha256: bundle.sha256, base, revision}),
      },
      signal,
    );
    const subject = {kind: 'image', engine: engine.name, id: image.id} as const;
    return {subject, ...common, imageName, sizeBytes: image.sizeBytes, base};
  })();
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
}: {
  artifact: StoredArtifact['artifact'];
  tag: string;
  serverSha256: string;
  base: {name: string; digest: string};
  revision: Revision | null;
}): Record<string, string> {
  return {
    'org.opencontainers.image.title': name,
    'org.opencontainers.image.version': tag,
    'org.opencontainers.image.base.name': base.name,
    'org.opencontainers.image.base.digest': base.digest,
    ...(revision === null
      ? {}
      : {
          'org.opencontainers.image.revision': revision.commit,
          'org.opencontainers.image.created': revision.date,
          ...(revision.source === null ? {} : {'org.opencontainers.image.source': revision.source}),
        }),
    'csv-to-server.model.name': name,
    'csv-to-server.model.version': version,
    'csv-to-server.model.mse': String(metrics.mse),
    'csv-to-server.data.sha256': provenance.dataset.sha256,
    'csv-to-server.server.sha256': serverSha256,
  };
}
