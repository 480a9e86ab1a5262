import * as z from 'zod';
import {Failure} from '../core/failure.ts';
import type {Platform} from '../core/release/base.ts';
import {containerEngines, noEngine} from '../io/engine/engines.ts';
import {type Credentials, RegistryAddress} from '../io/registry/address.ts';

/** What the environment says about this run; options are apart, in options.ts. */
export interface Environment {
  registry: RegistryAddress | null;
  credentials: Credentials | null;
  imageName: string | null;
  channel: string;
  /** One of the container engines or `noEngine`; null where the variable is not set. */
  engine: string | null;
  baseImage: string;
  /** What images are made for, as far as the base has it. */
  platforms: Platform[];
  ci: boolean;
}

const defaultBaseImage = 'gcr.io/distroless/nodejs24-debian13:nonroot';

const imageName = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
/** A tag with room for `.log`, but not one that could be a release's own or a log's. */
const channelName = /^(?![0-9a-f]{12}-[0-9a-f]{8}$)(?!.*\.log$)[A-Za-z0-9_][A-Za-z0-9._-]{0,123}$/;

const engineNames = containerEngines.map(name => `"${name}"`).join(', ');

const Variables = z.object({
  REGISTRY: RegistryAddress.optional(),
  REGISTRY_USERNAME: z.string().optional(),
  REGISTRY_PASSWORD: z.string().optional(),
  IMAGE_NAME: z
    .string()
    .regex(imageName, 'an image name such as "iris" or "team/iris", in lower case')
    .optional(),
  CHANNEL: z
    .string()
    .regex(channelName, 'a tag such as "production", not that of a release')
    .default('production'),
  CONTAINER_ENGINE: z.enum([...containerEngines, noEngine], `${engineNames} or "${noEngine}"`).optional(),
  BASE_IMAGE: z.string().regex(/^\S+$/, 'an image reference').default(defaultBaseImage),
  PLATFORMS: z
    .string()
    .regex(
      /^\s*[a-z]+\/[a-z0-9]+(\/[a-z0-9]+)?(\s*,\s*[a-z]+\/[a-z0-9]+(\/[a-z0-9]+)?)*\s*$/,
      'platforms such as "linux/amd64,linux/arm64"',
    )
    .default('linux/amd64,linux/arm64')
    .transform(text => text.split(',').map(parsePlatform)),
  CI: z.string().optional(),
});

/**
 * Reads the variables that the pipeline understands; a variable set to nothing counts as not set.
 *
 * @throws Failure of kind `usage` that names every wrong variable.
 */
export function parseEnvironment(env: Record<string, string | undefined>): Environment {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Variables.safeParse(set);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(issue => {
      const variable = String(issue.path[0]);
      return `${variable}: expected ${issue.message}, found ${JSON.stringify(set[variable])}`;
    });
    throw new Failure('usage', {
      code: 'BAD_ENVIRONMENT',
      message: problems.join('\n'),
      fix: 'Correct or unset the variable; the README lists them under "Configuration".',
    });
  }
  const variables = parsed.data;
  const {REGISTRY_USERNAME: username, REGISTRY_PASSWORD: password} = variables;
  if ((username === undefined) !== (password === undefined)) {
    const [missing, present] = username === undefined ? ['USERNAME', 'PASSWORD'] : ['PASSWORD', 'USERNAME'];
    throw new Failure('usage', {
      code: 'BAD_ENVIRONMENT',
      message: `REGISTRY_${present} is set, REGISTRY_${missing} is not: a login needs both.`,
      fix: `Set REGISTRY_${missing}, or unset both to use the login that the container engine has stored.`,
    });
  }
  return {
    registry: variables.REGISTRY ?? null,
    credentials: username !== undefined && password !== undefined ? {username, password} : null,
    imageName: variables.IMAGE_NAME ?? null,
    channel: variables.CHANNEL,
    engine: variables.CONTAINER_ENGINE ?? null,
    baseImage: variables.BASE_IMAGE,
    platforms: variables.PLATFORMS,
    ci: variables.CI !== undefined && variables.CI !== 'false' && variables.CI !== '0',
  };
}

function parsePlatform(text: string): Platform {
  const [os = '', architecture = '', variant] = text.trim().split('/');
  return {os, architecture, ...(variant === undefined ? {} : {variant})};
}
