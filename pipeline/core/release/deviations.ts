import * as z from 'zod';
import type {Platform} from './image.ts';
import type {Recipe} from './recipe.ts';

/** The configuration of an image, as far as it is compared with a recipe; OCI image specification, "config". */
export const ImageSettings = z.object({
  os: z.string(),
  architecture: z.string(),
  config: z.object({
    User: z.string().nullish(),
    Env: z.array(z.string()).nullish(),
    Entrypoint: z.array(z.string()).nullish(),
    Cmd: z.array(z.string()).nullish(),
    ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
    Healthcheck: z.object({Test: z.array(z.string()).nullish()}).nullish(),
  }),
});
export type ImageSettings = z.infer<typeof ImageSettings>;

/** Lists in what an image differs from what the recipe makes for a platform, a line each; nothing where it does not. */
export function listDeviations(image: ImageSettings, recipe: Recipe, platform: Platform): string[] {
  const {config} = image;
  const found = {
    platform: `${image.os}/${image.architecture}`,
    'entry point': JSON.stringify([...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]),
    user: config.User ?? '',
    environment: recipe.env.filter(variable => config.Env?.includes(variable)).join(' '),
    ports: Object.keys(config.ExposedPorts ?? {}).join(' '),
    'health check': JSON.stringify(config.Healthcheck?.Test ?? []),
  };
  const expected: typeof found = {
    platform: `${platform.os}/${platform.architecture}`,
    'entry point': JSON.stringify(recipe.entrypoint),
    user: recipe.user,
    environment: recipe.env.join(' '),
    ports: recipe.ports.join(' '),
    'health check': JSON.stringify(recipe.healthcheck.Test),
  };
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const has = found[name as keyof typeof found];
    return has === wanted ? [] : [`${name}: expected ${wanted}, found ${has === '' ? 'none' : has}`];
  });
}
