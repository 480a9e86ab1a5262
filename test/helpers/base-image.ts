import {createHash} from 'node:crypto';
import {gzipSync} from 'node:zlib';
import {packTar} from 'modern-tar';
import type {Platform} from '../../pipeline/core/release/base.ts';
import {RegistryAddress} from '../../pipeline/io/registry/address.ts';
import {openRepository, type Repository} from '../../pipeline/io/registry/registry.ts';

export const amd64 = {os: 'linux', architecture: 'amd64'};
export const arm64 = {os: 'linux', architecture: 'arm64', variant: 'v8'};

/** An image of one small file, as a registry or an archive holds it. */
export interface SmallImage {
  config: Buffer;
  layer: Buffer;
  archive: Buffer;
  manifest: Buffer;
}

/** Makes an image for a platform; its one layer has a file `platform` that names it. */
export async function makeSmallImage({os, architecture, variant}: Platform): Promise<SmallImage> {
  const body = Buffer.from(`${os}/${architecture}\n`);
  const header = {name: 'platform', size: body.length, mtime: new Date(0)};
  const archive = Buffer.from(await packTar([{header, body}]));
  const layer = gzipSync(archive);
  const config = toJson({
    created: '2026-01-01T00:00:00Z',
    os,
    architecture,
    ...(variant === undefined ? {} : {variant}),
    config: {Env: ['PATH=/bin'], Entrypoint: ['/nodejs/bin/node'], Cmd: ['--version']},
    rootfs: {type: 'layers', diff_ids: [hash(archive)]},
  });
  const manifest = toJson({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {...name(config), mediaType: 'application/vnd.oci.image.config.v1+json'},
    layers: [{...name(layer), mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip'}],
  });
  return {config, layer, archive, manifest};
}

/**
 * Pushes an index of small images, `base/node:24`, to a registry on loopback.
 *
 * @returns its reference, and its digest.
 */
export async function putBase(
  host: string,
  platforms: readonly Platform[] = [amd64, arm64],
  path = 'base/node',
): Promise<{reference: string; digest: string}> {
  const repository = openRepository(RegistryAddress.parse(host), path, null, new AbortController().signal);
  const manifests = await Promise.all(
    platforms.map(async platform => {
      const image = await makeSmallImage(platform);
      await putImage(repository, image, hash(image.manifest));
      return {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        ...name(image.manifest),
        platform,
      };
    }),
  );
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const bytes = toJson({schemaVersion: 2, mediaType, manifests});
  await repository.putManifest('24', {mediaType, bytes}, {overwrites: true});
  return {reference: `${host}/${path}:24`, digest: hash(bytes)};
}

/** Pushes one image under a tag or its digest. */
export async function putImage(repository: Repository, image: SmallImage, reference: string): Promise<void> {
  for (const blob of [image.config, image.layer]) await repository.putBlob(name(blob), blob);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  await repository.putManifest(reference, {mediaType, bytes: image.manifest}, {overwrites: true});
}

export function hash(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function name(bytes: Buffer) {
  return {digest: hash(bytes), size: bytes.length};
}

function toJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
