import {nameBlob} from '../../core/release/layer.ts';
import type {Credentials, RegistryAddress} from './address.ts';
import {describeAnswer, quote, saysNotThere} from './answer.ts';
import {type Blobs, openBlobs} from './blobs.ts';
import {nameRequest} from './exchange.ts';
import {type ManifestContent, manifestTypes, parseManifest} from './manifest.ts';
import {blame, blameAnswer, explainStatus} from './registry-errors.ts';
import {openSession} from './session.ts';
import {readTagList} from './tag-list.ts';

/** A manifest, byte for byte as the registry holds it. */
export interface Manifest {
  /** `sha256:` and the hash of `bytes`. */
  digest: string;
  mediaType: string;
  bytes: Buffer;
  content: ManifestContent;
}

/** One repository of a registry, through the OCI Distribution specification's HTTP interface. */
export interface Repository extends Blobs {
  /** `host/path/name`, what an engine calls it. */
  reference: string;
  host: string;
  /** Its path in the registry, `path/name`. */
  name: string;
  /** Asks whether the registry answers and accepts our login. */
  ping(): Promise<void>;
  /** Reads the manifest under a tag or digest; undefined only where the registry itself says that there is none. */
  getManifest(tagOrDigest: string): Promise<Manifest | undefined>;
  /**
   * Puts a manifest under a tag, or under its own digest.
   *
   * @param overwrites whether the tag is there already, so that a refusal may be that of an immutable tag.
   */
  putManifest(
    tag: string,
    manifest: Pick<Manifest, 'mediaType' | 'bytes'>,
    {overwrites}: {overwrites: boolean},
  ): Promise<void>;
  /** Lists all tags; none where the registry itself says that it does not know the repository. */
  listTags(): Promise<string[]>;
}

/** What a repository is for. */
export interface RepositoryUse {
  /** What a token is asked for. */
  actions: 'pull' | 'pull,push';
  /** Where its address comes from and can be corrected. */
  source: string;
  /** How long a request that brings words may take with all tries, in ms; 45 s unless given. */
  deadlineMs?: number;
}

const maxManifestBytes = 4 * 2 ** 20;
/** An answer that only has to arrive. */
const maxWordsBytes = 2 ** 20;

/** Opens a repository; nothing is sent before the first call. All calls throw Failure of kind `engine`. */
export function openRepository(
  address: RegistryAddress,
  imageName: string,
  credentials: Credentials | null,
  signal: AbortSignal,
  use: RepositoryUse = {actions: 'pull,push', source: 'REGISTRY'},
): Repository {
  const name = [address.path, imageName].filter(part => part !== '').join('/');
  const session = openSession(address, name, credentials, use, signal);
  const {registry, locate, send} = session;

  return {
    ...openBlobs(session, name),
    reference: `${address.host}/${name}`,
    host: address.host,
    name,
    async ping() {
      const request = {method: 'GET', url: locate('/v2/'), headers: {}, maxBytes: maxWordsBytes} as const;
      const answer = await send(request);
      if (answer.status !== 200) throw explainStatus(registry, nameRequest(request), answer);
    },
    async getManifest(tagOrDigest) {
      const request = {
        method: 'GET',
        url: locate(`/v2/${name}/manifests/${tagOrDigest}`),
        headers: {accept: manifestTypes},
        maxBytes: maxManifestBytes,
      } as const;
      const answer = await send(request);
      if (saysNotThere(answer)) return undefined;
      if (answer.status !== 200) {
        const expected = "a manifest or the registry's own MANIFEST_UNKNOWN or NAME_UNKNOWN";
        throw explainStatus(registry, nameRequest(request), answer, expected);
      }
      const {body: bytes, headers} = answer;
      const content = parseManifest(bytes);
      if (content === undefined) {
        throw blameAnswer(registry, nameRequest(request), 'a manifest', describeAnswer(answer));
      }
      const {digest} = nameBlob(bytes);
      const claimed = [headers['docker-content-digest'], tagOrDigest].find(
        (claim): claim is string =>
          typeof claim === 'string' && claim.startsWith('sha256:') && claim !== digest,
      );
      if (claimed !== undefined) {
        throw blame(registry, nameRequest(request), {
          code: 'REGISTRY_CORRUPT',
          message: `the manifest has digest ${digest}, expected ${quote(claimed)}.`,
          fix: 'Something between here and the registry alters its answers; find it before promoting anything.',
        });
      }
      return {digest, mediaType: content.mediaType ?? headers['content-type'] ?? '', bytes, content};
    },
    async putManifest(tag, {mediaType, bytes}, {overwrites}) {
      const request = {
        method: 'PUT',
        url: locate(`/v2/${name}/manifests/${tag}`),
        headers: {'content-type': mediaType},
        body: bytes,
        maxBytes: maxWordsBytes,
      } as const;
      const answer = await send(request);
      if (answer.status >= 200 && answer.status < 300) return;
      const isImmutable = answer.status === 403 || /immutable|overwrit/i.test(describeAnswer(answer));
      if (!overwrites || !isImmutable) throw explainStatus(registry, nameRequest(request), answer);
      throw blame(registry, nameRequest(request), {
        code: 'CHANNEL_IMMUTABLE',
        message: `it does not let the tag ${tag} be moved: ${describeAnswer(answer)}.`,
        fix: `CHANNEL must be a mutable tag: take "${tag}" out of the registry's rule of immutable tags, or name another one with CHANNEL=NAME. Without such a rule, check that the account may push.`,
      });
    },
    listTags: () => readTagList(session, `/v2/${name}/tags/list`),
  };
}
