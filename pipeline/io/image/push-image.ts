import {Failure} from '../../core/failure.ts';
import {mediaTypes} from '../../core/release/image.ts';
import {nameBlob} from '../../core/release/layer.ts';
import {parseManifest} from '../registry/manifest.ts';
import type {Manifest, Repository} from '../registry/registry.ts';
import {releaseLabels} from '../registry/release-labels.ts';
import type {StoredImage} from './layout.ts';
import type {BaseSource} from './registry-base.ts';

/**
 * Pushes an image: blobs first, then the images, and the index under its tag last. Layers of the base that the
 * repository lacks are taken over from the base's own repository where that is in the same registry, else sent.
 *
 * @param champion what the channel points at; one on the same base has brought its layers.
 * @param openBase is asked only where the registry lacks a layer of the base.
 */
export async function pushImage(
  repository: Repository,
  tag: string,
  image: StoredImage,
  {champion, openBase}: {champion: Manifest | undefined; openBase: () => Promise<BaseSource>},
): Promise<void> {
  const isThere = sharesBase(image, champion);
  if (!isThere) await pushBase(repository, image, openBase);
  for (const bytes of image.blobs) await repository.putBlob(nameBlob(bytes), bytes);
  const putImages = async () => {
    for (const bytes of image.manifests)
      await repository.putManifest(
        nameBlob(bytes).digest,
        {mediaType: mediaTypes.manifest, bytes},
        {overwrites: false},
      );
  };
  try {
    await putImages();
  } catch (error) {
    if (!isThere || !(error instanceof Failure)) throw error;
    // the champion may not say the truth about the layers; whatever else it is, is met again
    await pushBase(repository, image, openBase);
    await putImages();
  }
  await repository.putManifest(tag, {mediaType: mediaTypes.index, bytes: image.index}, {overwrites: false});
}

async function pushBase(
  repository: Repository,
  {baseLayers}: StoredImage,
  openBase: () => Promise<BaseSource>,
): Promise<void> {
  let source: BaseSource | undefined;
  for (const layer of baseLayers) {
    if (await repository.hasBlob(layer.digest)) continue;
    source ??= await openBase();
    const from = source.repository;
    const isNear = from !== null && from.host === repository.host;
    if (isNear && (await repository.mountBlob(layer.digest, from.name))) continue;
    await repository.putBlob(layer, {path: await source.locateLayer(layer)});
  }
}

function sharesBase({index}: StoredImage, champion: Manifest | undefined): boolean {
  const nameBase = (content: Manifest['content'] | undefined) =>
    content?.kind === 'index' ? content.annotations?.[releaseLabels.baseDigest] : undefined;
  const base = nameBase(parseManifest(index));
  return base !== undefined && nameBase(champion?.content) === base;
}
