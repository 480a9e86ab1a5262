import {promisify} from 'node:util';
import {deflate, gunzip, gzip, inflate} from 'node:zlib';
import {parseAccept} from 'hono/utils/accept';
import {type Problem, refuse} from '../rows/problem.ts';

/** A coding of HTTP (RFC 9110, 8.4.1) in which bodies are read and written. `deflate` is zlib's format. */
export type Coding = 'gzip' | 'deflate';

const codings: readonly Coding[] = ['gzip', 'deflate'];
const pack = {gzip: promisify(gzip), deflate: promisify(deflate)};
const unpack = {gzip: promisify(gunzip), deflate: promisify(inflate)};

/** The most that a byte of either coding unpacks to. */
const largestRatio = 1_032;

/** Answers below this length are sent as they are: packing them saves no packet. */
const minPackedBytes = 1_400;

/** Reads how a body was packed; undefined where it was not. */
export function readCoding(contentEncoding: string | null | undefined): Coding | undefined | Problem {
  const name = contentEncoding?.trim().toLowerCase() || 'identity';
  if (name === 'identity') return undefined;
  const coding = codings.find(known => name === known || name === `x-${known}`);
  if (coding !== undefined) return coding;
  return refuse(
    415,
    'unsupported_media_type',
    'The body may be packed with gzip or deflate, and only once.',
    {
      headers: {'accept-encoding': codings.join(', ')},
    },
  );
}

/** Counts the bytes that a body of a declared length takes in memory at most, packed and unpacked. */
export function countUnpackedBytes(
  length: number,
  contentEncoding: string | undefined,
  maxBytes: number,
): number {
  if (contentEncoding === undefined) return length;
  return length + Math.min(length * largestRatio, maxBytes);
}

/** Unpacks a body outside of the event loop, to at most `maxBytes`; refuses one that is larger or broken. */
export async function unpackBody(
  bytes: Uint8Array,
  coding: Coding,
  maxBytes: number,
): Promise<Buffer | Problem> {
  try {
    return await unpack[coding](bytes, {maxOutputLength: maxBytes});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return refuseSize(maxBytes);
    return refusePacked(coding);
  }
}

/** Refuses a body that is not what its coding says. */
export function refusePacked(coding: Coding): Problem {
  return refuse(
    400,
    'malformed_encoding',
    `The body is not whole and valid ${coding}, as its content-encoding says.`,
  );
}

/** Refuses a body that is too large. */
export function refuseSize(maxBytes: number): Problem {
  return refuse(413, 'body_too_large', `The body is too large. Send at most ${maxBytes} bytes.`);
}

/** An answer as it is sent, with the headers that say how it was packed. */
export type PackedBody = {body: string | Uint8Array<ArrayBuffer>; headers: Record<string, string>};

/** Whether `packAnswer` may pack an answer of a length, where it is asked to. */
export function isWorthPacking(length: number): boolean {
  return length >= minPackedBytes;
}

/**
 * Packs an answer where `Accept-Encoding` asks for it and something is gained: outside of the event loop, for speed
 * rather than size. Nothing else changes its headers, but that caches must know.
 */
export async function packAnswer(
  body: string | Uint8Array<ArrayBuffer>,
  acceptEncoding: string | null | undefined,
): Promise<PackedBody> {
  const asked = parseAccept(acceptEncoding ?? '').filter(({q}) => q > 0);
  const coding = codings.find(name => asked.some(({type}) => type.toLowerCase() === name));
  const vary = {vary: 'accept-encoding'};
  if (coding === undefined) return {body, headers: vary};
  return {body: await pack[coding](body, {level: 1}), headers: {...vary, 'content-encoding': coding}};
}
