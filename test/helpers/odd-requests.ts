import {METHODS} from 'node:http';
import fc from 'fast-check';
import {type Json, nearTo, nearToText, withNumbers} from './mutation.ts';

/** Stands in requests for what must never come back. */
export const secret = 'sesame';

const texts = fc.oneof(
  fc.constantFrom(
    secret,
    `${secret}\u0000`,
    '1e999',
    '-1e999',
    'NaN',
    'null',
    '__proto__',
    '"',
    '\\',
    ',',
    ';',
    '\n',
    '\r',
    '\ufeff',
    '\ud800',
    '0x1',
    '[',
    ']',
    '{',
    '}',
  ),
  fc.string({maxLength: 8}),
  fc.string({unit: 'binary', maxLength: 4}).map(text => secret + text),
);

/** An example of a body that `/predict` takes where the model has two features. */
export const usual = {type: 'application/json', value: {features: [1, 2]} as unknown};

const numbers = fc.oneof(
  fc.double({noNaN: true, noDefaultInfinity: true}),
  fc.constantFrom(1.7976931348623157e308, -1.7976931348623157e308, 5e-324, 1e154, 2 ** 53 + 2, -0),
);

/** Methods, known ones more often. */
export const methods = fc.oneof(
  {weight: 3, arbitrary: fc.constantFrom('GET', 'POST')},
  // node's client would wait for a tunnel
  fc.constantFrom(...METHODS.filter(method => method !== 'CONNECT')),
);

/** What a header may have: no control characters. */
const headerTexts = fc.oneof(
  fc.string({maxLength: 20}),
  fc.string({unit: fc.integer({min: 0xa0, max: 0xff}).map(code => String.fromCharCode(code)), maxLength: 5}),
  fc.constantFrom(secret, `${secret};q=1`, `"${secret}`),
);

const mediaTypes = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'application/json',
      'text/csv',
      'text/csv; header=absent',
      'text/csv; header="present"; charset=latin1',
      'application/x-ndjson',
      'application/vnd.x+json; charset=utf-16',
      'multipart/form-data',
      'application/octet-stream',
      '*/*',
      'text/*;q=0.5, application/json;q=0',
    ),
  },
  headerTexts,
);

/** Headers of requests, none of them needed. */
export const headers = fc.record(
  {
    'content-type': mediaTypes,
    accept: mediaTypes,
    'x-request-id': fc.oneof(headerTexts, fc.constantFrom('a', 'x'.repeat(200), 'a b')),
    'content-encoding': fc.oneof(fc.constantFrom('gzip', 'identity', 'br, gzip', ''), headerTexts),
    'inference-header-content-length': fc.constantFrom('0', '12', secret),
    'accept-encoding': fc.constantFrom('gzip', 'deflate, gzip;q=0', 'identity;q=0'),
    traceparent: fc.constantFrom('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', secret),
    expect: fc.constantFrom('100-continue', secret),
    range: fc.constantFrom('bytes=0-1', secret),
    'if-none-match': fc.constantFrom('*', `"${secret}"`),
    origin: fc.constantFrom('null', `https://${secret}.test`),
    'x-forwarded-host': headerTexts,
    [`x-${secret}`]: headerTexts,
  },
  {requiredKeys: []},
) as fc.Arbitrary<Record<string, string>>;

/** Queries, none more often. */
export const queries = fc.oneof(
  {weight: 3, arbitrary: fc.constant('')},
  fc.constantFrom(
    '?interval=0.9',
    '?interval=0',
    '?interval=1e-320',
    '?interval=NaN',
    '?interval=',
    `?interval=${secret}`,
    `?${secret}`,
  ),
  texts.map(text => `?interval=${encodeURIComponent(text.toWellFormed())}`),
  texts.map(text => `?${escapeTarget(text)}`),
);

/** A body as it is told of when a test fails: a long one is a short one many times. */
export type Body = {type?: string; text: string; encoding?: 'latin1'; times?: number};

/**
 * Bodies of any kind, most of them near to one that the server would take.
 *
 * @param maxBodyBytes one of them has a byte more.
 */
export function bodiesNear(
  examples: readonly {type: string; value: unknown}[],
  maxBodyBytes: number,
): fc.Arbitrary<Body> {
  const near = fc.constantFrom(...examples).chain(({type, value}) => {
    if (typeof value === 'string') return nearToText(value, texts).map((text): Body => ({type, text}));
    const taken = withNumbers(value as Json, numbers).map(json => JSON.stringify(json));
    const edited = nearTo(value as Json, numbers, texts).map(json => JSON.stringify(json));
    const spliced = edited.chain(text => nearToText(text, texts));
    return fc.oneof(taken, edited, spliced).map((text): Body => ({type, text}));
  });
  const others: fc.Arbitrary<Body> = fc.oneof(
    fc.constant({text: ''}),
    fc.json({maxDepth: 4}).map(text => ({text})),
    fc
      .uint8Array({maxLength: 100})
      .map(bytes => ({text: Buffer.from(bytes).toString('latin1'), encoding: 'latin1' as const})),
    fc.record({
      text: fc.constantFrom('[', '{"features":', '{"inputs":[{"data":[', '{"a":', '[1,2],', '1,2\n', ' '),
      times: fc.constantFrom(10, 1_000, 9_000),
    }),
    fc.constant({text: ' ', times: maxBodyBytes + 1}),
  );
  return fc.oneof({weight: 4, arbitrary: near}, {weight: 1, arbitrary: others});
}

/** What follows the method in the first line of a request: near to a path, or any other. */
export function targetsNear(paths: readonly string[]): fc.Arbitrary<string> {
  const parts = fc.oneof(
    texts,
    fc.constantFrom('/', '//', '/../', '%2F', '%00', '%', '%zz', '?', '#', ':', '*', '\\'),
  );
  const near = fc.constantFrom(...paths).chain(path => nearToText(path, parts));
  return fc
    .oneof(near, fc.webPath(), texts)
    .map(text => escapeTarget(text.startsWith('/') ? text : `/${text}`));
}

/** A text as it may stand in the first line of a request. */
function escapeTarget(text: string): string {
  return text.toWellFormed().replace(/[^!-~]/gu, encodeURIComponent);
}
