import * as z from 'zod';
import {type Answer, describeAnswer, parseBody, quote, saysNotThere} from './answer.ts';
import {nameRequest} from './exchange.ts';
import {Tag} from './manifest.ts';
import {blameAnswer, explainStatus} from './registry-errors.ts';
import type {Session} from './session.ts';

const TagList = z.object({tags: z.array(Tag).nullish()});

const pageSize = 500;
const maxPages = 1_000;
/** Of all pages together: half a million tags of usual length. */
const maxListBytes = 16 * 2 ** 20;

/**
 * Reads all tags of a repository, page by page; none where the registry does not know the repository.
 *
 * @param path of the list, `/v2/team/iris/tags/list`.
 */
export async function readTagList({registry, locate, send}: Session, path: string): Promise<string[]> {
  const tags = new Set<string>();
  const read = new Set<string>();
  let maxBytes = maxListBytes;
  for (let url: URL | undefined = locate(`${path}?n=${pageSize}`); url !== undefined; ) {
    const page = {method: 'GET', url, headers: {accept: 'application/json'}, maxBytes} as const;
    const name = nameRequest(page);
    const answer = await send(page);
    if (saysNotThere(answer)) return [...tags];
    if (answer.status !== 200) throw explainStatus(registry, name, answer, 'a list of tags');
    const list = parseBody(TagList, answer.body);
    if (list === undefined) throw blameAnswer(registry, name, 'a list of tags', describeAnswer(answer));
    for (const tag of list.tags ?? []) tags.add(tag);
    maxBytes -= answer.body.length;
    read.add(url.href);
    const next = findNextPage(answer, url, read);
    if (typeof next === 'string') {
      throw blameAnswer(registry, name, 'a link to the next page of tags', next);
    }
    url = next;
  }
  return [...tags];
}

/** `<target>; name=value; name="value"`, of which a header has several, with commas between them. */
const linkForm = /<([^<>]*)>((?:\s*;\s*[\w*-]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,"]+))?)*)/g;
const relationForm = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i;

/**
 * Finds the link to the next page (RFC 8288).
 *
 * @returns a text for a link that must not be followed: what it is instead.
 */
function findNextPage({headers}: Answer, page: URL, read: ReadonlySet<string>): URL | string | undefined {
  const text = String(headers.link ?? '');
  const links = [...text.matchAll(linkForm)];
  if (text !== '' && links.length === 0) return `what is no Link header, ${quote(text)}`;
  const next = links.find(([, , parameters = '']) => {
    const [, quoted, plain = ''] = relationForm.exec(parameters) ?? [];
    return (quoted ?? plain).toLowerCase().split(/\s+/).includes('next');
  });
  if (next === undefined) return undefined;
  const url = URL.parse(next[1] ?? '', page.href);
  if (url === null) return `what is no address, ${quote(text)}`;
  // behind a proxy that ends TLS, some registries call themselves http
  url.protocol = page.protocol;
  if (url.host !== page.host || url.pathname !== page.pathname) {
    return `one that leads to another place, ${quote(url.href)}`;
  }
  if (read.has(url.href)) return 'one that leads back to a page that was read';
  return read.size < maxPages ? url : `more than ${maxPages} pages`;
}
