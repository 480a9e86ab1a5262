import fc from 'fast-check';
import Papa from 'papaparse';
import {describe, expect, test} from 'vitest';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {type CsvRecord, readCsvRecords} from '../../../serve/rows/csv-records.ts';
import {
  irisArtifact,
  pairArtifact,
  pairContent,
  planeArtifact,
  planeContent,
  uncertainPlaneContent,
} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

// y = 2a + 3b + 5, trained on a from 0 to 2 m and b from 0 to 4
const plane = planeArtifact();
const uncertainPlane = sealArtifact(uncertainPlaneContent()).artifact;
const csv = {'content-type': 'text/csv'};

function post(body: string, {headers = {}, artifact = plane, path = '/predict'} = {}) {
  return createTestApp(artifact).post(path, body, {...csv, ...headers});
}

async function predict(body: string, headers: Record<string, string> = {}, artifact = plane) {
  const response = await post(body, {headers, artifact});
  const answer = (await response.json()) as {prediction?: unknown};
  return answer.prediction ?? answer;
}

function refusal(fields: {path: string; message: string}[], count = fields.length) {
  const message = `${count === 1 ? '1 value is' : `${count} values are`} not what this model expects.`;
  return {error: {code: 'invalid_input', message, fields}};
}

describe('rows as CSV', () => {
  test.each([
    ['without names', '0,0\n1,1\n2,0.5\n'],
    ['without a newline at the end', '0,0\n1,1\n2,0.5'],
    ['with names', 'a,b\n0,0\n1,1\n2,0.5\n'],
    ['with names in another order', 'b,a\n0,0\n1,1\n0.5,2\n'],
    ['with names in quotes', '"b","a"\n0,0\n1,1\n0.5,2\n'],
    ['with numbers in quotes', '"0","0"\n1,"1"\n"2",0.5\n'],
    ['with CRLF', 'a,b\r\n0,0\r\n"1","1"\r\n2,0.5\r\n'],
    ['with CR', 'a,b\r0,0\r1,1\r2,0.5\r'],
    ['with lines that end in several ways', 'a,b\n0,0\r\n1,1\r2,0.5\n'],
    ['with a byte order mark', '\uFEFFa,b\n0,0\n1,1\n2,0.5\n'],
    ['with a byte order mark before a quote', '\uFEFF"a",b\n0,0\n1,1\n2,0.5\n'],
    ['with empty lines at the end', 'a,b\n0,0\n1,1\n2,0.5\n\n \r\n\n'],
    ['with blanks around names and numbers', ' b ,\ta\n 0, 0\n1 ,1\n 0.5\t,"2" \n'],
    ['with exponents and signs', '-0,0e5\n10E-1,1e0\n0.02e+2,5e-1\n'],
  ])('are read %s', async (_, body) => {
    expect(await predict(body)).toEqual([5, 10, 10.5]);
  });

  // Value of scikit-learn's LinearRegression.predict for the same coefficients.
  test('are answered as scikit-learn does for iris', async () => {
    const body = 'petal_width,sepal_length,sepal_width\n0.2,5.1,3.5\n';
    const [value] = (await predict(body, {}, irisArtifact())) as number[];
    expect(Math.abs((value ?? 0) - 1.4892105741903334)).toBeLessThanOrEqual(1e-12);
  });

  test('give the nearest double to each number, as JSON does', async () => {
    const text = '0.1234567890123456789';
    expect(await predict(`${text},0\n`)).toEqual([5 + 2 * JSON.parse(text)]);
  });

  test('may have names with commas, quotes and line breaks in them', async () => {
    const content = planeContent();
    const [a, b] = content.features.map((feature, j) => ({...feature, name: ['a, "left"', 'b\nc'][j] ?? ''}));
    if (a === undefined || b === undefined) throw new Error('the plane has two features');
    const {artifact} = sealArtifact({...content, features: [a, b]});
    expect(await predict('"b\nc","a, ""left"""\n1,0\n', {}, artifact)).toEqual([8]);
    expect(await predict('"b\nc","a, ""left"""\n1,0\n1,x\n', {}, artifact)).toEqual(
      refusal([{path: 'line 4, column 2 (a, "left")', message: 'expected a number, found text'}]),
    );
  });

  test('have names where the media type says so, even such as look like numbers (RFC 4180, 3)', async () => {
    const content = planeContent();
    const features = content.features.map((feature, j) => ({...feature, name: String(j)}));
    const {artifact} = sealArtifact({...content, features});
    const present = {'content-type': 'text/csv; charset=utf-8; header=present'};
    expect(await predict('1,0\n2,1\n', present, artifact)).toEqual([13]);
    expect(await predict('1,0\n2,1\n', {}, artifact)).toEqual([7, 12]);
    expect(await predict('a,b\n1,1\n', {'content-type': 'text/csv;header=absent'})).toEqual(
      refusal([
        {path: 'line 1, column 1 (a)', message: 'expected a number, found text'},
        {path: 'line 1, column 2 (b)', message: 'expected a number, found text'},
      ]),
    );
  });

  test('have names where one of them looks like a number', async () => {
    const content = planeContent();
    const features = content.features.map((feature, j) => ({...feature, name: ['a', '1980'][j] ?? ''}));
    const {artifact} = sealArtifact({...content, features});
    expect(await predict('1980,a\n1,0\n', {}, artifact)).toEqual([8]);
  });

  test('may ask for an interval in the query', async () => {
    const response = await post('1,2\n', {artifact: uncertainPlane, path: '/predict?interval=0.95'});
    const {interval} = (await response.json()) as {interval: {lower: [number]; upper: [number]}};
    // t(0.975, 1) · s · √(1 + h), the leverage h of the means being 1/4
    const half = 12.706204736174694 * 0.5 * Math.sqrt(1.25);
    expect(interval.lower[0]).toBeCloseTo(13 - half, 9);
    expect(interval.upper[0]).toBeCloseTo(13 + half, 9);
  });

  test('outside the training range are named by line and column', async () => {
    const response = await post('b,a\n1,1\n5,-1\n');
    expect(await response.json()).toEqual({
      prediction: [10, 18],
      warnings: [
        {path: 'line 3, column 2 (a)', message: 'a is below its training range, 0 to 2 m'},
        {path: 'line 3, column 1 (b)', message: 'b is above its training range, 0 to 4'},
      ],
      model_version: plane.version,
    });
  });
});

describe('wrong rows of a CSV', () => {
  test.each([
    [
      'an unknown name',
      'a,secret\n1,1\n',
      [
        {path: 'line 1, column 2', message: 'expected the name of a feature (a, b), found another name'},
        {path: 'line 1', message: 'expected every feature, found none of b'},
      ],
    ],
    [
      'a name too many',
      'a,b,secret\n1,1,1\n',
      [{path: 'line 1, column 3', message: 'expected the name of a feature (a, b), found another name'}],
    ],
    [
      'a name twice',
      'a,b,a\n1,1,1\n',
      [{path: 'line 1, column 3', message: 'expected each feature once, found it again'}],
    ],
    ['a missing name', 'b\n1\n', [{path: 'line 1', message: 'expected every feature, found none of a'}]],
    [
      'no row after the names',
      'a,b\n',
      [{path: 'body', message: 'expected a line with 2 numbers after the names, found none'}],
    ],
    ['a cell too few', '1,1\n2\n', [{path: 'line 2', message: 'expected 2 numbers (a, b), found 1'}]],
    [
      'a cell too many',
      'b,a\n1,1\n1,2,3\n',
      [{path: 'line 3', message: 'expected 2 numbers (b, a), found 3'}],
    ],
    [
      'an empty line',
      '1,1\n\n\n2,2\n',
      [
        {path: 'line 2', message: 'expected 2 numbers (a, b), found an empty line'},
        {path: 'line 3', message: 'expected 2 numbers (a, b), found an empty line'},
      ],
    ],
    [
      'an empty line at the start',
      '\na,b\n1,1\n',
      [{path: 'line 1', message: 'expected 2 numbers (a, b), found an empty line'}],
    ],
    ['text', 'b,a\n1,secret\n', [{path: 'line 2, column 2 (a)', message: 'expected a number, found text'}]],
    [
      'empty cells',
      '1,1\n,\n',
      [
        {path: 'line 2, column 1 (a)', message: 'expected a number, found an empty cell'},
        {path: 'line 2, column 2 (b)', message: 'expected a number, found an empty cell'},
      ],
    ],
    [
      'a number too large',
      '1,1\n1e999,1\n',
      [{path: 'line 2, column 1 (a)', message: 'expected a number, found a number too large for a double'}],
    ],
    [
      'a prediction too large',
      'a,b\n1,1\n1e308,1\n',
      [{path: 'line 3', message: 'expected smaller numbers: the prediction is too large for a double'}],
    ],
  ])('are refused with their places: %s', async (_, body, fields) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual(refusal(fields));
  });

  test.each([
    'NaN',
    'nan',
    'Infinity',
    '-inf',
    '0x10',
    '1_000',
    '1,5',
    '.5',
    '5.',
    '+1',
    '01',
    '1e',
    '1 2',
    '--1',
    '½',
    '١',
  ])('are refused where a number is not written as in JSON: %s', async cell => {
    const response = await post(`1,1\n1,"${cell}"\n`);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual(
      refusal([{path: 'line 2, column 2 (b)', message: 'expected a number, found text'}]),
    );
  });

  test('are listed up to 20, and counted', async () => {
    const {app} = createTestApp(plane, {maxRows: 1000});
    const body = '1,x\n'.repeat(30);
    const response = await app.request('/predict', {method: 'POST', body: `1,1\n${body}`, headers: csv});
    const {error} = (await response.json()) as {error: {message: string; fields: unknown[]}};
    expect(error.message).toBe('At least 20 values are not what this model expects.');
    expect(error.fields).toHaveLength(20);
    expect(error.fields.at(-1)).toEqual({
      path: 'line 21, column 2 (b)',
      message: 'expected a number, found text',
    });
  });

  test('are not repeated', async () => {
    for (const body of ['secret\n', 'secret,1\n', '1,secret\n', '"secret', 'a"secret"\n', '"a"secret\n']) {
      const response = await post(body);
      expect(response.status).toBe(400);
      expect(await response.text()).not.toContain('secret');
    }
  });

  test.each([
    [
      '',
      'The body is empty. Send a line of numbers per row (a, b), with or without a first line of names.',
      [],
    ],
    [
      '\n\r\n ',
      'The body is empty. Send a line of numbers per row (a, b), with or without a first line of names.',
      [],
    ],
    [
      '1,1\n"1,1\n',
      'The body is not CSV as RFC 4180 describes it.',
      [{path: 'line 2, column 1', message: 'expected a quote at the end of the quoted cell'}],
    ],
    [
      '1,1\n1,"1"1\n',
      'The body is not CSV as RFC 4180 describes it.',
      [{path: 'line 2, column 2', message: 'expected a comma or the end of the line after the quoted cell'}],
    ],
    [
      '1,1\n1,1"\n',
      'The body is not CSV as RFC 4180 describes it.',
      [
        {
          path: 'line 2, column 2',
          message: 'expected quotes around the whole cell, and each quote inside it twice',
        },
      ],
    ],
  ])('are refused as malformed CSV: %j', async (body, message, fields) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({error: {code: 'malformed_csv', message, fields}});
  });

  test('are refused where they are too many, names and empty lines not counted', async () => {
    expect((await post(`a,b\n${'1,1\n'.repeat(5)}\n\n`)).status).toBe(200);
    const response = await post('1,1\n'.repeat(6));
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({
      error: {
        code: 'too_many_rows',
        message: 'The request has too many rows. Send at most 5 at a time.',
        fields: [{path: 'body', message: 'expected at most 5 rows, found more'}],
      },
    });
  });

  test('are refused where the body is too large', async () => {
    expect((await post('1,1'.padEnd(1000))).status).toBe(200);
    expect((await post('1,1'.padEnd(1001))).status).toBe(413);
  });

  // Papa Parse, which goes back over what it has read, needs 22 s for the first of them at a fifth of its length.
  test.each([
    ['stray quotes', `"${'x"'.repeat(1_000_000)}${' '.repeat(1_000_000)},1\n`],
    ['doubled quotes', '"'.repeat(3_000_000)],
    ['blanks', ' '.repeat(3_000_000)],
    ['commas', ','.repeat(3_000_000)],
  ])('are refused in the time that it takes to read them: %s', {timeout: 60_000}, (_, text) => {
    for (const _record of readCsvRecords(text, 1_000));
  });
});

/** The cells of records; an empty line has one that is empty. */
function readCells(record: CsvRecord): string[][] {
  if (record.status === 'empty') return Array.from({length: record.count}, () => ['']);
  return record.status === 'record' ? [record.cells] : [];
}

describe('readCsvRecords', () => {
  const cell = fc.oneof(
    fc.string({unit: fc.constantFrom('a', '1', ' ', '\t', ',', '"', '\r', '\n', 'é'), maxLength: 6}),
    fc.double().map(String),
  );
  // Two cells at least: a line without any and one with an empty one look the same.
  const table = fc.array(fc.array(cell, {minLength: 2, maxLength: 4}), {minLength: 1, maxLength: 6});

  // The oracle is Papa Parse, which writes what must come back, and reads what is written otherwise.
  test('reads what Papa Parse writes', () => {
    const property = fc.property(
      table,
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.boolean(),
      (cells, newline, quotes) => {
        const text = Papa.unparse(cells, {newline, quotes});
        const records = [...readCsvRecords(text, 1_000)];
        expect(records.flatMap(readCells)).toEqual(cells);
      },
    );
    fc.assert(property, {numRuns: process.env.CI ? 5_000 : 500});
  });

  test('reads any text that it does not refuse as Papa Parse does, and counts its lines', () => {
    // Without blanks: it takes some around quotes, and not others.
    const unit = fc.constantFrom('1', 'x', ',', '"', '""', '","', '\n');
    const property = fc.property(fc.string({unit, maxLength: 30}), text => {
      const records = [...readCsvRecords(text, 1_000)];
      if (records.some(({status}) => status === 'malformed')) return;
      const cells = records.flatMap(readCells);
      const expected = Papa.parse<string[]>(text, {delimiter: ',', newline: '\n'});
      // It takes the end of the last line for an empty line.
      if (text === '' || text.endsWith('\n')) expected.data.pop();
      expect({cells, errors: expected.errors}).toEqual({cells: expected.data, errors: []});
      const last = records.at(-1);
      const ends = text.match(/\n/g)?.length ?? 0;
      const inLast =
        last?.status === 'record'
          ? last.cells.join().split('\n').length - 1
          : last?.status === 'empty'
            ? last.count - 1
            : 0;
      if (last !== undefined) expect(last.line).toBe(ends + (text.endsWith('\n') ? 0 : 1) - inLast);
    });
    fc.assert(property, {numRuns: process.env.CI ? 20_000 : 2_000});
  });
});

describe('predictions as CSV', () => {
  const accept = {accept: 'text/csv'};

  test('have a line of names', async () => {
    const response = await post('0,0\n1,1\n', {headers: accept});
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(response.headers.get('x-out-of-range')).toBeNull();
    expect(response.headers.get('x-model-version')).toBe(plane.version);
    expect(await response.text()).toBe('y\n5\n10\n');
  });

  test('answer rows of JSON, too', async () => {
    const {post} = createTestApp(plane);
    const response = await post(
      '/predict',
      {features: [1, 1]},
      {'content-type': 'application/json', ...accept},
    );
    expect(await response.text()).toBe('y\n10\n');
  });

  test('have a column per target', async () => {
    const response = await post('2,3\n1,1\n', {headers: accept, artifact: pairArtifact()});
    expect(await response.text()).toBe('sum,difference\n5,-1\n2,0\n');
  });

  test('have the bounds of an interval beside each target', async () => {
    const {features, ...content} = pairContent();
    const {uncertainty} = uncertainPlaneContent();
    if (uncertainty === undefined) throw new Error('the plane has intervals');
    const {artifact} = sealArtifact({
      ...content,
      features,
      uncertainty: {...uncertainty, residualStandardErrors: [0.5, 1]},
    });
    const response = await post('1,2\n', {headers: accept, artifact, path: '/predict?interval=0.95'});
    const [names, values] = (await response.text()).trimEnd().split('\n');
    expect(names).toBe('sum,sum_lower,sum_upper,difference,difference_lower,difference_upper');
    // t(0.975, 1) · s · √(1 + h), the leverage h of the means being 1/4
    const half = 12.706204736174694 * 0.5 * Math.sqrt(1.25);
    const expected = [3, 3 - half, 3 + half, -1, -1 - 2 * half, -1 + 2 * half];
    values?.split(',').forEach((value, k) => {
      expect(Number(value)).toBeCloseTo(expected[k] ?? Number.NaN, 9);
    });
  });

  test('quote the names that need it (RFC 4180, 2)', async () => {
    const content = planeContent();
    const targets = content.targets.map(target => ({...target, name: 'y, "net"'}));
    const scores = content.metrics.targets.y;
    if (scores === undefined) throw new Error('the plane has scores');
    const metrics = {...content.metrics, targets: {'y, "net"': scores}};
    const {artifact} = sealArtifact({...content, targets, metrics});
    const response = await post('0,0\n', {headers: accept, artifact});
    expect(await response.text()).toBe('"y, ""net"""\n5\n');
  });

  test('count the inputs out of range in a header', async () => {
    const response = await post('1,1\n9,9\n1,9\n', {headers: accept});
    expect(response.headers.get('x-out-of-range')).toBe('3');
    expect(await response.text()).toBe('y\n10\n50\n34\n');
  });

  test('are no errors: these stay JSON', async () => {
    const response = await post('1\n', {headers: accept});
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  test('are read as rows again', async () => {
    const response = await post('0,0\n1,1\n', {headers: accept});
    const text = await response.text();
    expect([...readCsvRecords(text, 1_000)]).toEqual([
      {status: 'record', line: 1, cells: ['y']},
      {status: 'record', line: 2, cells: ['5']},
      {status: 'record', line: 3, cells: ['10']},
    ]);
  });

  // RFC 9110, 12.5.1
  test.each([
    ['text/csv', true],
    ['Text/CSV; header=present', true],
    ['text/*', true],
    ['text/csv, */*', true],
    ['text/csv, */*;q=0.1', true],
    ['application/json;q=0.5, text/csv', true],
    ['application/json;q=0, text/*;q=0.1', true],
    ['*/*', false],
    ['', false],
    ['application/json', false],
    ['application/*', false],
    ['text/html', false],
    ['text/csv;q=0', false],
    ['text/csv;q=0.5, */*', false],
    ['application/json, text/plain, */*', false],
    ['text/csv, application/json', false],
    ['text/csv;q=0.4, application/json;q=0.5', false],
    ['text/*, text/csv;q=0, application/json;q=0.1', false],
    [',;=,"', false],
  ])('answer Accept: %s: %s', async (value, isCsv) => {
    const response = await post('1,1\n', {headers: {accept: value}});
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')?.startsWith('text/csv')).toBe(isCsv);
  });
});
