import {readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import * as z from 'zod';
import type {Credentials} from '../environment.ts';
import {answerTimeoutMs, type Engine, engineFailure, quiet, restart} from './engine.ts';

export interface ImageFacts {
  /** `sha256:` and the hash of the image's configuration. */
  id: string;
  /** Uncompressed bytes, base included. */
  sizeBytes: number;
  /** Digests of manifests that the engine has pulled or pushed for this image. */
  repoDigests: string[];
  labels: Record<string, string>;
}

/** The part that docker and podman agree on. */
const Inspected = z.tuple([
  z.object({
    Id: z.string(),
    Size: z.number(),
    RepoDigests: z.array(z.string()).nullish(),
    Config: z.object({Labels: z.record(z.string(), z.string()).nullish()}).nullish(),
  }),
]);

const buildTimeoutMs = 600_000;
const transferTimeoutMs = 600_000;

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
    labels: facts.Config?.Labels ?? {},
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

/**
 * Pushes a tagged image. Credentials go to the engine through standard input and live in a private folder that
 * is removed afterwards, so the user's own logins are neither used nor changed.
 *
 * @param login what to log in with, or null to use the logins that the engine has stored.
 */
export async function pushImage(
  engine: Engine,
  reference: string,
  registry: {host: string; plainHttp: boolean; login: (Credentials & {folder: string}) | null},
  signal: AbortSignal,
): Promise<void> {
  const {host, plainHttp, login} = registry;
  const tls = engine.name === 'podman' && plainHttp ? ['--tls-verify=false'] : [];
  const env = {...process.env, ...(engine.name === 'docker' && login !== null ? await pinDaemon() : {})};
  const place = (folder: string) => (engine.name === 'docker' ? ['--config', folder] : []);
  const auth = (folder: string) =>
    engine.name === 'podman' ? ['--authfile', join(folder, 'auth.json')] : [];
  if (login !== null) {
    const {folder, username, password} = login;
    const output = await quiet(60_000, {
      signal,
      env,
      input: password,
    })`${engine.name} ${place(folder)} login ${auth(folder)} ${tls} --username ${username} --password-stdin ${host}`;
    signal.throwIfAborted();
    if (output.exitCode !== 0) {
      throw engineFailure(
        'REGISTRY_REFUSED',
        `${engine.name} could not log in to ${host} as ${username}`,
        output,
        'Check REGISTRY_USERNAME and REGISTRY_PASSWORD.',
      );
    }
  }
  const folder = login?.folder;
  const before = folder === undefined ? [] : place(folder);
  const after = folder === undefined ? [] : auth(folder);
  const output = await quiet(transferTimeoutMs, {
    signal,
    env,
  })`${engine.name} ${before} push ${after} ${tls} ${reference}`;
  signal.throwIfAborted();
  if (output.exitCode !== 0) {
    throw engineFailure(
      'PUSH_FAILED',
      `${engine.name} could not push ${reference}`,
      output,
      'Nothing was promoted: the channel still points where it did. Check that the registry is up, lets this user push and is not read-only; then run `npm run push`.',
    );
  }
}

// The client of Docker 23 and later builds with buildx unless told otherwise, and fails where it is not installed.
async function chooseBuilder(): Promise<{DOCKER_BUILDKIT?: string}> {
  if (process.env.DOCKER_BUILDKIT !== undefined) return {};
  const output = await quiet(answerTimeoutMs)`docker buildx version`;
  return output.exitCode === 0 ? {} : {DOCKER_BUILDKIT: '0'};
}

// A private configuration folder has no contexts, so the daemon that the user's context names is passed by address.
async function pinDaemon(): Promise<{DOCKER_HOST?: string}> {
  if (process.env.DOCKER_HOST !== undefined) return {};
  const output = await quiet(
    answerTimeoutMs,
  )`docker context inspect --format ${'{{.Endpoints.docker.Host}}'}`;
  const host = output.stdout.trim();
  return output.exitCode === 0 && host !== '' ? {DOCKER_HOST: host} : {};
}
