import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {type RawResponse, readResponses} from '../../helpers/raw-http.ts';
import {planeContent} from '../../helpers/server-artifact.ts';
import {
  bundleServer,
  openConnection,
  type RunningServer,
  type ServerBundle,
  startServer,
  stopServer,
} from '../../helpers/server-process.ts';

// y = 2a + 3b + 5
const {artifact, text: modelText} = sealArtifact(planeContent());
const body = '{"features": [[1, 1]]}';
const answer = `{"prediction":[10],"model_version":"${artifact.version}"}`;
const json = 'Content-Type: application/json\r\n';
/** Stands in every input for what must never come back. */
const secret = 'sesame';

let bundle: ServerBundle;
let server: RunningServer;

beforeAll(async () => {
  bundle = await bundleServer(modelText);
  server = await startServer(bundle);
});
afterAll(async () => {
  // One server has met all of this: it is well, it has had nothing to complain of, and its log is whole.
  server.child.kill('SIGTERM');
  const {code, stdout, stderr} = await server.exited;
  expect({code, stderr}).toEqual({code: 0, stderr: ''});
  expect(stdout).not.toContain(secret);
  for (const line of stdout.trimEnd().split('\n')) {
    expect(['info', 'debug']).toContain(JSON.parse(line).level);
  }
  await stopServer(server);
  await bundle.remove();
});

/** The head of `POST /predict`; with the length of `body` unless other headers say how long it is. */
function head(
  headers = `Content-Length: ${body.length}\r\n`,
  target = '/predict',
  version = 'HTTP/1.1',
): string {
  return `POST ${target} ${version}\r\nHost: ${secret}.test\r\n${json}${headers}\r\n`;
}

const chunked = head('Transfer-Encoding: chunked\r\n');

type Exchange = {
  /** What is sent, in pieces a moment apart. */
  send: string | readonly (string | Buffer)[];
  /** Whether the client then closes its side, and only reads. */
  end?: boolean;
  /** The statuses of the answers in their order. */
  statuses: readonly number[];
  /** Whether the server closes the connection. */
  closes?: boolean;
};

/** Sends, then reads until the expected answers, or the end of the connection, have come; a hang fails the test. */
async function converse({send, end = false, statuses, closes = false}: Exchange): Promise<RawResponse[]> {
  const {socket, received, closed} = openConnection(server.port);
  await once(socket, 'connect');
  const pieces = typeof send === 'string' ? [send] : send;
  for (const [i, piece] of pieces.entries()) {
    if (end && i === pieces.length - 1) {
      socket.end(piece);
    } else {
      socket.write(piece);
      await sleep(2);
    }
  }
  const complete = async () => {
    while (readResponses(received()).length < statuses.length && !socket.destroyed) await sleep(5);
  };
  const isOver = await Promise.race([closes ? closed : complete(), sleep(5_000, 'hangs')]);
  socket.destroy();
  expect(isOver, received()).not.toBe('hangs');
  const responses = readResponses(received(), true);
  expect(responses.map(({status}) => status)).toEqual(statuses);
  expect(received()).not.toContain(secret);
  for (const {status, headers, body: content} of responses) {
    if (status < 200) continue;
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-model-version': artifact.version,
      'x-request-id': expect.stringMatching(/^[\w.-]+$/),
    });
    if (status >= 400) expect(Object.keys(JSON.parse(content).error)).toEqual(['code', 'message', 'fields']);
  }
  if (closes && !end) expect(responses.at(-1)?.headers.connection).toBe('close');
  await expectWell();
  return responses;
}

async function expectWell(): Promise<void> {
  const {socket, receive} = openConnection(server.port);
  socket.write(head() + body);
  await receive(answer);
  socket.destroy();
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

describe('a whole request is answered', () => {
  const ok = {statuses: [200]} as const;
  const cases: [string, Exchange][] = [
    ['in one piece', {...ok, send: head() + body}],
    ['byte by byte', {...ok, send: [...(head() + body)]}],
    ['behind empty lines', {...ok, send: `\r\n\r\n${head()}${body}`}],
    ['by a client that then closes its side', {...ok, send: head() + body, end: true, closes: true}],
    [
      'by a client that closes its side later',
      {...ok, send: [head() + body.slice(0, 9), body.slice(9)], end: true, closes: true},
    ],
    ['in chunks', {...ok, send: chunked + chunk(body.slice(0, 7)) + chunk(body.slice(7)) + chunk('')}],
    [
      'in chunks, byte by byte',
      {...ok, send: [...(chunked + chunk(body.slice(0, 7)) + chunk(body.slice(7)) + chunk(''))]},
    ],
    ['in chunks of one byte', {...ok, send: [chunked, ...[...body].map(chunk), chunk('')]}],
    [
      'in chunks with extensions',
      {...ok, send: `${chunked}${body.length.toString(16)};${secret}=1\r\n${body}\r\n0\r\n\r\n`},
    ],
    ['in chunks with trailers', {...ok, send: `${chunked}${chunk(body)}0\r\nX-Trailer: ${secret}\r\n\r\n`}],
    ['in the absolute form', {...ok, send: head(undefined, 'http://other.test/predict') + body}],
    ['with a query', {...ok, send: head(undefined, `/predict?x=%00&${secret}`) + body}],
    ['in HTTP/1.0', {...ok, send: head(undefined, '/predict', 'HTTP/1.0') + body, closes: true}],
    [
      'in HTTP/1.0 without a Host',
      {
        ...ok,
        send: `POST /predict HTTP/1.0\r\n${json}Content-Length: ${body.length}\r\n\r\n${body}`,
        closes: true,
      },
    ],
    [
      'in HTTP/1.0, kept alive',
      {
        statuses: [200, 200],
        send: (
          head(`Connection: keep-alive\r\nContent-Length: ${body.length}\r\n`, '/predict', 'HTTP/1.0') + body
        ).repeat(2),
      },
    ],
    [
      'that closes',
      {...ok, send: head(`Connection: close\r\nContent-Length: ${body.length}\r\n`) + body, closes: true},
    ],
    [
      'that offers an upgrade',
      {
        ...ok,
        send: head(`Connection: Upgrade\r\nUpgrade: ${secret}\r\nContent-Length: ${body.length}\r\n`) + body,
      },
    ],
    [
      'that expects to be told to continue',
      {
        statuses: [100, 200],
        send: [head(`Expect: 100-continue\r\nContent-Length: ${body.length}\r\n`), body],
      },
    ],
    [
      'that expects something else',
      {...ok, send: head(`Expect: ${secret}\r\nContent-Length: ${body.length}\r\n`) + body},
    ],
    [
      'with many headers',
      {...ok, send: head(`${'X: y\r\n'.repeat(500)}Content-Length: ${body.length}\r\n`) + body},
    ],
    [
      'with names that objects have',
      {
        ...ok,
        send: head(`__proto__: ${secret}\r\nconstructor: x\r\nContent-Length: ${body.length}\r\n`) + body,
      },
    ],
    [
      'with a header of bytes that are not ASCII',
      {
        ...ok,
        send: [Buffer.from(head(`X: \xff\xfe\r\nContent-Length: ${body.length}\r\n`) + body, 'latin1')],
      },
    ],
  ];
  test.each(cases)('%s', async (_, exchange) => {
    const responses = await converse(exchange);
    for (const {status, body: content} of responses) if (status !== 100) expect(content).toBe(answer);
  });

  test.each([
    ['application/json', `{"features":[${Array(100_000).fill('[1,1]')}]}`, 100_000 * 3],
    ['application/x-ndjson', '[1,1]\n'.repeat(100_000), 100_000 * '{"prediction":10}\n'.length],
  ])(
    'in full, also when it takes a while and the client has closed its side: %s',
    async (type, text, bytes) => {
      const {socket, closed} = openConnection(server.port);
      socket.end(
        `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
      );
      const [response] = readResponses(await closed, true);
      expect(response?.status).toBe(200);
      expect(response?.body.length).toBeGreaterThanOrEqual(bytes);
    },
  );

  test('pipelined with others, in their order', async () => {
    const rows = Array.from({length: 500}, (_, i) => `{"features": [[${i}, 1]]}`);
    const requests = rows.map(row => head(`Content-Length: ${row.length}\r\n`) + row);
    const responses = await converse({send: requests.join(''), statuses: rows.map(() => 200)});
    expect(responses.map(({body: content}) => JSON.parse(content).prediction[0])).toEqual(
      rows.map((_, i) => 2 * i + 8),
    );
  });

  test('pipelined with other kinds, in their order', async () => {
    const check = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
    const wrong = head('Content-Length: 2\r\n');
    const responses = await converse({
      send: `${head()}${body}${check}${wrong}{}${chunked}${chunk(body)}${chunk('')}${check}`,
      statuses: [200, 200, 400, 200, 200],
    });
    expect(responses.map(({body: content}) => content.slice(0, 12))).toEqual([
      answer.slice(0, 12),
      '{"status":"a',
      '{"error":{"c',
      answer.slice(0, 12),
      '{"status":"a',
    ]);
  });
});

describe('what is not a request for a prediction is refused', () => {
  const cases: [string, number, string][] = [
    ['a path with two slashes', 404, head(undefined, '//predict') + body],
    ['a path with a null byte in disguise', 404, head(undefined, '/predict%00') + body],
    ['a path with a slash in disguise', 404, head(undefined, `/%2e%2e%2f${secret}`) + body],
    ['a path that climbs', 404, head(undefined, `/../../${secret}`) + body],
    ['a path that is not UTF-8', 404, head(undefined, '/%ff%fe') + body],
    ['a path with half an escape', 404, head(undefined, '/%') + body],
    ['another method', 405, `DELETE /predict HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['TRACE', 405, `TRACE /predict HTTP/1.1\r\nHost: x\r\nX: ${secret}\r\n\r\n`],
    ['a null byte in the body', 400, `${head('Content-Length: 3\r\n')}{\0}`],
    ['no body', 400, head('')],
    ['an empty body', 400, head('Content-Length: 0\r\n')],
    ['an empty body in chunks', 400, chunked + chunk('')],
    ['a body shorter than JSON', 400, head('Content-Length: 9\r\n') + body.slice(0, 9)],
  ];
  test.each(cases)('%s, with %i', async (_, status, send) => {
    const [response] = await converse({send, statuses: [status]});
    if (status === 405) expect(response?.headers.allow).toMatch(/POST/);
  });
});

describe('what is not HTTP is refused, and the connection closed', () => {
  const bad = {statuses: [400], closes: true} as const;
  const cases: [string, Exchange][] = [
    ['no HTTP at all', {...bad, send: `${secret}\r\n\r\n`}],
    ['the start of TLS', {...bad, send: [Buffer.from('16030100c8010000c40303', 'hex')]}],
    ['HTTP/0.9, which it answers', {statuses: [404], closes: true, send: `GET /${secret}\r\n\r\n`}],
    ['HTTP/3.0', {...bad, send: head(undefined, '/predict', 'HTTP/3.0') + body}],
    ['the preface of HTTP/2', {...bad, send: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'}],
    [
      'no Host',
      {...bad, send: `POST /predict HTTP/1.1\r\n${json}Content-Length: ${body.length}\r\n\r\n${body}`},
    ],
    ...['a/b', 'a@b', 'a b', 'a?b', 'ä'].map((host): [string, Exchange] => [
      `the Host ${JSON.stringify(host)}`,
      {...bad, send: head().replace(`${secret}.test`, `${secret}${host}`) + body},
    ]),
    ...['Host', 'hOST'].map((name): [string, Exchange] => [
      `a second ${name}`,
      {...bad, send: head(`${name}: ${secret}.test\r\n`) + body},
    ]),
    [
      'a broken Host of a health check',
      {...bad, send: `GET /healthz HTTP/1.1\r\nHost: a/b@${secret}\r\n\r\n`},
    ],
    ['a path without a slash', {...bad, send: head(undefined, secret) + body}],
    ['a backslash for a slash', {...bad, send: head(undefined, `\\${secret}`) + body}],
    [
      'an absolute path that cannot be read',
      {...bad, send: head(undefined, `http://[${secret}/predict`) + body},
    ],
    ['an asterisk', {...bad, send: 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n'}],
    ['a method in lower case', {...bad, send: `post /predict HTTP/1.1\r\nHost: x\r\n\r\n`}],
    ['a method that nobody knows', {...bad, send: `${secret.toUpperCase()} / HTTP/1.1\r\nHost: x\r\n\r\n`}],
    ['a space in the path', {...bad, send: head(undefined, `/a ${secret}`) + body}],
    ['a null byte in the path', {...bad, send: head(undefined, `/${secret}\0`) + body}],
    [
      'a null byte in a header',
      {...bad, send: head(`X: ${secret}\0\r\nContent-Length: ${body.length}\r\n`) + body},
    ],
    [
      'a header without a colon',
      {...bad, send: head(`${secret}\r\nContent-Length: ${body.length}\r\n`) + body},
    ],
    ['a space before the colon', {...bad, send: head(`X : y\r\nContent-Length : ${body.length}\r\n`) + body}],
    [
      'a header on two lines',
      {...bad, send: head(`X: y\r\n ${secret}: z\r\nContent-Length: ${body.length}\r\n`) + body},
    ],
    ['lines that end in LF alone', {...bad, send: (head() + body).replaceAll('\r\n', '\n')}],
    ['lines that end in CR alone', {...bad, send: (head() + body).replaceAll('\r\n', '\r')}],
    ...['-5', '+22', '2 2', '22,22', '0x16', '1e1', 'x', '', '22.0', '99999999999999999999999'].map(
      (length): [string, Exchange] => [
        `the length ${JSON.stringify(length)}`,
        {...bad, send: head(`Content-Length: ${length}\r\n`) + body},
      ],
    ),
    ['two lengths that agree', {...bad, send: head('Content-Length: 22\r\nContent-Length: 22\r\n') + body}],
    ['two lengths that differ', {...bad, send: head('Content-Length: 22\r\nContent-Length: 5\r\n') + body}],
    [
      'a length and chunks',
      {...bad, send: head('Content-Length: 22\r\nTransfer-Encoding: chunked\r\n') + chunk(body) + chunk('')},
    ],
    [
      'chunks and a length',
      {...bad, send: head('Transfer-Encoding: chunked\r\nContent-Length: 22\r\n') + chunk(body) + chunk('')},
    ],
    ['an encoding that is not chunks', {...bad, send: head('Transfer-Encoding: gzip\r\n') + body}],
    ['an encoding behind chunks', {...bad, send: head('Transfer-Encoding: chunked, gzip\r\n') + body}],
    ['a length behind chunks', {...bad, send: `${chunked}${chunk(body)}0\r\nContent-Length: 3\r\n\r\n`}],
    ['a chunk whose size is no number', {...bad, send: `${chunked}${secret}\r\n${body}\r\n0\r\n\r\n`}],
    ['a chunk whose size is negative', {...bad, send: `${chunked}-5\r\n${body}\r\n0\r\n\r\n`}],
    [
      'a chunk whose size is too large for anything',
      {...bad, send: `${chunked}fffffffffffffffff\r\n${body}`},
    ],
    ['a chunk longer than its size', {...bad, send: `${chunked}5\r\n${body}\r\n0\r\n\r\n`}],
    ['a bad chunk behind a good one', {...bad, send: [chunked, chunk(body), `${secret}\r\n`]}],
    ['chunks that the connection ends amid', {...bad, send: chunked + chunk(body), end: true}],
    ['a body that the connection ends amid', {...bad, send: head() + body.slice(0, -1), end: true}],
    ['a head that the connection ends amid', {...bad, send: head().slice(0, -2), end: true}],
    [
      'a request behind the last',
      {
        statuses: [200],
        closes: true,
        send: head(`Connection: close\r\nContent-Length: ${body.length}\r\n`) + body + head() + body,
      },
    ],
  ];
  test.each(cases)('%s', async (_, exchange) => {
    const responses = await converse(exchange);
    for (const {status, body: content} of responses) {
      if (status === 400) expect(JSON.parse(content).error.code).toBe('malformed_request');
    }
  });

  test('a body longer than its length, which begins the next request', async () => {
    const send = head(`Content-Length: ${body.length - 1}\r\n`) + body;
    const responses = await converse({send, statuses: [400, 400], closes: true});
    expect(responses.map(({body: content}) => JSON.parse(content).error.code)).toEqual([
      'malformed_json',
      'malformed_request',
    ]);
  });

  test.each([
    ['a broken request', `${secret}\r\n\r\n`],
    ['a request without a Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a body broken off', `${chunked}${secret}\r\n`],
  ])('%s behind good ones, which are answered first', async (_, broken) => {
    const responses = await converse({
      send: (head() + body).repeat(3) + broken,
      statuses: [200, 200, 200, 400],
      closes: true,
    });
    expect(responses.slice(0, 3).map(({body: content}) => content)).toEqual([answer, answer, answer]);
  });

  test.each([
    ['a header', head(`X: ${secret.repeat(20_000)}\r\n`)],
    ['a path', head('', `/${secret.repeat(20_000)}`)],
    ['many headers', head(`X-${secret}: y\r\n`.repeat(20_000))],
    ['trailers', `${chunked}${chunk(body)}0\r\n${`X-${secret}: y\r\n`.repeat(20_000)}\r\n`],
  ])('too large %s', async (_, send) => {
    const [response] = await converse({send, statuses: [431], closes: true});
    expect(JSON.parse(response?.body ?? '')).toEqual({
      error: {code: 'headers_too_large', message: 'The headers of the request are too large.', fields: []},
    });
  });

  test('CONNECT, because the server is no proxy', async () => {
    const send = `CONNECT ${secret}:443 HTTP/1.1\r\nHost: ${secret}\r\n\r\n`;
    const [response] = await converse({send, statuses: [405], closes: true});
    expect(response?.headers.allow).toBe('GET, HEAD, POST');
  });
});

test('whatever is sent, and then no more, is answered and the connection closed', async () => {
  const good = fc.constantFrom(
    head() + body,
    chunked + chunk(body) + chunk(''),
    // no damage below makes a good id of this one, which would be given back
    `${head(`X-Request-Id: ${'!'.repeat(40)}${secret}!\r\nContent-Length: ${body.length}\r\n`)}${body}`,
    'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
  );
  const part = fc.oneof(
    fc.constantFrom(
      '\r\n',
      '\n',
      '\r',
      '\0',
      ' ',
      ':',
      '0',
      '-1',
      'Content-Length: 3\r\n',
      'HTTP/1.1',
      chunk(''),
    ),
    fc.string({maxLength: 5, unit: 'binary'}),
  );
  const damage = fc.record({at: fc.nat(200), cut: fc.nat(10), part});
  const stream = fc
    .tuple(fc.array(good, {minLength: 1, maxLength: 3}), fc.array(damage, {maxLength: 3}))
    .map(([requests, damages]) =>
      damages.reduce(
        (text, {at, cut, part}) => text.slice(0, at) + part + text.slice(at + cut),
        requests.join(''),
      ),
    );
  await fc.assert(
    fc.asyncProperty(stream, async text => {
      const {socket, closed} = openConnection(server.port);
      socket.end(text);
      const received = await Promise.race([closed, sleep(5_000, undefined)]);
      if (received === undefined) throw new Error('hangs');
      for (const {status, headers} of readResponses(received, true)) {
        expect(status === 100 || (status >= 200 && status < 500)).toBe(true);
        if (status !== 100) expect(headers).toHaveProperty('x-request-id');
      }
      expect(received).not.toContain(secret);
    }),
    {numRuns: 1_000},
  );
  await expectWell();
});

describe('a client that leaves', () => {
  const rows = Array.from({length: 100_000}, () => '[1,1]');
  const batch = `{"features":[${rows}]}`;
  const batchHead = head(`Content-Length: ${batch.length}\r\n`);

  test.each([
    ['before it sends', []],
    ['amid the head', [head().slice(0, 30)]],
    ['behind the head', [head()]],
    ['amid the body', [head(), body.slice(0, 5)]],
    ['amid a large body', [batchHead, batch.slice(0, 300_000)]],
    ['amid chunks', [chunked, chunk(body), '5\r\n{']],
    ['behind a request', [head() + body]],
    ['behind many requests', [(head() + body).repeat(200)]],
    ['before it reads a large answer', [batchHead, batch]],
  ])('%s, with and without a word', async (_, pieces) => {
    for (const leave of ['destroy', 'resetAndDestroy'] as const) {
      for (const waitMs of [0, 30]) {
        const {socket, closed} = openConnection(server.port);
        await once(socket, 'connect');
        for (const piece of pieces) socket.write(piece);
        await sleep(waitMs);
        socket[leave]();
        await closed.catch(() => {});
      }
    }
    await expectWell();
  });

  test('amid a large answer', async () => {
    const {socket, closed} = openConnection(server.port);
    socket.write(batchHead + batch);
    await once(socket, 'data');
    socket.destroy();
    await closed;
    await expectWell();
  });
});
