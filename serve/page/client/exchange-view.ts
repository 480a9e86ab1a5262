import type {HttpRequest} from '../curl.ts';
import {formatJson, isJsonType} from '../json-text.ts';
import {create} from './element.ts';

const deadlineMs = 60_000;
/** A longer body is cut: showing it would take the browser longer than the server to make it. */
const maxShown = 100_000;

/** Sends a request and shows all of the answer in `place`, or why there is none. */
export async function showExchange({url, ...init}: HttpRequest, place: HTMLElement): Promise<void> {
  place.replaceChildren(create('p', {role: 'status'}, 'Waiting for the answer …'));
  const startedMs = performance.now();
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {...init, signal: AbortSignal.timeout(deadlineMs)});
    text = await response.text();
  } catch {
    const message = `The server does not answer, or not to the end, within ${deadlineMs / 1000} s.`;
    place.replaceChildren(create('p', {role: 'status', className: 'outside'}, message));
    return;
  }
  const ms = Math.round(performance.now() - startedMs);
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`);
  place.replaceChildren(
    create(
      'p',
      {role: 'status', className: response.ok ? '' : 'outside'},
      create('b', {}, `${response.status} ${response.statusText}`.trim()),
      `, ${ms} ms, ${new Blob([text]).size} bytes`,
    ),
    create(
      'details',
      {},
      create('summary', {}, `${headers.length} headers`),
      create('pre', {tabIndex: 0}, headers.join('\n')),
    ),
    create(
      'pre',
      {tabIndex: 0, className: 'body'},
      shorten(readable(text, response.headers.get('content-type') ?? '')),
    ),
  );
}

/** The text of a body to read: JSON in lines, everything else as it came. */
function readable(text: string, contentType: string): string {
  if (!isJsonType(contentType)) return text;
  try {
    return formatJson(JSON.parse(text));
  } catch {
    // shown as it is, so that one can see what is wrong with it
    return text;
  }
}

function shorten(text: string): string {
  return text.length <= maxShown
    ? text
    : `${text.slice(0, maxShown)}\n… and ${text.length - maxShown} characters more`;
}
