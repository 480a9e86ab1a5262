import {createHash} from 'node:crypto';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import type {AddressInfo} from 'node:net';
import {gunzipSync, gzipSync} from 'node:zlib';
import {packTar, unpackTar} from 'modern-tar';
import type {Subject} from '../../pipeline/core/release/evidence.ts';
import {readRecipe} from '../../pipeline/core/release/recipe.ts';
import {readContext} from '../../pipeline/io/artifacts/context.ts';
import type {Engine, RunningServer} from '../../pipeline/io/engine/engine.ts';
import {parseArtifact} from '../../serve/artifact/artifact.ts';
import {parseConfig} from '../../serve/config.ts';
import {createFastPath} from '../../serve/dialects/predict/fast-path.ts';
import {createNodeServer} from '../../serve/http/node-server.ts';
import {createTestApp} from './test-app.ts';

const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');
const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
};

interface Image {
  config: Buffer;
  layer: Buffer;
}

export interface ToyEngine extends Engine {
  /** The name of each image that it has given one, with the image's id. */
  names: Map<string, string>;
  /** How many servers it has started and not removed. */
  countRunning(): number;
  /** Forgets all images, as `docker image prune` would. */
  prune(): void;
}

/**
 * An engine without containers: images are in memory, a started one is the real server in this process, and push
 * and pull speak plain HTTP to a registry. All it does takes milliseconds.
 *
 * Its images have the layer that real ones have on top, `app/model.json` and what else is in the context, and the
 * labels of the recipe; their base has no layers.
 */
export function createToyEngine(): ToyEngine {
  const images = new Map<string, Image>();
  const names = new Map<string, string>();
  const pushed = new Set<string>();
  let running = 0;

  function add(image: Image): {subject: Subject; sizeBytes: number} {
    const id = hash(image.config);
    images.set(id, image);
    return {subject: {kind: 'image', engine: 'toy', id}, sizeBytes: image.layer.length};
  }
  function take(subject: Subject): Image {
    const image = subject.kind === 'image' ? images.get(subject.id) : undefined;
    if (image === undefined) throw new Error(`the toy engine does not hold ${JSON.stringify(subject)}`);
    return image;
  }

  return {
    name: 'toy',
    version: '1',
    builds: 'image',
    names,
    countRunning: () => running,
    prune: () => images.clear(),
    resolveBase: async reference => ({
      name: reference,
      digest: hash(Buffer.from(reference)),
      platform: {os: 'linux', architecture: 'amd64'},
    }),
    async build({contextFolder, imageName, labels}) {
      const files = await readContext(contextFolder);
      const entries = Object.entries(files).map(([name, bytes]) => ({
        header: {name: `app/${name}`, size: bytes.length, type: 'file' as const, mtime: new Date(0)},
        body: bytes,
      }));
      const layer = gzipSync(await packTar(entries));
      const config = Buffer.from(
        JSON.stringify({
          architecture: 'amd64',
          os: 'linux',
          created: '2026-01-01T00:00:00Z',
          config: {Labels: labels, ...describeRecipe()},
          rootfs: {type: 'layers', diff_ids: [hash(gunzipSync(layer))]},
        }),
      );
      const built = add({config, layer});
      names.set(imageName, hash(config));
      return {...built, imageName};
    },
    findDigest: async subject =>
      subject.kind === 'image' && images.has(subject.id) ? subject.id : undefined,
    async start(subject, {env}) {
      const {layer} = take(subject);
      const entries = await unpackTar(gunzipSync(layer));
      const files = new Map(entries.map(({header, data}) => [header.name, Buffer.from(data ?? [])]));
      const server = await serveModel(files, env);
      running++;
      return {
        ...server,
        async remove() {
          await server.remove();
          running--;
        },
      };
    },
    async keep(subject, {imageName, tag, channel}) {
      const digest = hash(take(subject).config);
      const ref = `${imageName}:${channel}`;
      names.set(`${imageName}:${tag}`, digest).set(ref, digest);
      return {store: 'engine', ref, digest};
    },
    async push(subject, reference) {
      const image = take(subject);
      const {base, suffix} = locate(reference);
      names.set(reference, hash(image.config));
      for (const blob of [image.config, image.layer]) {
        const opened = await request('POST', `${base}/blobs/uploads/`);
        const place = new URL(opened.headers.get('location') ?? '', base);
        place.searchParams.set('digest', hash(blob));
        await request('PUT', place.href, blob, 'application/octet-stream');
      }
      const manifest = formatManifest(image);
      pushed.add(`${hash(image.config)} ${hash(manifest)}`);
      await request('PUT', `${base}/manifests/${suffix}`, manifest, types.manifest);
    },
    async pull(reference) {
      const {base, suffix} = locate(reference);
      const manifest = await readBytes(await request('GET', `${base}/manifests/${suffix}`));
      const {config, layers} = JSON.parse(manifest.toString());
      const readBlob = async (digest: string) => readBytes(await request('GET', `${base}/blobs/${digest}`));
      pushed.add(`${config.digest} ${hash(manifest)}`);
      return add({config: await readBlob(config.digest), layer: await readBlob(layers.at(-1).digest)});
    },
    knowsDigest: async (subject, digest) => pushed.has(`${hash(take(subject).config)} ${digest}`),
    async findImage(configDigest) {
      const image = images.get(configDigest);
      return image && add(image);
    },
  };
}

/** What the Dockerfile decides of an image's configuration. */
function describeRecipe() {
  const {user, env, entrypoint, ports, healthcheck} = readRecipe(dockerfile);
  return {
    User: user,
    Env: env,
    Entrypoint: entrypoint,
    ExposedPorts: Object.fromEntries(ports.map(port => [port, {}])),
    Healthcheck: healthcheck,
  };
}

/** Serves a model with the app that releases have, in this process; the fast path included. */
async function serveModel(
  files: ReadonlyMap<string, Buffer>,
  env: Readonly<Record<string, string>>,
): Promise<RunningServer> {
  const artifact = parseArtifact(String(files.get('app/model.json')), 'the model of a toy image');
  const config = parseConfig(env, '');
  const {app, service} = createTestApp(artifact, {
    maxBodyBytes: config.maxBodyBytes,
    maxRows: config.maxRows,
    vertex: config.vertex,
    card: files.get('app/model-card.md')?.toString(),
    readFile: async name => {
      const bytes = files.get(`app/${name}`);
      return bytes && new Uint8Array(bytes);
    },
  });
  const server = createNodeServer(async () => app, {
    fastPath: createFastPath(service),
    newRequestId: service.newRequestId,
    modelVersion: artifact.version,
    limits: config,
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const remove = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hasEnded: async () => !server.listening,
    checkHealth: async () => true,
    async stop() {
      await remove();
      return 0;
    },
    readLog: async () => '(the toy engine keeps no log)',
    remove,
  };
}

function formatManifest({config, layer}: Image): Buffer {
  const describe = (mediaType: string, bytes: Buffer) => {
    return {mediaType, digest: hash(bytes), size: bytes.length};
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: describe(types.config, config),
    layers: [describe(types.layer, layer)],
  };
  return Buffer.from(JSON.stringify(manifest));
}

/** The address of a repository's interface, and the tag or digest of a reference in it. */
function locate(reference: string): {base: string; suffix: string} {
  const [, host, name, tag, digest] = /^([^/]+)\/([^:@]+)(?::([^@]+))?(?:@(.+))?$/.exec(reference) ?? [];
  if (name === undefined) throw new Error(`not a reference with a registry: ${reference}`);
  return {base: `http://${host}/v2/${name}`, suffix: digest ?? tag ?? ''};
}

async function request(method: string, url: string, body?: Buffer, type?: string): Promise<Response> {
  const headers = {accept: types.manifest, ...(type === undefined ? {} : {'content-type': type})};
  const response = await fetch(url, {method, headers, ...(body && {body: new Uint8Array(body)})});
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

async function readBytes(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

function hash(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
