import {fileURLToPath} from 'node:url';
import {Failure} from '../core/failure.ts';
import {choosePlatforms, namePlatform} from '../core/release/base.ts';
import {findStoredLogin} from '../io/engine/credentials.ts';
import type {Engine} from '../io/engine/engine.ts';
import {type BlobCache, openBlobCache} from '../io/image/blob-cache.ts';
import {readEngineBase} from '../io/image/engine-base.ts';
import {type BaseSource, readRegistryBase} from '../io/image/registry-base.ts';
import {isLoopback} from '../io/registry/address.ts';
import {splitReference} from '../io/registry/image-reference.ts';
import {openRepository} from '../io/registry/registry.ts';
import type {Run} from './run.ts';

const cacheFolder = fileURLToPath(new URL('../../data/.cache/images', import.meta.url));

/** What stands between a registry and an answer; a registry that answers and is wrong is another matter. */
const silences = [
  'REGISTRY_UNREACHABLE',
  'REGISTRY_REFUSED',
  'REGISTRY_TLS',
  'REGISTRY_ANSWER',
  'REGISTRY_ERROR',
];

/** Opens what is kept of images on this machine. */
export function openImageCache(): BlobCache {
  return openBlobCache(cacheFolder);
}

/**
 * Finds the base of an image: asked of its registry, or where that does not answer, of the engine that holds it for its
 * own platform, which the run says.
 *
 * @param pinned digest that the base had when the image was built.
 * @returns null where neither is to be had and no image is needed: the server then runs as a process.
 */
export async function findBase(
  run: Run,
  engine: Engine,
  {reference, pinned}: {reference: string; pinned?: string},
): Promise<BaseSource | null> {
  const {environment, progress, signal} = run;
  const cache = openImageCache();
  const {platforms} = environment;
  const asked = pinned === undefined || reference.includes('@') ? reference : `${reference}@${pinned}`;
  let reason = 'its registry says that there is no such image';
  try {
    const repository = await openBaseRepository(run, reference);
    const source = await readRegistryBase(asked, {repository, cache, platforms});
    if (source !== undefined) return {...source, base: {...source.base, name: reference}};
  } catch (error) {
    // what was built on is known by the digests of its layers, wherever they come from
    const isOther = pinned === undefined && error instanceof Failure && !silences.includes(error.code);
    if (!(error instanceof Failure) || isOther) throw error;
    reason = error.message.replace(/\.$/, '');
  }
  const {platform} = engine;
  if (platform === null) return null;
  const source = await readEngineBase(await engine.findBase(reference, signal), cache);
  if (pinned === undefined) {
    progress.note(
      `THE IMAGE IS FOR ${namePlatform(platform)} ALONE, and its digest is not the one that others get: it is built on the base that ${engine.name} holds. The registry of ${reference} was asked first: ${reason}.`,
    );
  }
  return {...source, base: choosePlatforms(source.base, [platform])};
}

async function openBaseRepository({environment, env, signal}: Run, reference: string) {
  const {host, path} = splitReference(reference);
  const {registry, credentials: given, engine} = environment;
  const isOurs = registry?.host === host;
  const scheme = isOurs ? registry.scheme : isLoopback(host) ? 'http' : 'https';
  const credentials = (isOurs ? given : null) ?? (await findStoredLogin(engine, host, env));
  const use = {actions: 'pull', source: 'BASE_IMAGE', deadlineMs: 20_000} as const;
  return openRepository({scheme, host, path: ''}, path, credentials, signal, use);
}
