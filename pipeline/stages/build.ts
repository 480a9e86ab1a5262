import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {Failure} from '../core/failure.ts';
import {namePlatform, type Platform, servesPlatform} from '../core/release/base.ts';
import type {BuildEvidence, Subject} from '../core/release/evidence.ts';
import {assembleImage, type Image} from '../core/release/image.ts';
import {archiveFiles} from '../core/release/layer.ts';
import {type Recipe, readRecipe} from '../core/release/recipe.ts';
import {bundleServer} from '../io/artifacts/bundle.ts';
import {
  type ContextFiles,
  contextFolder,
  hashContext,
  measureContext,
  writeContext,
} from '../io/artifacts/context.ts';
import {writeEvidence} from '../io/artifacts/evidence-files.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import type {Engine} from '../io/engine/engine.ts';
import type {BlobCache} from '../io/image/blob-cache.ts';
import {layoutFolder, writeLayout} from '../io/image/layout.ts';
import {packOnce} from '../io/image/packed-layer.ts';
import type {BaseSource} from '../io/image/registry-base.ts';
import {listLabels, nameTag} from '../io/registry/release-labels.ts';

/** What a release will consist of, known to the last byte before anything is built. */
export interface ReleasePlan {
  /** `<model version>-<first 8 hex digits of the digest>`. */
  tag: string;
  files: ContextFiles;
  serverSha256: string;
  base: BaseSource | null;
  /** Null where no base could be asked for. */
  image: Image | null;
}

/** Reads the recipe of the image, the project's Dockerfile. */
export async function loadRecipe(baseImage: string): Promise<Recipe> {
  const dockerfile = fileURLToPath(new URL('../../Dockerfile', import.meta.url));
  return readRecipe(await readFile(dockerfile, 'utf8'), {BASE_IMAGE: baseImage});
}

/** Bundles the server, and computes the image: the digest is known then. */
export async function planRelease(
  {artifact, text, card}: StoredArtifact,
  recipe: Recipe,
  {base, cache}: {base: BaseSource | null; cache: BlobCache},
): Promise<ReleasePlan> {
  const bundle = await bundleServer();
  const files: ContextFiles = {
    'server.mjs': bundle.bytes,
    'model.json': Buffer.from(text),
    ...(card === null ? {} : {'model-card.md': Buffer.from(card)}),
    ...bundle.docs,
  };
  const serverSha256 = bundle.sha256;
  const image =
    base &&
    assembleImage(
      base.base,
      recipe,
      await packOnce(await archiveFiles(files, recipe), cache),
      listLabels(artifact, serverSha256),
    );
  const tag = nameTag(artifact.version, image?.digest ?? `sha256:${serverSha256}`);
  return {tag, files, serverSha256, base, image};
}

/** Writes what will be tested and pushed, and brings it into the engine; records what was built. */
export async function build(
  {folder, artifact}: StoredArtifact,
  {tag, files, serverSha256, base, image}: ReleasePlan,
  {engine, imageName, signal}: {engine: Engine; imageName: string; signal: AbortSignal},
): Promise<BuildEvidence> {
  await writeContext(join(folder, contextFolder), files, new Date(0));
  if (image !== null) await writeLayout(join(folder, layoutFolder), image);
  const name = `${imageName}:${tag}`;
  const held =
    image === null || base === null || engine.platform === null
      ? null
      : await loadImage(image, base, {engine, platform: engine.platform, name, signal});
  const subject: Subject =
    held === null || image === null
      ? {kind: 'bundle', sha256: hashContext(files)}
      : {kind: 'image', engine: engine.name, id: held.id, digest: image.digest};
  const evidence: BuildEvidence = {
    subject,
    tag,
    imageName: held && name,
    modelVersion: artifact.version,
    serverSha256,
    layerBytes: measureContext(files),
    sizeBytes: held?.sizeBytes ?? null,
    base: base && {name: base.base.name, digest: base.base.digest},
    digest: image?.digest ?? null,
    platforms: image?.parts.map(({platform}) => namePlatform(platform)) ?? [],
  };
  await writeEvidence(folder, 'build.json', evidence);
  return evidence;
}

/** Brings the image of the engine's own platform into it. */
async function loadImage(
  {parts, layer}: Image,
  source: BaseSource,
  {engine, platform, name, signal}: {engine: Engine; platform: Platform; name: string; signal: AbortSignal},
): Promise<{id: string; sizeBytes: number}> {
  const part = parts.find(known => servesPlatform(known.platform, platform));
  if (part === undefined) {
    const has = parts.map(known => namePlatform(known.platform)).join(', ');
    throw new Failure('usage', {
      code: 'PLATFORM_ELSEWHERE',
      message: `${engine.name} runs images for ${namePlatform(platform)}, and the image is for ${has}: it cannot be tested here, and what was not tested is not promoted.`,
      fix: `Add ${namePlatform(platform)} to PLATFORMS, or name a base that has it with BASE_IMAGE.`,
    });
  }
  const layers = part.base.map((reference, index) => ({
    diffId: part.diffIds[index] ?? '',
    content: () => source.locateLayer(reference),
  }));
  const own = {diffId: layer.diffId, content: layer.blob.bytes};
  return engine.load({name, config: part.config.bytes, layers: [...layers, own]}, signal);
}
