import {createKeptHandler} from '../http/kept.ts';
import type {Route} from '../http/route.ts';

const headers = {
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

/** Creates a route for a file that browsers load. */
export function createStaticRoute(
  path: string,
  type: keyof typeof mediaTypes,
  make: Parameters<typeof createKeptHandler>[0],
): Route {
  const handler = createKeptHandler(make, {...headers, 'content-type': mediaTypes[type]});
  return {method: 'GET', path, open: 'page', handler};
}
