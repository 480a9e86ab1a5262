import * as z from 'zod';
import {Failure} from '../../core/failure.ts';
import {findOwnDigest} from '../registry/image-reference.ts';
import {type Client, clientFailure} from './client.ts';
import {answerTimeoutMs, engineFailure} from './command.ts';
import type {HeldImage} from './engine.ts';

export interface ImageFacts {
  /** `sha256:` and the hash of the image's configuration. */
  id: string;
  /** Uncompressed bytes, base included. */
  sizeBytes: number;
  /** The digests of its layers, unpacked, from the base upwards. */
  diffIds: string[];
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
    RootFS: z.object({Layers: z.array(z.string()).nullish()}).nullish(),
    RepoDigests: z.array(z.string()).nullish(),
  }),
]);

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
      message: `${program} image inspect ${reference}: expected JSON with Id and Size, found ${JSON.stringify(output.stdout.slice(0, 200))}.`,
      fix: `Check that ${program} is the engine's own program: \`${program} image inspect ${reference}\`.`,
      cause: parsed.error,
    });
  }
  const [facts] = parsed.data;
  const {Id: id, Size: sizeBytes, RootFS, RepoDigests} = facts;
  return {id, sizeBytes, diffIds: RootFS?.Layers ?? [], repoDigests: RepoDigests ?? []};
}

/** Finds an image, pulled first where the engine does not hold it, with the digest that its own repository has for it. */
export async function findHeldImage(
  client: Client,
  reference: string,
  signal: AbortSignal,
): Promise<HeldImage> {
  const {id, repoDigests} =
    (await inspectImage(client, reference)) ?? (await pullBase(client, reference, signal));
  const {program, run} = client;
  return {
    name: reference,
    digest: findOwnDigest(reference, repoDigests) ?? id,
    id,
    async save(path) {
      const output = await run({
        timeoutMs: transferTimeoutMs,
        signal,
      })`${program} save --output ${path} ${id}`;
      if (output.exitCode !== 0) throw clientFailure(client, `save the image ${reference}`, output);
    },
  };
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
