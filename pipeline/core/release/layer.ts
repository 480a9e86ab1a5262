import {createHash} from 'node:crypto';
import {gzipSync} from 'fflate';
import {packTar} from 'modern-tar';
import {Failure} from '../failure.ts';
import type {Recipe} from './recipe.ts';

/** Bytes and what they are called. */
export interface Blob {
  /** `sha256:` and the hash of the bytes. */
  digest: string;
  size: number;
  bytes: Buffer;
}

/** The files that a release adds to its base. */
export interface Layer {
  /** Packed by gzip. */
  blob: Blob;
  /** The digest of what is packed. */
  diffId: string;
}

/** Gives bytes their digest and size. */
export function nameBlob(bytes: Buffer): Blob {
  return {digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, size: bytes.length, bytes};
}

/**
 * Archives what the recipe copies: in the order of the names, of owner 0:0, at the first second of 1970, so that the
 * bytes depend on the contents alone.
 *
 * @param files what there is to copy, by name.
 * @throws Failure of kind `usage` where the recipe names a file that is not there.
 */
export async function archiveFiles(
  files: Readonly<Record<string, Uint8Array>>,
  {copies}: Pick<Recipe, 'copies'>,
): Promise<Buffer> {
  const entries = new Map<string, Uint8Array | null>();
  for (const {sources, to} of copies) {
    const parts = to.split('/').filter(part => part !== '');
    for (const depth of parts.keys()) entries.set(`${parts.slice(0, depth + 1).join('/')}/`, null);
    for (const name of matchFiles(Object.keys(files), sources))
      entries.set(`${parts.join('/')}/${name}`, files[name] ?? null);
  }
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const fixed = {mtime: new Date(0), uid: 0, gid: 0, uname: '', gname: ''};
  const archive = await packTar(
    sorted.map(([name, body]) =>
      body === null
        ? {header: {...fixed, name, size: 0, mode: 0o755, type: 'directory' as const}}
        : {header: {...fixed, name, size: body.length, mode: 0o644, type: 'file' as const}, body},
    ),
  );
  return Buffer.from(archive);
}

/** Packs an archive, by a gzip that gives the same bytes with any version of Node and its zlib. */
export function packLayer(archive: Buffer): Layer {
  const packed = gzipSync(archive, {level: 6, mtime: 0});
  return {blob: nameBlob(Buffer.from(packed)), diffId: nameBlob(archive).digest};
}

/** Names in the words of a COPY: plain, or with `*`, `?` and `[…]`, where none need be there. */
function matchFiles(names: readonly string[], sources: readonly string[]): string[] {
  return sources.flatMap(source => {
    const isPattern = /[*?[]/.test(source);
    const pattern = source
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replace(/[*?]/g, '[^/]$&')
      .replaceAll('[^/]?', '[^/]');
    const found = names.filter(name => new RegExp(`^${pattern}$`).test(name));
    if (found.length > 0 || isPattern) return found;
    throw new Failure('usage', {
      code: 'DOCKERFILE_UNSUPPORTED',
      message: `Dockerfile: COPY takes ${source}; the files that there are to copy: ${names.join(', ')}.`,
      fix: 'Copy one of those, or a pattern that need not match: model-card.m[d].',
    });
  });
}
