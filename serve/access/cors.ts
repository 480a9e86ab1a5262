/** Tells browsers which scripts of other sites may ask, as the Fetch standard says (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export type Cors = {
  /** Adds to the headers of an answer what the browser needs to know, `origin` being what it sent. */
  addTo(headers: Record<string, string>, origin: string | null | undefined): void;
  /** Gives the further headers of the answer to a preflight request; undefined for another request. */
  answerPreflight(request: Request): Record<string, string> | undefined;
};

const preflightSeconds = 7_200;

/** @param origins the scripts of these may ask; exact, such as `https://app.example.com`. Without any, undefined. */
export function createCors(origins: readonly string[]): Cors | undefined {
  if (origins.length === 0) return undefined;
  return {
    addTo(headers, origin) {
      // A cache must not give the answer for one origin, or for none, to another.
      headers.vary = headers.vary === undefined ? 'origin' : `${headers.vary}, origin`;
      if (origin == null || !origins.includes(origin)) return;
      headers['access-control-allow-origin'] = origin;
      headers['access-control-expose-headers'] = '*';
    },
    answerPreflight({headers}) {
      const origin = headers.get('origin');
      if (origin === null || !headers.has('access-control-request-method')) return undefined;
      if (!origins.includes(origin)) return {};
      return {
        'access-control-allow-methods': 'GET, HEAD, POST',
        // The asterisk stands for all but this one.
        'access-control-allow-headers': '*, authorization',
        'access-control-max-age': String(preflightSeconds),
      };
    },
  };
}
