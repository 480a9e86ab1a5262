import {fileURLToPath} from 'node:url';
import * as z from 'zod';
import {Failure} from '../../core/failure.ts';
import type {Platform} from '../../core/release/image.ts';
import {findOwnDigest} from '../registry/image-reference.ts';
import {type Client, clientFailure} from './client.ts';
import {answerTimeoutMs, engineFailure} from './command.ts';
import type {BaseImage, Engine} from './engine.ts';

export interface ImageFacts {
  /** `sha256:` and the hash of the image's configuration. */
  id: string;
  /** Uncompressed bytes, base included. */
  sizeBytes: number;
  platform: Platform;
  /** Digests of manifests that the engine has pulled or pushed for this image, each behind its repository. */
  repoDigests: string[];
}

/** The part that docker and podman agree on; podman leaves the algorithm of the id out. */
const Inspected = z.tuple([
  z.object({
    Id: z
      .string()
      .regex(/^(sha256:)?[0-9a-f]{64}$/)
      .transform(id => `sha256:${id.slice(-64)}`),
    Size: z.int(),
    Os: z.string(),
    Architecture: z.string(),
    RepoDigests: z.array(z.string()).nullish(),
  }),
]);

const buildTimeoutMs = 600_000;
/** How long a whole image may take to come or go, in ms. */
export const transferTimeoutMs = 600_000;

/** Facts of a local image; undefined where the engine has none of that name or id. */
export async function inspectImage(client: Client, reference: string): Promise<ImageFacts | undefined> {
  const {program, run} = client;
  const output = await run({timeoutMs: answerTimeoutMs})`${program} image inspect ${reference}`;
  if (output.exitCode !== 0) {
    if (/no such image|image not known|failed to find image/i.test(output.stderr)) return undefined;
    throw clientFailure(client, `inspect the image ${reference}`, output);
  }
  const parsed = Inspected.safeParse(parseJson(output.stdout));
  if (!parsed.success) {
    throw new Failure('engine', {
      code: 'ENGINE_FAILED',
      message: `${program} image inspect ${reference}: expected JSON with Id, Size, Os and Architecture, found ${JSON.stringify(output.stdout.slice(0, 200))}.`,
      fix: `Check that ${program} is the engine's own program: \`${program} image inspect ${reference}\`.`,
      cause: parsed.error,
    });
  }
  const [facts] = parsed.data;
  const platform = {os: facts.Os, architecture: facts.Architecture};
  return {id: facts.Id, sizeBytes: facts.Size, platform, repoDigests: facts.RepoDigests ?? []};
}

/** The base image, pulled first where the engine does not hold it, and the digest that its own repository has for it. */
export async function resolveBaseImage(
  client: Client,
  reference: string,
  signal: AbortSignal,
): Promise<BaseImage> {
  const facts = (await inspectImage(client, reference)) ?? (await pullBase(client, reference, signal));
  const digest = findOwnDigest(reference, facts.repoDigests) ?? facts.id;
  return {name: reference, digest, platform: facts.platform};
}

/** Builds an image of what the Dockerfile takes from a folder. */
export async function buildImage(
  client: Client,
  {contextFolder, imageName, baseImage, labels}: Parameters<Engine['build']>[0],
  signal: AbortSignal,
): Promise<ImageFacts> {
  const {program, run} = client;
  const dockerfile = fileURLToPath(new URL('../../../Dockerfile', import.meta.url));
  const labelFlags = Object.entries(labels).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  const env = await client.prepareBuild(run);
  // quiet, it prints the image's id and nothing else
  const output = await run({
    timeoutMs: buildTimeoutMs,
    signal,
    env,
  })`${program} build ${client.buildFlags} --quiet --file ${dockerfile} --build-arg ${`BASE_IMAGE=${baseImage}`} --tag ${imageName} ${labelFlags} ${contextFolder}`;
  const id = output.stdout.trim();
  const image = output.exitCode === 0 && id !== '' ? await inspectImage(client, id) : undefined;
  if (image !== undefined) return image;
  throw engineFailure(
    'IMAGE_BUILD_FAILED',
    `${program} could not build ${imageName} on ${baseImage}`,
    output,
    `Build it by hand to see the whole log: ${program} build --file ${dockerfile} ${contextFolder}`,
  );
}

/** Gives an image that the engine holds another name. */
export async function tagImage(client: Client, id: string, reference: string): Promise<void> {
  const output = await client.run({timeoutMs: answerTimeoutMs})`${client.program} tag ${id} ${reference}`;
  if (output.exitCode !== 0) throw clientFailure(client, `tag ${id} as ${reference}`, output);
}

async function pullBase(client: Client, reference: string, signal: AbortSignal): Promise<ImageFacts> {
  const {program, run} = client;
  const output = await run({timeoutMs: transferTimeoutMs, signal})`${program} pull ${reference}`;
  const pulled = output.exitCode === 0 ? await inspectImage(client, reference) : undefined;
  if (pulled !== undefined) return pulled;
  throw engineFailure(
    'BASE_IMAGE_UNAVAILABLE',
    `The base image ${reference} is not on this machine and ${program} could not pull it`,
    output,
    `Check the network and the name with \`${program} pull ${reference}\`, or set BASE_IMAGE to an image with Node 24 at /nodejs/bin/node.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it
  }
}
