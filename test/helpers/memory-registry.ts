import {createHash} from 'node:crypto';
import {createServer, type IncomingMessage} from 'node:http';
import type {AddressInfo} from 'node:net';
import {afterAll, beforeAll} from 'vitest';

export interface MemoryRegistry {
  /** `127.0.0.1:PORT` */
  host: string;
  /** Every request that came, as `METHOD /path?query`. */
  requests: string[];
  /** What a tag of a repository points at; undefined where there is none. */
  readTag(repository: string, tag: string): {digest: string; manifest: string} | undefined;
  /** Points a tag at a manifest, as another run would; null removes the tag. */
  setTag(repository: string, tag: string, digest: string | null): void;
  /** Adds a manifest without a tag, and gives its digest. */
  addManifest(repository: string, mediaType: string, manifest: object): string;
  /** Forgets a manifest, as a registry does that somebody cleans up. */
  removeManifest(repository: string, digest: string): void;
  /** Loses what images of a repository are made of, and keeps the manifests. */
  loseLayers(repository: string): void;
  /** The tags of a repository, sorted. */
  listTags(repository: string): string[];
  close(): Promise<void>;
}

interface StoredManifest {
  mediaType: string;
  bytes: Buffer;
}

interface Repository {
  manifests: Map<string, StoredManifest>;
  tags: Map<string, string>;
  blobs: Map<string, Buffer>;
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** One registry in memory for all tests of a file; it is there while they run. */
export function shareMemoryRegistry(): Readonly<{current: MemoryRegistry}> {
  let registry: MemoryRegistry | undefined;
  beforeAll(async () => {
    registry = await startMemoryRegistry();
  });
  afterAll(() => registry?.close());
  return {
    get current() {
      if (registry === undefined) throw new Error('the registry starts with the tests');
      return registry;
    },
  };
}

/** The routes of the OCI Distribution specification 1.1 that releases need, each behind `/v2/<repository>`. */
const routePattern = /^\/v2\/(.+?)\/(manifests|blobs|tags)\/(.+)$/;

/**
 * Starts a registry of the OCI Distribution specification on a free port of 127.0.0.1 that keeps everything in
 * memory. It answers over real HTTP and in the words of the specification, refuses manifests that name blobs it
 * does not hold, and needs no program: decisions about releases are tested against it in milliseconds.
 */
export async function startMemoryRegistry(): Promise<MemoryRegistry> {
  const repositories = new Map<string, Repository>();
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const {status, headers, body = ''} = answer(repositories, request, await readBody(request));
    // to HEAD Node sends the headers alone
    response
      .writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...headers,
      })
      .end(body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    requests,
    readTag(repository, tag) {
      const found = repositories.get(repository);
      const digest = found?.tags.get(tag);
      const manifest = digest === undefined ? undefined : found?.manifests.get(digest);
      return digest === undefined || manifest === undefined
        ? undefined
        : {digest, manifest: manifest.bytes.toString()};
    },
    setTag(repository, tag, digest) {
      const {tags} = open(repositories, repository);
      if (digest === null) tags.delete(tag);
      else tags.set(tag, digest);
    },
    addManifest(repository, mediaType, manifest) {
      const bytes = Buffer.from(JSON.stringify(manifest));
      open(repositories, repository).manifests.set(hash(bytes), {mediaType, bytes});
      return hash(bytes);
    },
    removeManifest: (repository, digest) => void open(repositories, repository).manifests.delete(digest),
    loseLayers(repository) {
      const {blobs} = open(repositories, repository);
      for (const [digest, {length}] of blobs) if (length > '{}'.length) blobs.delete(digest);
    },
    listTags: repository => [...(repositories.get(repository)?.tags.keys() ?? [])].sort(),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  repositories: Map<string, Repository>,
  {method = '', url = '', headers}: IncomingMessage,
  body: Buffer,
): Answer {
  const {pathname, searchParams} = new URL(url, 'http://registry');
  if (pathname === '/v2/') return {status: 200, body: '{}'};
  const [, name = '', kind, rest = ''] = routePattern.exec(pathname) ?? [];
  const isRead = method === 'GET' || method === 'HEAD';
  if (kind === 'manifests' && method === 'PUT')
    return putManifest(open(repositories, name), rest, headers['content-type'] ?? '', body);
  if (kind === 'blobs' && rest.startsWith('uploads/') && (method === 'POST' || method === 'PUT'))
    return (
      mount(repositories, name, searchParams) ??
      upload(open(repositories, name), name, searchParams.get('digest'), body)
    );
  const repository = repositories.get(name);
  if (kind === 'manifests' && isRead) {
    const digest = rest.startsWith('sha256:') ? rest : (repository?.tags.get(rest) ?? '');
    const manifest = repository?.manifests.get(digest);
    if (manifest === undefined) return refuse(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    const {mediaType, bytes} = manifest;
    return {
      status: 200,
      headers: {'content-type': mediaType, 'docker-content-digest': digest},
      body: bytes,
    };
  }
  if (kind === 'blobs' && isRead) {
    const blob = repository?.blobs.get(rest);
    if (blob === undefined) return refuse(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
    return {status: 200, headers: {'content-type': 'application/octet-stream'}, body: blob};
  }
  if (kind === 'tags' && rest === 'list' && method === 'GET') {
    if (repository === undefined) return refuse(404, 'NAME_UNKNOWN', 'repository name not known to registry');
    return listPage(name, [...repository.tags.keys()].sort(), searchParams);
  }
  return refuse(405, 'UNSUPPORTED', 'the operation is unsupported');
}

function putManifest(
  {manifests, tags, blobs}: Repository,
  reference: string,
  mediaType: string,
  bytes: Buffer,
): Answer {
  const digest = hash(bytes);
  if (reference.startsWith('sha256:') && reference !== digest)
    return refuse(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  const {config, layers = [], manifests: inner = []} = JSON.parse(bytes.toString());
  const missing = [...(config === undefined ? [] : [config]), ...layers, ...inner].find(
    part => !blobs.has(part.digest) && !manifests.has(part.digest),
  );
  if (missing !== undefined)
    return refuse(404, 'MANIFEST_BLOB_UNKNOWN', `blob unknown to registry: ${missing.digest}`);
  manifests.set(digest, {mediaType, bytes});
  if (!reference.startsWith('sha256:')) tags.set(reference, digest);
  return {status: 201, headers: {'docker-content-digest': digest}};
}

/** Takes a blob over from another repository, where that is asked for and has it. */
function mount(
  repositories: Map<string, Repository>,
  name: string,
  asked: URLSearchParams,
): Answer | undefined {
  const digest = asked.get('mount') ?? '';
  const blob = repositories.get(asked.get('from') ?? '')?.blobs.get(digest);
  if (blob === undefined) return undefined;
  open(repositories, name).blobs.set(digest, blob);
  return {status: 201, headers: {location: `/v2/${name}/blobs/${digest}`}};
}

/** POST opens an upload, or is one with a digest; PUT with a digest ends it, its body the whole blob. */
function upload({blobs}: Repository, name: string, digest: string | null, body: Buffer): Answer {
  if (digest === null)
    return {status: 202, headers: {location: `/v2/${name}/blobs/uploads/${crypto.randomUUID()}`}};
  if (hash(body) !== digest)
    return refuse(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  blobs.set(digest, body);
  return {status: 201, headers: {location: `/v2/${name}/blobs/${digest}`}};
}

function listPage(name: string, tags: string[], asked: URLSearchParams): Answer {
  const n = Number(asked.get('n') ?? tags.length);
  const rest = tags.filter(tag => tag > (asked.get('last') ?? ''));
  const page = rest.slice(0, n);
  const next = `</v2/${name}/tags/list?n=${n}&last=${page.at(-1)}>; rel="next"`;
  return {
    status: 200,
    headers: rest.length > n ? {link: next} : {},
    body: JSON.stringify({name, tags: page}),
  };
}

function open(repositories: Map<string, Repository>, name: string): Repository {
  const found = repositories.get(name) ?? {manifests: new Map(), tags: new Map(), blobs: new Map()};
  repositories.set(name, found);
  return found;
}

function refuse(status: number, code: string, message: string): Answer {
  return {status, body: JSON.stringify({errors: [{code, message}]})};
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function hash(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
