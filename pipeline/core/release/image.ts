import {
  type Base,
  type BaseConfig,
  type BasePart,
  type BlobReference,
  namePlatform,
  type Platform,
} from './base.ts';
import {type Blob, type Layer, nameBlob} from './layer.ts';
import type {Recipe} from './recipe.ts';

/** A release's image for one platform. */
interface ImagePart {
  platform: Platform;
  manifest: Blob;
  config: Blob;
  /** Layers of the base. */
  base: readonly BlobReference[];
  /** The digests of all layers as they are unpacked, the release's own last. */
  diffIds: readonly string[];
}

/** A release as an index of images, and the one layer that they share. */
export interface Image {
  /** The release's identity. */
  digest: string;
  index: Blob;
  parts: readonly ImagePart[];
  layer: Layer;
}

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

/** What Docker's own format calls the layers of the OCI format. */
const layerTypes: Record<string, string> = {
  'application/vnd.docker.image.rootfs.diff.tar.gzip': mediaTypes.layer,
  'application/vnd.docker.image.rootfs.diff.tar': 'application/vnd.oci.image.layer.v1.tar',
};

/** Puts base and layer together, for every platform of the base: no clock in it, nothing of this machine. */
export function assembleImage(
  base: Base,
  recipe: Recipe,
  layer: Layer,
  labels: Readonly<Record<string, string>>,
): Image {
  const parts = [...base.parts]
    .sort((a, b) => (namePlatform(a.platform) < namePlatform(b.platform) ? -1 : 1))
    .map(part => assemblePart(base.name, part, recipe, layer, labels));
  const index = nameJson({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: parts.map(({platform, manifest}) => ({
      ...refer(mediaTypes.manifest, manifest),
      platform,
    })),
    annotations: describeBase(base.name, base.digest, labels),
  });
  return {digest: index.digest, index, parts, layer};
}

function assemblePart(
  baseName: string,
  {platform, digest, config: base, layers}: BasePart,
  recipe: Recipe,
  layer: Layer,
  labels: Readonly<Record<string, string>>,
): ImagePart {
  const described = describeBase(baseName, digest, labels);
  const diffIds = [...base.rootfs.diff_ids, layer.diffId];
  const config = nameJson({
    ...(base.created === undefined ? {} : {created: base.created}),
    ...platform,
    config: {
      User: recipe.user,
      ExposedPorts: {
        ...base.config.ExposedPorts,
        ...Object.fromEntries(recipe.ports.map(port => [port, {}])),
      },
      Env: mergeVariables(base.config.Env ?? [], recipe.env),
      Entrypoint: recipe.entrypoint,
      ...(base.config.Volumes ? {Volumes: base.config.Volumes} : {}),
      ...(base.config.WorkingDir ? {WorkingDir: base.config.WorkingDir} : {}),
      Labels: sortKeys({...base.config.Labels, ...described}),
      ...(base.config.StopSignal ? {StopSignal: base.config.StopSignal} : {}),
      Healthcheck: recipe.healthcheck,
    },
    rootfs: {type: 'layers', diff_ids: diffIds},
    ...extendHistory(base),
  });
  const ownLayers = layers.map(reference => ({
    mediaType: layerTypes[reference.mediaType] ?? reference.mediaType,
    digest: reference.digest,
    size: reference.size,
  }));
  const manifest = nameJson({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: refer(mediaTypes.config, config),
    layers: [...ownLayers, refer(mediaTypes.layer, layer.blob)],
    annotations: described,
  });
  return {platform, manifest, config, base: ownLayers, diffIds};
}

function refer(mediaType: string, {digest, size}: Blob): BlobReference {
  return {mediaType, digest, size};
}

function nameJson(value: unknown): Blob {
  return nameBlob(Buffer.from(JSON.stringify(value)));
}

function describeBase(name: string, digest: string, labels: Readonly<Record<string, string>>) {
  return sortKeys({
    ...labels,
    'org.opencontainers.image.base.name': name,
    'org.opencontainers.image.base.digest': digest,
  });
}

function sortKeys<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A variable that the base sets keeps its place; builders give a base without PATH the usual one, and so do we. */
function mergeVariables(base: readonly string[], own: readonly string[]): string[] {
  const hasPath = base.some(pair => pair.startsWith('PATH='));
  const usual = hasPath ? [] : ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  const named = [...base, ...usual, ...own].map(pair => [pair.split('=', 1)[0] ?? '', pair] as const);
  return [...new Map(named).values()];
}

/** The history of a base, with our layer; none where the base's does not fit its layers. */
function extendHistory({created, rootfs, history}: BaseConfig): {history?: object[]} {
  const filled = history?.filter(entry => entry.empty_layer !== true) ?? [];
  if (!history || filled.length !== rootfs.diff_ids.length) return {};
  return {history: [...history, {...(created === undefined ? {} : {created}), created_by: 'csv-to-server'}]};
}
