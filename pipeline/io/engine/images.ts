import {readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as z from 'zod';
import {answerTimeoutMs, type Engine, engineFailure, quiet, restart} from './engine.ts';

export interface ImageFacts {
  /** `sha256:` and the hash of the image's configuration. */
  id: string;
  /** Uncompressed bytes, base included. */
  sizeBytes: number;
  /** Digests of manifests that the engine has pulled or pushed for this image. */
  repoDigests: string[];
}

/** The part that docker and podman agree on. */
const Inspected = z.tuple([
  z.object({
    Id: z.string(),
    Size: z.number(),
    RepoDigests: z.array(z.string()).nullish(),
  }),
]);

const buildTimeoutMs = 600_000;
/** How long a whole image may take to come or go, in ms. */
export const transferTimeoutMs = 600_000;

/** Facts of a local image, or undefined where the engine has none of that name or id. */
export async function inspectImage(engine: Engine, reference: string): Promise<ImageFacts | undefined> {
  const output = await quiet(answerTimeoutMs)`${engine.name} image inspect ${reference}`;
  if (output.exitCode !== 0) {
    if (/no such image|image not known|failed to find image/i.test(output.stderr)) return undefined;
    throw engineFailure(
      'ENGINE_FAILED',
      `${engine.name} could not inspect the image ${reference}`,
      output,
      restart(engine),
    );
  }
  const [facts] = Inspected.parse(JSON.parse(output.stdout));
  return {
    // podman leaves the algorithm out
    id: facts.Id.startsWith('sha256:') ? facts.Id : `sha256:${facts.Id}`,
    sizeBytes: facts.Size,
    repoDigests: facts.RepoDigests ?? [],
  };
}

/** The facts of an image that is pulled first where the engine does not hold it. */
export async function ensureImage(
  engine: Engine,
  reference: string,
  signal: AbortSignal,
): Promise<ImageFacts> {
  const local = await inspectImage(engine, reference);
  if (local !== undefined) return local;
  const output = await quiet(transferTimeoutMs, {signal})`${engine.name} pull ${reference}`;
  signal.throwIfAborted();
  const pulled = output.exitCode === 0 ? await inspectImage(engine, reference) : undefined;
  if (pulled !== undefined) return pulled;
  throw engineFailure(
    'BASE_IMAGE_UNAVAILABLE',
    `The base image ${reference} is not on this machine and ${engine.name} could not pull it`,
    output,
    `Check the network and the name with \`${engine.name} pull ${reference}\`, or set BASE_IMAGE to an image with Node 24 at /nodejs/bin/node.`,
  );
}

/**
 * Builds an image and returns its facts.
 *
 * @param context folder that holds all that the Dockerfile copies.
 */
export async function buildImage(
  engine: Engine,
  image: {
    dockerfile: string;
    context: string;
    tag: string;
    baseImage: string;
    labels: Record<string, string>;
  },
  signal: AbortSignal,
): Promise<ImageFacts> {
  const idFile = join(tmpdir(), `image-id-${process.pid}-${image.tag.replaceAll(/\W/g, '-')}`);
  const labels = Object.entries(image.labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  const dialect =
    engine.name === 'podman'
      ? // the OCI format has no place for a HEALTHCHECK
        {env: process.env, flags: ['--format', 'docker']}
      : {env: {...process.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1', ...(await chooseBuilder())}, flags: []};
  try {
    const output = await quiet(buildTimeoutMs, {
      signal,
      env: dialect.env,
    })`${engine.name} build ${dialect.flags} --iidfile ${idFile} --file ${
      image.dockerfile
    } --build-arg ${`BASE_IMAGE=${image.baseImage}`} --tag ${image.tag} ${labels} ${image.context}`;
    signal.throwIfAborted();
    if (output.exitCode !== 0) {
      throw engineFailure(
        'IMAGE_BUILD_FAILED',
        `${engine.name} could not build ${image.tag} on ${image.baseImage}`,
        output,
        `Build it by hand to see the whole log: ${engine.name} build --file ${image.dockerfile} ${image.context}`,
      );
    }
    const id = (await readFile(idFile, 'utf8')).trim();
    const facts = await inspectImage(engine, id);
    if (facts === undefined)
      throw engineFailure(
        'IMAGE_BUILD_FAILED',
        `${engine.name} built ${id} and lost it`,
        output,
        restart(engine),
      );
    return facts;
  } finally {
    await rm(idFile, {force: true});
  }
}

/** Gives an image that the engine holds another name. */
export async function tagImage(engine: Engine, id: string, reference: string): Promise<void> {
  const output = await quiet(answerTimeoutMs)`${engine.name} tag ${id} ${reference}`;
  if (output.exitCode !== 0) {
    throw engineFailure(
      'ENGINE_FAILED',
      `${engine.name} could not tag ${id} as ${reference}`,
      output,
      restart(engine),
    );
  }
}

// The client of Docker 23 and later builds with buildx unless told otherwise, and fails where it is not installed.
async function chooseBuilder(): Promise<{DOCKER_BUILDKIT?: string}> {
  if (process.env.DOCKER_BUILDKIT !== undefined) return {};
  const output = await quiet(answerTimeoutMs)`docker buildx version`;
  return output.exitCode === 0 ? {} : {DOCKER_BUILDKIT: '0'};
}
