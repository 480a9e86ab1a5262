import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import {Failure} from '../../core/failure.ts';
import {nameBlob} from '../../core/release/layer.ts';
import {withCleanUp} from './clean-up.ts';
import type {Client} from './client.ts';
import {engineFailure} from './command.ts';
import {type ArchiveWriter, type LoadableImage, writeDockerArchive} from './image-archive.ts';
import {type ImageFacts, inspectImage, tagImage, transferTimeoutMs} from './images.ts';
import {makeLoadFolder} from './left-behind.ts';

/**
 * Brings an image into the engine: its own layer alone where the engine holds the others, else the whole.
 *
 * @throws Failure of kind `engine` when the engine does not take it, or takes it for another image.
 */
export async function loadImage(
  client: Client,
  image: LoadableImage,
  signal: AbortSignal,
): Promise<ImageFacts> {
  const {program, run} = client;
  const known = await inspectImage(client, nameBlob(image.config).digest);
  if (known !== undefined) {
    await tagImage(client, known.id, image.name);
    return known;
  }
  const folder = await makeLoadFolder();
  return withCleanUp(
    async () => {
      const load = async (write: ArchiveWriter, layers: LoadableImage['layers']) => {
        const path = join(folder, 'image.tar');
        await write(image, new Set(layers), path);
        return run({timeoutMs: transferTimeoutMs, signal})`${program} load --quiet --input ${path}`;
      };
      const own = image.layers.filter(({content}) => Buffer.isBuffer(content));
      const small = await load(client.writeOwnLayer, own);
      const output = small.exitCode === 0 ? small : await load(writeDockerArchive, image.layers);
      if (output.exitCode !== 0) {
        throw engineFailure(
          'IMAGE_LOAD_FAILED',
          `${program} could not take in the image ${image.name}`,
          output,
          `Check that the engine is healthy and has space: \`${program} info\`.`,
        );
      }
      const facts = await inspectImage(client, image.name);
      if (facts !== undefined && holds(facts, image)) return facts;
      throw new Failure('engine', {
        code: 'IMAGE_LOAD_FAILED',
        message: `${program} was given ${image.name} with the layers ${listDiffIds(image)}, and has ${facts === undefined ? 'no such image' : `one with ${facts.diffIds.join(', ')}`}.`,
        fix: 'Another run gave that name to another image at the same time: run this one again.',
      });
    },
    () => rm(folder, {recursive: true, force: true}),
  );
}

function holds({diffIds}: ImageFacts, {layers}: LoadableImage): boolean {
  return diffIds.length === layers.length && layers.every(({diffId}, index) => diffIds[index] === diffId);
}

function listDiffIds({layers}: LoadableImage): string {
  return layers.map(({diffId}) => diffId).join(', ');
}
