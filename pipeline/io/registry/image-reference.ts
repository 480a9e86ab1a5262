/**
 * The digest under which the base's own repository holds an image, of all that an engine knows for it. An engine
 * lists there every repository that it ever pulled or pushed the image from or to.
 *
 * @param reference the image as it was asked for.
 * @param repoDigests `REPOSITORY@sha256:…`, in any order.
 * @returns undefined where none is of that repository; the first in the order of their text where several are.
 */
export function findOwnDigest(reference: string, repoDigests: readonly string[]): string | undefined {
  const {repository, digest} = splitReference(reference);
  if (digest !== undefined) return digest;
  return repoDigests
    .map(splitReference)
    .filter(known => known.repository === repository)
    .map(known => known.digest)
    .sort()[0];
}

/** An image reference with all that short names leave out. */
export interface ImageReference {
  /** `docker.io` for Docker Hub. */
  host: string;
  /** `library/node` */
  path: string;
  /** `docker.io/library/node` */
  repository: string;
  /** `latest` where it names neither tag nor digest. */
  tag: string;
  digest: string | undefined;
}

/** Splits an image reference; with the registry, the `library/` and the tag that short names leave out. */
export function splitReference(reference: string): ImageReference {
  const [name = '', digest] = reference.split('@');
  const [, withoutTag = name, tag = 'latest'] = /^(.*):([^:/]*)$/.exec(name) ?? [];
  const [first = '', ...rest] = withoutTag.split('/');
  // a first part is a registry only where it looks like a host (distribution/reference)
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const [host, given] = isHost ? [first, rest.join('/')] : ['docker.io', withoutTag];
  const hub = host === 'index.docker.io' ? 'docker.io' : host;
  const path = hub === 'docker.io' && !given.includes('/') ? `library/${given}` : given;
  return {host: hub, path, repository: `${hub}/${path}`, tag, digest};
}
