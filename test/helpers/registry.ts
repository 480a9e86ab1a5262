import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';

export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  host: string;
  /** Stops the process; its data stays until `remove`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

export interface RegistryOptions {
  /** Basic authentication with this one account. */
  account?: {username: string; password: string};
  readOnly?: boolean;
  /** HTTPS with a certificate that it signed itself. */
  tls?: boolean;
  /** Folder with the data of another registry. */
  storage?: string;
}

/** Starts a real Distribution registry on a free port of 127.0.0.1, with its data in a temporary folder. */
export async function startRegistry(
  options: RegistryOptions = {},
): Promise<TestRegistry & {storage: string}> {
  const folder = mkdtempSync(join(tmpdir(), 'test-registry-'));
  const host = `127.0.0.1:${await findFreePort()}`;
  const storage = options.storage ?? join(folder, 'data');
  const config = {
    version: '0.1',
    log: {level: 'error', accesslog: {disabled: true}},
    storage: {
      filesystem: {rootdirectory: storage},
      delete: {enabled: true},
      ...(options.readOnly ? {maintenance: {readonly: {enabled: true}}} : {}),
    },
    http: {addr: host, ...(options.tls ? {tls: makeCertificate(folder)} : {})},
    ...(options.account
      ? {auth: {htpasswd: {realm: 'test', path: makeAccounts(folder, options.account)}}}
      : {}),
  };
  const file = join(folder, 'config.yml');
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML
  let child: ChildProcess | undefined;
  const registry = {
    host,
    storage,
    async start() {
      child = spawn('docker-registry', ['serve', file], {stdio: 'ignore'});
      for (let i = 0; i < 800; i++) {
        const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
        if (answer !== undefined) return;
        await sleep(25);
      }
      throw new Error(`the registry on ${host} did not start within 20 s`);
    },
    async stop() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise(resolve => child?.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
    async remove() {
      await registry.stop();
      rmSync(folder, {recursive: true, force: true});
    },
  };
  await registry.start();
  return registry;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The types of manifests that a tag may point at. */
const manifestTypes = ['manifest.v1', 'index.v1'].map(type => `application/vnd.oci.image.${type}+json`);
const accept = [...manifestTypes, 'application/vnd.docker.distribution.manifest.v2+json'].join(', ');

/** Asks the registry itself for a manifest by its tag or digest; undefined where it has none. */
export async function readManifest(
  host: string,
  repository: string,
  reference: string,
): Promise<{digest: string; manifest: RawManifest} | undefined> {
  const answer = await fetch(`http://${host}/v2/${repository}/manifests/${reference}`, {headers: {accept}});
  if (!answer.ok) return undefined;
  const manifest: RawManifest = JSON.parse(await answer.text());
  return {digest: answer.headers.get('docker-content-digest') ?? '', manifest};
}

/** An image, or an index of images. */
export interface RawManifest {
  config?: {digest: string};
  layers?: {digest: string}[];
  manifests?: {digest: string; platform?: {architecture: string}}[];
}

/** What the registry itself says about a tag: the digest it holds and the digest of the configuration for amd64. */
export async function readTag(
  host: string,
  repository: string,
  tag: string,
): Promise<{digest: string; config: string} | undefined> {
  const top = await readManifest(host, repository, tag);
  if (top === undefined) return undefined;
  const {digest, manifest} = top;
  const amd64 = manifest.manifests?.find(({platform}) => platform?.architecture === 'amd64');
  const image = amd64 === undefined ? top : await readManifest(host, repository, amd64.digest);
  return {digest, config: image?.manifest.config?.digest ?? ''};
}

function makeAccounts(folder: string, {username, password}: {username: string; password: string}): string {
  const file = join(folder, 'htpasswd');
  writeFileSync(file, spawnSync('htpasswd', ['-nbB', username, password]).stdout);
  return file;
}

function makeCertificate(folder: string): {certificate: string; key: string} {
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    ...subject,
    '-keyout',
    key,
    '-out',
    certificate,
  ]);
  return {certificate, key};
}
