import {createHash} from 'node:crypto';
import got, {HTTPError, type Method, type Response} from 'got';
import * as z from 'zod';
import {Failure} from '../../core/failure.ts';
import type {Credentials, RegistryAddress} from './address.ts';
import {explainRegistryError} from './registry-errors.ts';

/** A manifest, byte for byte as the registry holds it. */
export interface Manifest {
  /** `sha256:` and the hash of `bytes`. */
  digest: string;
  mediaType: string;
  bytes: Buffer;
}

/** One repository of a registry, through the OCI Distribution specification's HTTP interface. */
export interface Repository {
  /** `host/path/name`, what an engine calls it. */
  reference: string;
  /** Asks whether the registry answers and accepts our login. */
  ping(): Promise<void>;
  /** The manifest under a tag or digest; undefined only where the registry itself says that there is none. */
  getManifest(tagOrDigest: string): Promise<Manifest | undefined>;
  /** Puts a manifest under a tag. */
  putManifest(tag: string, manifest: Manifest): Promise<void>;
  /** A blob by its digest, verified; refuses one that is larger than `maxBytes`. */
  getBlob(digest: string, maxBytes: number): Promise<Buffer>;
  /** All tags, in the order in which the registry lists them; none where it does not know the repository. */
  listTags(): Promise<string[]>;
}

const TagList = z.object({tags: z.array(z.string()).nullish()});

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** For one call, its retries and the waiting between them included. */
const deadlineMs = 45_000;

const client = got.extend({
  followRedirect: true,
  timeout: {connect: 5_000, response: 10_000, request: 60_000},
  retry: {
    limit: 3,
    methods: ['GET', 'HEAD', 'PUT'],
    statusCodes: [408, 429, 500, 502, 503, 504],
    // a refused connection is the state of things, not a hiccup: one registry, one answer
    errorCodes: ['ETIMEDOUT', 'ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'ERR_HTTP_CONTENT_LENGTH_MISMATCH'],
    backoffLimit: 4_000,
    maxRetryAfter: 15_000,
  },
});

/** Opens a repository; nothing is sent before the first call. All calls throw Failure of kind `engine`. */
export function openRepository(
  address: RegistryAddress,
  imageName: string,
  credentials: Credentials | null,
  signal: AbortSignal,
): Repository {
  const name = [address.path, imageName].filter(part => part !== '').join('/');
  const send = createSender(address, name, credentials, signal);
  return {
    reference: `${address.host}/${name}`,
    async ping() {
      await send('GET', '/v2/', {});
    },
    async getManifest(tagOrDigest) {
      const response = await send('GET', `/v2/${name}/manifests/${tagOrDigest}`, {accept: manifestTypes});
      if (response === undefined) return undefined;
      const bytes = Buffer.from(response.rawBody);
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      const claimed = response.headers['docker-content-digest'];
      if (
        (claimed !== undefined && claimed !== digest) ||
        (tagOrDigest.startsWith('sha256:') && tagOrDigest !== digest)
      ) {
        throw new Failure('engine', {
          code: 'REGISTRY_CORRUPT',
          message: `${address.host}: the manifest of ${name}:${tagOrDigest} has digest ${digest}, expected ${claimed ?? tagOrDigest}.`,
          fix: 'Something between here and the registry alters its answers; find it before promoting anything.',
        });
      }
      return {digest, mediaType: response.headers['content-type'] ?? '', bytes};
    },
    async putManifest(tag, {mediaType, bytes}) {
      await send('PUT', `/v2/${name}/manifests/${tag}`, {'content-type': mediaType}, bytes);
    },
    async getBlob(digest, maxBytes) {
      const response = await send('GET', `/v2/${name}/blobs/${digest}`, {});
      const bytes = Buffer.from(response?.rawBody ?? []);
      const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      if (response === undefined || found !== digest || bytes.length > maxBytes) {
        const problem =
          response === undefined
            ? 'it is not there'
            : found === digest
              ? `it has ${bytes.length} bytes, at most ${maxBytes} are expected`
              : `its bytes have digest ${found}`;
        throw new Failure('engine', {
          code: 'REGISTRY_CORRUPT',
          message: `${address.host}: blob ${digest} of ${name} cannot be used: ${problem}.`,
          fix: 'Push that release again, or roll back to one that is whole: npm run history.',
        });
      }
      return bytes;
    },
    async listTags() {
      const tags: string[] = [];
      let path: string | undefined = `/v2/${name}/tags/list?n=500`;
      while (path !== undefined) {
        const response: Response<string> | undefined = await send('GET', path, {accept: 'application/json'});
        if (response === undefined) return tags;
        tags.push(...(TagList.parse(JSON.parse(response.body)).tags ?? []));
        // RFC 8288, as the specification pages its lists
        const next: string | undefined = /<([^>]+)>;\s*rel="?next"?/.exec(
          String(response.headers.link ?? ''),
        )?.[1];
        const page: URL | undefined =
          next === undefined ? undefined : new URL(next, `${address.scheme}://${address.host}${path}`);
        path = page && `${page.pathname}${page.search}`;
      }
      return tags;
    },
  };
}

function createSender(
  {scheme, host}: RegistryAddress,
  name: string,
  credentials: Credentials | null,
  signal: AbortSignal,
) {
  let authorization: string | undefined;
  // Docker Hub's interface has another name than its images
  const apiHost = host === 'docker.io' ? 'registry-1.docker.io' : host;

  return async function send(
    method: Method,
    path: string,
    headers: Record<string, string>,
    body?: Buffer,
  ): Promise<Response<string> | undefined> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const attempt = () =>
      client(`${scheme}://${apiHost}${path}`, {
        method,
        signal: AbortSignal.any([signal, deadline]),
        headers: {...headers, ...(authorization === undefined ? {} : {authorization})},
        ...(body === undefined ? {} : {body}),
      });
    try {
      try {
        return await attempt();
      } catch (error) {
        const refused =
          error instanceof HTTPError && error.response.statusCode === 401 ? error.response : undefined;
        if (refused === undefined) throw error;
        const answer = await answerChallenge(refused.headers['www-authenticate'] ?? '', name, credentials);
        // the same login again would be refused again; a new token is another matter, the old one may have expired
        if (answer === null || answer === authorization) throw error;
        authorization = answer;
        return await attempt();
      }
    } catch (error) {
      if (
        error instanceof HTTPError &&
        error.response.statusCode === 404 &&
        method === 'GET' &&
        path !== '/v2/'
      )
        return undefined;
      signal.throwIfAborted();
      throw explainRegistryError(error, host, scheme, `${method} ${path}`);
    }
  };
}

/**
 * Turns a `WWW-Authenticate` challenge into an `Authorization` header: basic, or a bearer token from the named
 * realm (Distribution specification, token authentication); null where there is no login to answer with.
 *
 * The scope is always ours: a challenge names what one request needs, and some registries name a placeholder.
 */
async function answerChallenge(
  challenge: string,
  name: string,
  credentials: Credentials | null,
): Promise<string | null> {
  const basic =
    credentials &&
    `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  if (!/^bearer /i.test(challenge)) return basic;
  const parameters = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
  const answer = await client(parameters.get('realm') ?? '', {
    searchParams: {
      service: parameters.get('service') ?? '',
      scope: `repository:${name}:pull,push`,
    },
    headers: basic === null ? {} : {authorization: basic},
  }).json<{token?: string; access_token?: string}>();
  return `Bearer ${answer.token ?? answer.access_token ?? ''}`;
}
