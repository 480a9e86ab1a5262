import {createHash} from 'node:crypto';
import type {Credentials, RegistryAddress} from './address.ts';
import {describeAnswer, isRegistryError, quote, saysNotThere} from './answer.ts';
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
export interface Repository {
  /** `host/path/name`, what an engine calls it. */
  reference: string;
  /** Asks whether the registry answers and accepts our login. */
  ping(): Promise<void>;
  /** Reads the manifest under a tag or digest; undefined only where the registry itself says that there is none. */
  getManifest(tagOrDigest: string): Promise<Manifest | undefined>;
  /**
   * Puts a manifest under a tag.
   *
   * @param overwrites whether the tag is there already, so that a refusal may be that of an immutable tag.
   */
  putManifest(tag: string, manifest: Manifest, {overwrites}: {overwrites: boolean}): Promise<void>;
  /** Reads a blob and verifies its digest; of one that is larger than `maxBytes` the rest is not read. */
  getBlob(digest: string, maxBytes: number): Promise<Buffer>;
  /** Lists all tags; none where the registry itself says that it does not know the repository. */
  listTags(): Promise<string[]>;
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
): Repository {
  const name = [address.path, imageName].filter(part => part !== '').join('/');
  const session = openSession(address, name, credentials, signal);
  const {registry, locate, send} = session;

  return {
    reference: `${address.host}/${name}`,
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
      const digest = hash(bytes);
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
    async getBlob(digest, maxBytes) {
      const url = locate(`/v2/${name}/blobs/${digest}`);
      const request = {method: 'GET', url, headers: {}, maxBytes} as const;
      const answer = await send(request);
      const isMissing = answer.status === 404 && isRegistryError(answer);
      if (answer.status !== 200 && !isMissing) throw explainStatus(registry, nameRequest(request), answer);
      const found = hash(answer.body);
      if (!isMissing && found === digest) return answer.body;
      throw blame(registry, nameRequest(request), {
        code: 'REGISTRY_CORRUPT',
        message: `the blob ${isMissing ? 'is not there' : `has digest ${found}`}, though a manifest names it.`,
        fix: 'Push that release again, or roll back to one that is whole: npm run history.',
      });
    },
    listTags: () => readTagList(session, `/v2/${name}/tags/list`),
  };
}

function hash(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
