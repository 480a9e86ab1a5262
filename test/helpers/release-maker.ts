import {createHash} from 'node:crypto';
import {gzipSync} from 'node:zlib';
import {packTar} from 'modern-tar';

/** What is pushed in the place of a release's image; everything that is left out is as a release has it. */
export interface MadeImage {
  /** The files of the last layer, by path. */
  files?: Record<string, string | Buffer>;
  labels?: Record<string, string>;
  /** ISO 8601 */
  created?: string;
  /** The last layer itself. */
  layer?: Buffer;
  /** The bytes of the configuration, in the place of one that is right. */
  config?: string;
}

/** A content digest as registries write it. */
export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Makes the bytes of an image of one layer, by the OCI image specification. */
export async function makeImage({
  files = {'app/model.json': '{}', 'app/server.mjs': 'serve()'},
  labels = {},
  created = '2026-01-02T03:04:05Z',
  layer,
  config,
}: MadeImage): Promise<{layer: Buffer; config: Buffer; manifest: Buffer; digest: string}> {
  const entries = Object.entries(files).map(([name, body]) => {
    const bytes = Buffer.from(body);
    return {header: {name, size: bytes.length}, body: new Uint8Array(bytes)};
  });
  const archive = Buffer.from(await packTar(entries));
  const packed = layer ?? gzipSync(archive);
  const rootfs = {type: 'layers', diff_ids: [digestOf(archive)]};
  const settings = {os: 'linux', architecture: 'amd64', created, config: {Labels: labels}, rootfs};
  const configuration = Buffer.from(config ?? JSON.stringify(settings));
  const describe = (mediaType: string, bytes: Buffer) => {
    return {mediaType, digest: digestOf(bytes), size: bytes.length};
  };
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: describe('application/vnd.oci.image.config.v1+json', configuration),
      layers: [describe('application/vnd.oci.image.layer.v1.tar+gzip', packed)],
    }),
  );
  return {layer: packed, config: configuration, manifest, digest: digestOf(manifest)};
}

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Puts an image into a registry under tags, with plain HTTP and nothing of ours. */
export async function pushImage(
  host: string,
  repository: string,
  tags: string[],
  made: MadeImage,
): Promise<string> {
  const image = await makeImage(made);
  for (const blob of [image.config, image.layer]) await pushBlob(host, repository, blob);
  for (const tag of tags) await pushManifest(host, repository, tag, image.manifest, manifestType);
  return image.digest;
}

/** Puts a manifest under a tag. */
export async function pushManifest(
  host: string,
  repository: string,
  tag: string,
  body: Buffer,
  type: string,
): Promise<void> {
  await put(`http://${host}/v2/${repository}/manifests/${tag}`, body, type);
}

/** Puts a blob, in one request after the one that opens the upload. */
export async function pushBlob(host: string, repository: string, blob: Buffer): Promise<void> {
  const opened = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, {method: 'POST'});
  const place = new URL(opened.headers.get('location') ?? '', `http://${host}`);
  place.searchParams.set('digest', digestOf(blob));
  await put(place.href, blob, 'application/octet-stream');
}

async function put(url: string, body: Buffer, type: string): Promise<void> {
  const answer = await fetch(url, {
    method: 'PUT',
    body: new Uint8Array(body),
    headers: {'content-type': type},
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
}
