import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import type {AddressInfo} from 'node:net';
import {gunzipSync} from 'node:zlib';
import {packTar, unpackTar} from 'modern-tar';
import type {Subject} from '../../pipeline/core/release/evidence.ts';
import type {Engine, RunningServer} from '../../pipeline/io/engine/engine.ts';
import {parseArtifact} from '../../serve/artifact/artifact.ts';
import {parseConfig} from '../../serve/config.ts';
import {createFastPath} from '../../serve/dialects/predict/fast-path.ts';
import {createNodeServer} from '../../serve/http/node-server.ts';
import {amd64, hash, makeSmallImage} from './base-image.ts';
import {createTestApp} from './test-app.ts';

interface Image {
  config: Buffer;
  /** Its uppermost layer. */
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
 * An engine without containers: images are in memory, and a started one is the real server in this process. All it does
 * takes milliseconds. It holds every base that it is asked for, of one small layer.
 */
export function createToyEngine(): ToyEngine {
  const images = new Map<string, Image>();
  const names = new Map<string, string>();
  let running = 0;

  function take(subject: Subject): Image {
    const image = subject.kind === 'image' ? images.get(subject.id) : undefined;
    if (image === undefined) throw new Error(`the toy engine does not hold ${JSON.stringify(subject)}`);
    return image;
  }

  return {
    name: 'toy',
    version: '1',
    platform: amd64,
    names,
    countRunning: () => running,
    prune: () => images.clear(),
    async findBase(reference) {
      const {config, archive} = await makeSmallImage(amd64);
      const manifest = Buffer.from(JSON.stringify([{Config: 'config.json', Layers: ['layer.tar']}]));
      const files = {'config.json': config, 'layer.tar': archive, 'manifest.json': manifest};
      const entries = Object.entries(files).map(([name, body]) => ({
        header: {name, size: body.length},
        body,
      }));
      const save = async (path: string) => writeFileSync(path, await packTar(entries));
      return {name: reference, digest: hash(Buffer.from(reference)), id: hash(config), save};
    },
    async load({name, config, layers}) {
      const own = layers.at(-1)?.content;
      if (!Buffer.isBuffer(own)) throw new Error('expected the bytes of the uppermost layer');
      const id = hash(config);
      images.set(id, {config, layer: own});
      names.set(name, id);
      return {id, sizeBytes: own.length};
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
