import type {IncomingHttpHeaders} from 'node:http';
import * as z from 'zod';

/** An answer to one request, read to its end. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The Distribution specification's form of an error. */
const ErrorBody = z.object({
  errors: z.array(z.object({code: z.string(), message: z.string().nullish()})).min(1),
});

/** Parses a body by the schema of what was asked for; undefined when it is something else. */
export function parseBody<T>(schema: z.ZodType<T>, bytes: Buffer): T | undefined {
  try {
    return schema.safeParse(JSON.parse(bytes.toString())).data;
  } catch {
    return undefined; // no JSON at all
  }
}

/** Tells whether an error is the registry's own, in the specification's form. */
export function isRegistryError({body}: Answer): boolean {
  return parseBody(ErrorBody, body) !== undefined;
}

/**
 * Tells whether the registry itself says that it holds no such tag, digest or repository: status 404 and nothing
 * but the specification's two codes for that. A web server's 404 says nothing about the registry behind it.
 *
 * The Distribution registry, zot, GHCR, GitLab, ECR, Artifact Registry and Docker Hub say these two. Harbor says
 * NOT_FOUND and Quay TAG_EXPIRED of a deleted tag: codes outside of the specification, which are not believed.
 */
export function saysNotThere({status, body}: Answer): boolean {
  const said = status === 404 ? parseBody(ErrorBody, body) : undefined;
  return said?.errors.every(({code}) => code === 'MANIFEST_UNKNOWN' || code === 'NAME_UNKNOWN') ?? false;
}

/** Describes an answer in a few words, `404 NAME_UNKNOWN (no such name)` or `404 with text/html from "nginx"`. */
export function describeAnswer({status, headers, body}: Answer): string {
  const [error] = parseBody(ErrorBody, body)?.errors ?? [];
  if (error !== undefined) {
    const message = error.message ? ` (${quote(error.message)})` : '';
    return `${status} ${quote(error.code)}${message}`;
  }
  const {'content-type': type, server} = headers;
  const words = [type && `with ${quote(type)}`, server && `from "${quote(String(server))}"`];
  return [status, ...words.filter(word => word !== undefined)].join(' ');
}

/** Makes foreign text fit for a terminal: one line of at most 200 characters, without control characters. */
export function quote(text: string): string {
  const line = text.replace(/\s+/g, ' ').replace(/\p{C}/gu, '').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
