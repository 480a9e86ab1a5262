import {createHash} from 'node:crypto';
import type {Problem} from '../rows/problem.ts';
import type {Handler} from './reply.ts';

type Content = string | Uint8Array<ArrayBuffer>;

/**
 * Creates the handler of content that does not change while the server runs. It is made when first asked for and
 * kept; a problem is not. Who has it already, by its ETag, is told so.
 */
export function createKeptHandler(
  make: () => Content | Problem | Promise<Content | Problem>,
  headers: Readonly<Record<string, string>> = {},
): Handler {
  let kept: {body: Content; etag: string; headers: Record<string, string>} | undefined;
  return async request => {
    if (kept === undefined) {
      const body = await make();
      if (typeof body === 'object' && 'problem' in body) return body;
      // Weak, as it is the same for content that was packed. Clients ask each time, since the next model has other content.
      const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
      kept = {body, etag, headers: {'cache-control': 'no-cache', etag, ...headers}};
    }
    const held = request.headers.get('if-none-match');
    const isHeld = held !== null && (held.trim() === '*' || held.includes(kept.etag.slice(2)));
    return isHeld
      ? {status: 304, body: null, headers: kept.headers}
      : {status: 200, body: kept.body, headers: kept.headers};
  };
}
