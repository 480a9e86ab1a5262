import {assembleImage, type Image} from '../../pipeline/core/release/image.ts';
import {archiveFiles, packLayer} from '../../pipeline/core/release/layer.ts';
import type {LoadableImage} from '../../pipeline/io/engine/image-archive.ts';
import type {BaseSource} from '../../pipeline/io/image/registry-base.ts';
import {loadRecipe} from '../../pipeline/stages/build.ts';

/** Assembles an image of these files by the project's own recipe, and makes its first part ready for an engine. */
export async function makePlaneImage(
  source: BaseSource,
  name: string,
  files: Record<string, Uint8Array>,
  labels: Record<string, string> = {},
): Promise<{image: Image; loadable: LoadableImage}> {
  const {base} = source;
  const recipe = await loadRecipe(base.name);
  const layer = packLayer(await archiveFiles(files, recipe));
  const image = assembleImage(base, recipe, layer, labels);
  const [part] = image.parts;
  if (part === undefined) throw new Error('the base has no platform');
  const layers = part.base.map((reference, index) => ({
    diffId: part.diffIds[index] ?? '',
    content: () => source.locateLayer(reference),
  }));
  const own = {diffId: layer.diffId, content: layer.blob.bytes};
  return {image, loadable: {name, config: part.config.bytes, layers: [...layers, own]}};
}
