import {deflateSync, gzipSync} from 'node:zlib';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import type {ServiceOptions} from '../../../serve/http/service.ts';
import {
  irisArtifact,
  pairArtifact,
  planeArtifact,
  uncertainPlaneContent,
} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

// The plane is y = 2a + 3b + 5, trained on a from 0 to 2 m and b from 0 to 4.
const plane = planeArtifact();
const type = {'content-type': 'application/x-ndjson'};
const maxLineBytes = 1024 * 1024;
const shapes = '[a, b], {"a": number, "b": number} or {"features": [a, b]}';

async function send(
  body: string | Uint8Array | ReadableStream,
  {
    artifact = plane,
    query = '',
    ...options
  }: Partial<ServiceOptions> & {artifact?: typeof plane; query?: string} = {},
): Promise<string> {
  const response = await createTestApp(artifact, options).post(`/predict${query}`, body, type);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  return response.text();
}

/** A body that arrives in these pieces; `pulled` says how many were asked for. */
function streamOf(pieces: Iterable<string | Uint8Array>) {
  const source = pieces[Symbol.iterator]();
  let pulled = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = source.next();
        if (next.done) return controller.close();
        pulled++;
        controller.enqueue(typeof next.value === 'string' ? Buffer.from(next.value) : next.value);
      },
      cancel() {
        cancelled = true;
      },
    },
    {highWaterMark: 0},
  );
  return {body, pulled: () => pulled, cancelled: () => cancelled};
}

function* repeat(piece: string): Generator<string> {
  for (;;) yield piece;
}

describe('POST /predict with a row of JSON a line', () => {
  test('answers a line for each, in order, whatever its form', async () => {
    expect(await send('[0,0]\n{"a":1,"b":1}\n{"features":[2,0.5]}\n{"b":0,"a":1}\n')).toBe(
      '{"prediction":5}\n{"prediction":10}\n{"prediction":10.5}\n{"prediction":7}\n',
    );
  });

  test('answers a list for several targets: their sum and their difference', async () => {
    expect(await send('[2, 3]\n', {artifact: pairArtifact()})).toBe('{"prediction":[5,-1]}\n');
  });

  // Value of scikit-learn's LinearRegression.predict for the same coefficients.
  test('answers what scikit-learn does for iris', async () => {
    const {prediction} = JSON.parse(await send('[5.1, 3.5, 0.2]', {artifact: irisArtifact()}));
    expect(Math.abs(prediction - 1.4892105741903334)).toBeLessThanOrEqual(1e-12);
  });

  test.each([
    'application/x-ndjson',
    'application/ndjson',
    'application/jsonl',
    'application/jsonlines',
    'Application/X-NDJSON; charset=utf-8',
  ])('takes the content type %s', async contentType => {
    const {post} = createTestApp(plane);
    const response = await post('/predict', '[1,1]', {'content-type': contentType});
    expect(await response.text()).toBe('{"prediction":10}\n');
  });

  test('names the inputs outside the training range, and predicts all the same', async () => {
    expect(await send('[1,1]\n[3,1]\n{"a":1,"b":-1}\n{"features":[1,5]}')).toBe(
      '{"prediction":10}\n' +
        '{"prediction":14,"warnings":[{"path":"line 2[0]","message":"a is above its training range, 0 to 2 m"}]}\n' +
        '{"prediction":4,"warnings":[{"path":"line 3.b","message":"b is below its training range, 0 to 4"}]}\n' +
        '{"prediction":22,"warnings":[{"path":"line 4.features[1]","message":"b is above its training range, 0 to 4"}]}\n',
    );
  });

  // see uncertainPlaneContent: in the middle the leverage is 1/4, at a = 1.5, b = 3 it is 3/4
  test('answers with the bounds of the interval asked for', async () => {
    const artifact = sealArtifact(uncertainPlaneContent()).artifact;
    const lines = (await send('[1,2]\n[1.5,3]\n', {artifact, query: '?interval=0.95'})).trim().split('\n');
    const half = (leverage: number) => 12.706204736174694 * 0.5 * Math.sqrt(1 + leverage);
    const [middle, corner] = lines.map(line => JSON.parse(line));
    expect(Object.keys(middle)).toEqual(['prediction', 'lower', 'upper']);
    expect(middle.prediction).toBe(13);
    expect(middle.lower).toBeCloseTo(13 - half(0.25), 9);
    expect(middle.upper).toBeCloseTo(13 + half(0.25), 9);
    expect(corner.upper - corner.prediction).toBeCloseTo(half(0.75), 9);
  });

  test.each([
    [
      'a level that is none',
      sealArtifact(uncertainPlaneContent()).artifact,
      '2',
      {
        code: 'invalid_input',
        message: '1 value is not what this model expects.',
        fields: [
          {
            path: 'interval',
            message: 'expected a number above 0 and at most 0.9999, such as 0.95; found another number',
          },
        ],
      },
    ],
    [
      'an interval of a model that has none',
      plane,
      '0.95',
      {
        code: 'invalid_input',
        message:
          'This model has no prediction intervals: it was trained on as many rows as it has coefficients. Ask without "interval".',
        fields: [],
      },
    ],
  ])('refuses %s once, with status 400', async (_what, artifact, level, error) => {
    const response = await createTestApp(artifact).post(`/predict?interval=${level}`, '[1,1]\n[1,1]\n', type);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({error});
  });

  test('takes any number of bytes and rows', async () => {
    const answers = await send('[1,1]\n'.repeat(3000));
    expect(answers).toBe('{"prediction":10}\n'.repeat(3000));
  });

  test('is closed while the server starts', async () => {
    const response = await createTestApp(plane, {phase: () => 'starting'}).post('/predict', '[1,1]\n', type);
    expect(response.status).toBe(503);
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('unpacks %s as it arrives', async (coding, pack) => {
    const headers = {...type, 'content-encoding': coding};
    const response = await createTestApp(plane).post('/predict', pack('[1,1]\n[2,0.5]'), headers);
    expect(await response.text()).toBe('{"prediction":10}\n{"prediction":10.5}\n');
  });

  test('says in its last line that the body is not packed as it says', async () => {
    const headers = {...type, 'content-encoding': 'gzip'};
    const packed = gzipSync('[1,1]\n'.repeat(2)).subarray(0, -1);
    const response = await createTestApp(plane).post('/predict', packed, headers);
    expect((await response.text()).trimEnd().split('\n').at(-1)).toBe(
      '{"error":{"code":"malformed_encoding","message":"The body is not whole and valid gzip, as its content-encoding says.","fields":[]}}',
    );
  });

  test('refuses a body packed in another way', async () => {
    const headers = {...type, 'content-encoding': 'br'};
    const response = await createTestApp(plane).post('/predict', '[1,1]\n', headers);
    expect(response.status).toBe(415);
  });
});

describe('a line that is wrong', () => {
  const errorLine = (code: string, message: string, fields: [string, string][]) =>
    `${JSON.stringify({error: {code, message, fields: fields.map(([path, text]) => ({path, message: text}))}})}\n`;
  const one = '1 value is not what this model expects.';
  const cases: [string, string][] = [
    ['secret', errorLine('malformed_json', 'The line is not JSON.', [['line 2', `expected ${shapes}`]])],
    ['[1,1', errorLine('malformed_json', 'The line is not JSON.', [['line 2', `expected ${shapes}`]])],
    ['[1,1][1,1]', errorLine('malformed_json', 'The line is not JSON.', [['line 2', `expected ${shapes}`]])],
    ['"secret"', errorLine('invalid_input', one, [['line 2', `expected ${shapes}; found text`]])],
    ['17', errorLine('invalid_input', one, [['line 2', `expected ${shapes}; found a number`]])],
    ['null', errorLine('invalid_input', one, [['line 2', `expected ${shapes}; found null`]])],
    ['[]', errorLine('invalid_input', one, [['line 2', 'expected 2 numbers (a, b), found 0']])],
    ['[1,2,3]', errorLine('invalid_input', one, [['line 2', 'expected 2 numbers (a, b), found 3']])],
    [
      '[[1,1],[1,1]]',
      errorLine('invalid_input', '2 values are not what this model expects.', [
        ['line 2[0]', 'expected a number (a), found a list'],
        ['line 2[1]', 'expected a number (b), found a list'],
      ]),
    ],
    ['[1,"secret"]', errorLine('invalid_input', one, [['line 2[1]', 'expected a number (b), found text']])],
    [
      '[1,1e999]',
      errorLine('invalid_input', one, [
        ['line 2[1]', 'expected a number (b), found a number too large for a double'],
      ]),
    ],
    ['{"a":1}', errorLine('invalid_input', one, [['line 2.b', 'expected a number, found none']])],
    [
      '{"a":1,"b":1,"secret":1}',
      errorLine('invalid_input', one, [['line 2', 'expected only a, b; found 1 unknown key']]),
    ],
    [
      '{"features":[1]}',
      errorLine('invalid_input', one, [['line 2.features', 'expected 2 numbers (a, b), found 1']]),
    ],
    [
      '{"features":[1,1],"secret":1}',
      errorLine('invalid_input', '3 values are not what this model expects.', [
        ['line 2.a', 'expected a number, found none'],
        ['line 2.b', 'expected a number, found none'],
        ['line 2', 'expected only a, b; found 2 unknown keys'],
      ]),
    ],
    [
      '[1e308,1e308]',
      errorLine('invalid_input', one, [
        ['line 2', 'expected smaller numbers: the prediction is too large for a double'],
      ]),
    ],
  ];
  test.each(cases)(
    'is answered with an error that names it, and the stream goes on: %s',
    async (line, error) => {
      expect(await send(`[1,1]\n${line}\n[1,1]\n`)).toBe(`{"prediction":10}\n${error}{"prediction":10}\n`);
    },
  );

  test('is counted with the blank lines before it', async () => {
    expect(JSON.parse(await send('\n\r\n \t\n[1]\n'))).toMatchObject({error: {fields: [{path: 'line 4'}]}});
  });

  const tooLong = errorLine('line_too_long', 'The line is too long. Send at most 1048576 bytes a line.', [
    ['line 2', 'expected at most 1048576 bytes'],
  ]);
  const long = `[1,${' '.repeat(maxLineBytes)}1]`;
  test.each([
    ['in one piece', [`${long}\n[1,1]\n`]],
    ['in many pieces', ['[1,', ...Array.from({length: 1025}, () => ' '.repeat(1024)), '1]\n[1,1]\n']],
    ['in characters of several bytes', [`"${'é'.repeat(maxLineBytes / 2)}"\n[1,1]`]],
  ])('may be longer than 1 MiB, which is skipped: %s', async (_how, pieces) => {
    const answers = await send(streamOf(['[1,1]\n', ...pieces]).body);
    expect(answers).toBe(`{"prediction":10}\n${tooLong}{"prediction":10}\n`);
    const end = await send(streamOf(['[1,1]\n', ...pieces.slice(0, -1), long]).body);
    expect(end).toBe(`{"prediction":10}\n${tooLong}`);
  });

  test('is not one of exactly 1 MiB', async () => {
    const line = '[1,1]'.padEnd(maxLineBytes);
    expect(await send(`${line}\n${line}`)).toBe('{"prediction":10}\n{"prediction":10}\n');
    expect(await send(`${line} \n`)).toContain('line_too_long');
  });
});

describe('lines', () => {
  test.each([
    ['end in CRLF', '[1,1]\r\n[0,0]\r\n'],
    ['miss the last newline', '[1,1]\n[0,0]'],
    ['have blank ones between them', '\n[1,1]\n\n \t\r\n[0,0]\n\n'],
    ['start with a byte order mark', '\uFEFF[1,1]\n[0,0]\n'],
    ['have spaces around them', '  [1, 1]  \n\t[0,0]\t\n'],
  ])('may %s', async (_what, body) => {
    expect(await send(body)).toBe('{"prediction":10}\n{"prediction":5}\n');
  });

  test.each(['', '\n', '\r\n\r\n', '\uFEFF', ' '])('that are none are answered with none: %j', async body => {
    expect(await send(body)).toBe('');
  });

  test('may not have a byte order mark but at the start', async () => {
    expect(await send('[1,1]\n\uFEFF[1,1]\n')).toMatch(/^\{"prediction":10\}\n\{"error":.*"line 2"/);
  });

  test('that are not UTF-8 are refused one by one', async () => {
    const body = Buffer.concat([
      Buffer.from('[1,1]\n[1,'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from(']\n[1,1]\n'),
    ]);
    expect(await send(body)).toMatch(
      /^\{"prediction":10\}\n\{"error":.*"line 2".*\}\n\{"prediction":10\}\n$/,
    );
  });

  test('are the same wherever the pieces that they arrive in are cut', async () => {
    const content = uncertainPlaneContent();
    const features = content.features.map((feature, j) => ({...feature, name: ['größe', '重さ'][j] ?? ''}));
    const {artifact} = sealArtifact({...content, features});
    const bytes = Buffer.from('\uFEFF{"größe":1,"重さ":1}\r\n\r\n[1,2]\n{"重さ":"x"}\n[0,0]');
    const whole = await send(bytes, {artifact});
    expect(whole.split('\n')).toHaveLength(5);
    for (let at = 0; at <= bytes.length; at++) {
      const {body} = streamOf([bytes.subarray(0, at), bytes.subarray(at)]);
      expect(await send(body, {artifact})).toBe(whole);
    }
    expect(await send(streamOf([...bytes].map(byte => Uint8Array.of(byte))).body, {artifact})).toBe(whole);
  });
});

describe('the stream', () => {
  test('starts to answer before the body has ended', async () => {
    const {promise, resolve} = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      start: controller => controller.enqueue(Buffer.from('[1,1]\n[0,')),
      async pull(controller) {
        await promise;
        controller.enqueue(Buffer.from('0]\n'));
        controller.close();
      },
    });
    const response = await createTestApp(plane).post('/predict', body, type);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('{"prediction":10}\n');
    resolve();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('{"prediction":5}\n');
    expect((await reader?.read())?.done).toBe(true);
  });

  test('reads no further than its client does', async () => {
    const {body, pulled} = streamOf(repeat('[1,1]\n'));
    const response = await createTestApp(plane).post('/predict', body, type);
    const reader = response.body?.getReader();
    for (let i = 0; i < 3; i++) await reader?.read();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(pulled()).toBeLessThanOrEqual(4);
    await reader?.cancel();
  });

  test('stops reading when its client goes away, and reports the rows until then', async () => {
    const {body, pulled, cancelled} = streamOf(repeat('[1,1]\nx\n[1,1]\n'));
    const {post, entries, errors} = createTestApp(plane);
    const response = await post('/predict', body, type);
    const reader = response.body?.getReader();
    await reader?.read();
    expect(entries).toEqual([]);
    await reader?.cancel();
    const before = pulled();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(cancelled()).toBe(true);
    expect(pulled()).toBe(before);
    expect(entries).toMatchObject([{route: '/predict', status: 200, rows: 2}]);
    expect(errors).toEqual([]);
  });

  test('ends where its body breaks off, without the line that was cut', async () => {
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (pulls++ > 0) return controller.error(new Error('aborted'));
        // What follows might have been another digit.
        controller.enqueue(Buffer.from('[1,1]\n[1,1]'));
      },
    });
    const {post, entries, errors} = createTestApp(plane);
    const response = await post('/predict', body, type);
    expect(await response.text()).toBe('{"prediction":10}\n');
    expect(entries).toMatchObject([{status: 200, rows: 1}]);
    expect(errors).toEqual([]);
  });

  test('is reported when it has ended, with the rows that were predicted', async () => {
    const {post, entries, service} = createTestApp(plane);
    await (await post('/predict', '[1,1]\nx\n[9,1]\n', type)).text();
    expect(entries).toEqual([{id: 'id-1', method: 'POST', route: '/predict', status: 200, ms: 2, rows: 2}]);
    expect(service.predictor.tally).toMatchObject({rows: 2, outOfRange: [1, 0]});
  });

  test('breaks off when the server fails, which is reported as for any request', async () => {
    const {post, entries, errors, service} = createTestApp(plane);
    const {predict} = service.predictor;
    const failure = new Error('a bug');
    service.predictor.predict = (asked, level) => {
      if (asked.rows[0]?.[0] === 2) throw failure;
      return predict(asked, level);
    };
    const response = await post('/predict', streamOf(['[1,1]\n', '[2,2]\n']).body, type);
    const reader = response.body?.getReader();
    await reader?.read();
    await expect(reader?.read()).rejects.toBe(failure);
    expect(errors).toEqual([failure]);
    expect(entries).toMatchObject([{status: 200, rows: undefined}]);
  });

  test('answers a request without a body with nothing', async () => {
    const response = await createTestApp(plane).app.request('/predict', {method: 'POST', headers: type});
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });
});

describe('any text', () => {
  // JSON's own white space and no other makes a blank line
  const line = fc.oneof(
    fc.json(),
    fc.string({unit: 'binary'}).map(text => text.replaceAll('\n', '')),
    fc.constantFrom(
      '',
      ' ',
      '\t\r',
      '\uFEFF',
      '[1,1]',
      '{"a":1,"b":1}',
      '[1,1e999]',
      '{"__proto__":1,"a":1,"b":1}',
    ),
    fc.tuple(fc.double(), fc.double()).map(row => JSON.stringify(row)),
  );

  test('is answered with a line for each that is not blank: a number of the plane, or an error', async () => {
    const {post} = createTestApp(plane);
    await fc.assert(
      fc.asyncProperty(fc.array(line, {maxLength: 8}), fc.constantFrom('\n', '\r\n'), async (lines, end) => {
        const response = await post('/predict', Buffer.from(lines.join(end)), type);
        expect(response.status).toBe(200);
        const text = await response.text();
        const answers = text === '' ? [] : text.trimEnd().split('\n');
        const rows = lines.flatMap((sent, i) => {
          const seen = i === 0 ? sent.replace(/^\uFEFF/, '') : sent;
          return /^[ \t\r]*$/.test(seen) ? [] : [{text: seen, number: i + 1}];
        });
        expect(answers).toHaveLength(rows.length);
        for (const [i, answer] of answers.entries()) {
          const {prediction, error} = JSON.parse(answer);
          if (error !== undefined) {
            expect(error.fields[0].path).toMatch(new RegExp(`^line ${rows[i]?.number}(?!\\d)`));
            continue;
          }
          const row = JSON.parse(rows[i]?.text ?? '');
          const [a, b] = Array.isArray(row) ? row : [row.a, row.b];
          expect(prediction).toBe(5 + 2 * a + 3 * b);
        }
      }),
      {numRuns: 500},
    );
  });
});
