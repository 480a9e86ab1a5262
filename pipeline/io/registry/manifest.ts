import * as z from 'zod';
import {parseBody} from './answer.ts';

/** A tag, strictly: it becomes a part of a path. */
export const Tag = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/);

/** A digest, strictly: it becomes a part of a path. */
export const Digest = z.string().regex(/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[A-Za-z0-9=_-]+$/);

/** What a manifest says of a blob or of another manifest. */
export const Descriptor = z.object({mediaType: z.string(), digest: Digest, size: z.int().nonnegative()});
export type Descriptor = z.infer<typeof Descriptor>;

// a media type becomes a header
const any = {
  schemaVersion: z.int(),
  mediaType: z
    .string()
    .regex(/^[!-~]+$/)
    .optional(),
  artifactType: z.string().optional(),
  annotations: z.record(z.string(), z.string()).nullish(),
};
const ManifestContent = z.union([
  z
    .object({...any, config: Descriptor, layers: z.array(Descriptor)})
    .transform(image => ({kind: 'image' as const, ...image})),
  z
    .object({
      ...any,
      manifests: z.array(
        Descriptor.extend({
          platform: z
            .object({os: z.string(), architecture: z.string(), variant: z.string().optional()})
            .optional(),
        }),
      ),
    })
    .transform(index => ({kind: 'index' as const, ...index})),
  z.object(any).transform(other => ({kind: 'other' as const, ...other})),
]);

/** What a manifest describes: an image, an index of images, or something that this program never makes. */
export type ManifestContent = z.infer<typeof ManifestContent>;

/** Parses a manifest; undefined when the bytes are none. */
export function parseManifest(bytes: Buffer): ManifestContent | undefined {
  return parseBody(ManifestContent, bytes);
}

/** How large the configuration of an image may be. */
export const maxConfigBytes = 4 * 2 ** 20;

/** The types that are asked for, newest first. */
export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');
