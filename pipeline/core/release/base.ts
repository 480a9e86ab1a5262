import * as z from 'zod';
import {Failure} from '../failure.ts';
import {Sha256Digest} from './digest.ts';

/** What an image runs on, in the words of Go. */
export interface Platform {
  os: string;
  architecture: string;
  variant?: string | undefined;
}

/** What a manifest says of a blob. */
export interface BlobReference {
  mediaType: string;
  digest: string;
  size: number;
}

const texts = z.array(z.string());
const record = z.record(z.string(), z.unknown());

/** The configuration of an image that others can be built on; OCI image specification, "config". */
export const BaseConfig = z.object({
  created: z.iso.datetime({offset: true}).optional(),
  architecture: z.string().min(1),
  variant: z.string().min(1).optional(),
  os: z.string().min(1),
  config: z
    .object({
      Env: texts.nullish(),
      Labels: z.record(z.string(), z.string()).nullish(),
      ExposedPorts: record.nullish(),
      Volumes: record.nullish(),
      WorkingDir: z.string().nullish(),
      StopSignal: z.string().nullish(),
    })
    .default({}),
  rootfs: z.object({type: z.literal('layers'), diff_ids: z.array(Sha256Digest).min(1).max(126)}),
  history: z.array(record.and(z.object({empty_layer: z.boolean().optional()}))).nullish(),
});
export type BaseConfig = z.infer<typeof BaseConfig>;

/** A base for one platform. */
export interface BasePart {
  platform: Platform;
  /** Of its manifest. */
  digest: string;
  config: BaseConfig;
  /** As many as `config.rootfs.diff_ids`. */
  layers: readonly BlobReference[];
}

/** The image that a release is built on. */
export interface Base {
  /** As it was asked for. */
  name: string;
  /** Of its index, where it has one. */
  digest: string;
  parts: readonly BasePart[];
}

/** `linux/arm64`, or with its variant `linux/arm/v7`. */
export function namePlatform({os, architecture, variant}: Platform): string {
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
}

/** Tells whether a machine or a request for `wanted` is served by `platform`: a variant counts where both name one. */
export function servesPlatform(platform: Platform, wanted: Platform): boolean {
  const variants = [platform.variant, wanted.variant].filter(variant => variant !== undefined);
  const isSame = platform.os === wanted.os && platform.architecture === wanted.architecture;
  return isSame && new Set(variants).size < 2;
}

/**
 * Keeps of a base the platforms that are asked for, as far as it has them.
 *
 * @throws Failure of kind `usage` where it has none of them.
 */
export function choosePlatforms(base: Base, wanted: readonly Platform[]): Base {
  const parts = base.parts.filter(({platform}) => wanted.some(asked => servesPlatform(platform, asked)));
  if (parts.length > 0) return {...base, parts};
  const has = base.parts.map(({platform}) => namePlatform(platform));
  throw new Failure('usage', {
    code: 'BASE_PLATFORM',
    message: `The base image ${base.name} is for ${has.join(', ')}; asked for is ${wanted.map(namePlatform).join(', ')}.`,
    fix: `Name another base with BASE_IMAGE, or set PLATFORMS=${has.join(',')}.`,
  });
}
