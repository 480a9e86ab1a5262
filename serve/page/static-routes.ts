import type {Route} from '../http/route.ts';

const headers = {
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

/** A route for a text that browsers load, which is made when first asked for. */
export function createStaticRoute(path: string, type: keyof typeof mediaTypes, make: () => string): Route {
  let body: string | undefined;
  return {
    method: 'GET',
    path,
    handler: () => {
      body ??= make();
      return {status: 200, body, headers: {...headers, 'content-type': mediaTypes[type]}};
    },
  };
}
