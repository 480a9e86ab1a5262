import {createWriteStream} from 'node:fs';
import {pipeline} from 'node:stream/promises';
import {packTar, type TarSource} from 'modern-tar/fs';
import {mediaTypes} from '../../core/release/image.ts';
import {nameBlob} from '../../core/release/layer.ts';

/** An image for one platform, as an engine takes it in. */
export interface LoadableImage {
  /** `NAME:TAG` */
  name: string;
  /** The bytes of its configuration, whose digest is the image's id. */
  config: Buffer;
  /** From the base upwards. */
  layers: readonly LoadableLayer[];
}

/** A layer, packed or not. */
interface LoadableLayer {
  /** Digest of what is in it, unpacked. */
  diffId: string;
  /** Its bytes, or what brings them into a file. */
  content: Buffer | (() => Promise<string>);
}

/** Writes an archive of an image; a layer that is none of `included` is left to the engine, which holds it already. */
export type ArchiveWriter = (
  image: LoadableImage,
  included: ReadonlySet<LoadableLayer>,
  path: string,
) => Promise<void>;

/** Writes docker's format of archives (`docker save`): docker opens a layer only where it does not hold it. */
export const writeDockerArchive: ArchiveWriter = async (image, included, path) => {
  const {name, config, layers} = image;
  const files = layers.map(({diffId}, index) => `${index}-${toHex(diffId)}.tar`);
  const configFile = `${toHex(nameBlob(config).digest)}.json`;
  const manifest = [{Config: configFile, RepoTags: [name], Layers: files}];
  await writeArchive(path, [
    ...(await listLayers(image, included, (_, index) => files[index] ?? '')),
    {type: 'content', target: configFile, content: config},
    {type: 'content', target: 'manifest.json', content: JSON.stringify(manifest)},
  ]);
};

/**
 * Writes an OCI image layout in an archive: podman asks for a layer only where its storage has none of that digest,
 * and knows those that it holds by the digests of what is in them.
 */
export const writeLayoutArchive: ArchiveWriter = async (image, included, path) => {
  const {name, config, layers} = image;
  const blobs = layers.map(({diffId, content}) =>
    Buffer.isBuffer(content)
      ? {mediaType: mediaTypes.layer, digest: nameBlob(content).digest, size: content.length}
      : {mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: diffId, size: 0},
  );
  const configBlob = nameBlob(config);
  const manifest = nameBlob(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.manifest,
        config: {mediaType: mediaTypes.config, digest: configBlob.digest, size: configBlob.size},
        layers: blobs,
      }),
    ),
  );
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        mediaType: mediaTypes.manifest,
        digest: manifest.digest,
        size: manifest.size,
        annotations: {'org.opencontainers.image.ref.name': name},
      },
    ],
  };
  const nameFile = (digest: string) => `blobs/sha256/${toHex(digest)}`;
  await writeArchive(path, [
    {type: 'content', target: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}'},
    {type: 'content', target: 'index.json', content: JSON.stringify(index)},
    {type: 'content', target: nameFile(configBlob.digest), content: config},
    {type: 'content', target: nameFile(manifest.digest), content: manifest.bytes},
    ...(await listLayers(image, included, (_, place) => nameFile(blobs[place]?.digest ?? ''))),
  ]);
};

async function listLayers(
  {layers}: LoadableImage,
  included: ReadonlySet<LoadableLayer>,
  nameFile: (layer: LoadableLayer, index: number) => string,
): Promise<TarSource[]> {
  const sources = layers.map(async (layer, index): Promise<TarSource[]> => {
    if (!included.has(layer)) return [];
    const target = nameFile(layer, index);
    const {content} = layer;
    if (Buffer.isBuffer(content)) return [{type: 'content', target, content}];
    return [{type: 'file', target, source: await content()}];
  });
  return (await Promise.all(sources)).flat();
}

async function writeArchive(path: string, sources: readonly TarSource[]): Promise<void> {
  await pipeline(packTar(sources), createWriteStream(path, {mode: 0o600}));
}

function toHex(digest: string): string {
  return digest.slice('sha256:'.length);
}
