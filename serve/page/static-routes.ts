import {createHash} from 'node:crypto';
import type {Route} from '../http/route.ts';
import type {Problem} from '../rows/problem.ts';

const headers = {
  // A browser asks each time whether what it has is still the newest, and mostly gets 304.
  'cache-control': 'no-cache',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const mediaTypes = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

type Content = string | Uint8Array<ArrayBuffer>;

/** Creates a route for a file that browsers load, which is made when first asked for; a problem is not kept, but asked for again. */
export function createStaticRoute(
  path: string,
  type: keyof typeof mediaTypes,
  make: () => Content | Problem | Promise<Content | Problem>,
): Route {
  let kept: {body: Content; headers: Record<string, string>} | undefined;
  return {
    method: 'GET',
    path,
    open: 'page',
    handler: async request => {
      if (kept === undefined) {
        const body = await make();
        if (typeof body === 'object' && 'problem' in body) return body;
        const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
        kept = {body, headers: {...headers, etag, 'content-type': mediaTypes[type]}};
      }
      const isHeld = request.headers.get('if-none-match')?.includes(kept.headers.etag ?? '') ?? false;
      return isHeld ? {status: 304, body: null, headers: kept.headers} : {status: 200, ...kept};
    },
  };
}
