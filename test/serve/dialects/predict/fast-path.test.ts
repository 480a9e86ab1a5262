import {once} from 'node:events';
import type {AddressInfo} from 'node:net';
import {xoroshiro128plus} from 'pure-rand/generator/xoroshiro128plus';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {createApp} from '../../../../serve/app.ts';
import {createFastPath, parseRows} from '../../../../serve/dialects/predict/fast-path.ts';
import {predictBody} from '../../../../serve/dialects/predict/predict.ts';
import {createNodeServer} from '../../../../serve/http/node-server.ts';
import {createService} from '../../../../serve/http/service.ts';
import type {RequestEntry} from '../../../../serve/observe/log.ts';
import {readJsonBody} from '../../../../serve/rows/json-body.ts';
import {createSchemas} from '../../../../serve/rows/schemas.ts';
import {finishNow} from '../../../../serve/rows/slices.ts';
import {planeArtifact} from '../../../helpers/server-artifact.ts';

const plane = planeArtifact();
const width = plane.features.length;
const limits = {schemas: createSchemas(plane), maxRows: 8};

/** What the byte parser reads. */
function readFast(body: string | Buffer) {
  return parseRows(Buffer.from(body), width, limits.maxRows)?.rows;
}

/** What JSON.parse and the schemas read, as the app does with the bytes that the byte parser leaves. */
function readSlowly(body: string | Buffer) {
  const asked = finishNow(readJsonBody(predictBody, Buffer.from(body), limits));
  return 'problem' in asked ? undefined : asked.rows;
}

/** Equal to the last bit and the sign of zero. */
function areSame(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): boolean {
  return (
    a.length === b.length &&
    a.every((row, i) => row.length === b[i]?.length && row.every((value, j) => Object.is(value, b[i]?.[j])))
  );
}

describe('the byte parser', () => {
  test.each([
    '{"features":[[1,2]]}',
    '{"features": [[5.1, 3.5], [-0, 0.0]]}',
    '{"features":[1,2]}',
    '\r\n\t {\n"features" :\t[ [ 1 , 2 ] , [3,4] ] }\n ',
    '{"features":[[-1.5e3,2E-7],[1e+2,0.1]]}',
    // the nearest double needs more than one rounding of the digits
    '{"features":[[0.1234567890123456789,9007199254740993],[1e-300,1.7976931348623157e308]]}',
    '{"features":[[4.9e-324,2.2250738585072011e-308],[123456789012345678901234567890,8.5e22]]}',
  ])('reads %j as JSON.parse does', body => {
    const rows = readFast(body);
    expect(rows).toEqual(readSlowly(body));
    expect(rows).not.toBeUndefined();
  });

  test.each([
    ['another key', '{"instances":[{"a":1,"b":2}]}'],
    ['a second key', '{"features":[[1,2]],"interval":0.95}'],
    ['an escape in the key', '{"\\u0066eatures":[[1,2]]}'],
    ['a repeated key', '{"features":[[1,2]],"features":[[3,4]]}'],
    ['a row too short', '{"features":[[1]]}'],
    ['a row too long', '{"features":[[1,2,3]]}'],
    ['no row', '{"features":[]}'],
    ['an empty row', '{"features":[[]]}'],
    ['too many rows', `{"features":[${Array.from({length: 9}, () => '[1,2]')}]}`],
    ['text', '{"features":[["1",2]]}'],
    ['a number too large', '{"features":[[1e999,2]]}'],
    ['a leading zero', '{"features":[[01,2]]}'],
    ['a plus sign', '{"features":[[+1,2]]}'],
    ['no digit before the point', '{"features":[[.5,2]]}'],
    ['no digit behind the point', '{"features":[[1.,2]]}'],
    ['no digit in the exponent', '{"features":[[1e,2]]}'],
    ['a minus alone', '{"features":[[-,2]]}'],
    ['a hexadecimal number', '{"features":[[0x1,2]]}'],
    ['a trailing comma', '{"features":[[1,2],]}'],
    ['a missing comma', '{"features":[[1 2]]}'],
    ['text behind the body', '{"features":[[1,2]]}x'],
    ['an end in the middle', '{"features":[[1,2'],
    ['a byte order mark', '\ufeff{"features":[[1,2]]}'],
    ['another kind of white space', '{"features":[[1,\u00a02]]}'],
    ['nothing', ''],
  ])('leaves %s to the app', (_, body) => {
    expect(readFast(body)).toBeUndefined();
  });

  // Oracle: JSON.parse and the schemas of the same model. The seed is fixed, so that a failure comes back.
  const count = process.env.CI === 'true' ? 2_000_000 : 200_000;
  test(`agrees with JSON.parse and the schema on ${count} generated bodies`, () => {
    const random = xoroshiro128plus(20_261_124);
    let read = 0;
    for (let i = 0; i < count; i++) {
      const body = writeBody(below => (random.next() >>> 0) % below);
      const fast = readFast(body);
      if (fast === undefined) continue;
      read++;
      const slow = readSlowly(body);
      if (slow === undefined || !areSame(fast, slow)) {
        expect.fail(
          `${JSON.stringify(body.toString('latin1'))}: ${JSON.stringify(fast)}, ${JSON.stringify(slow)}`,
        );
      }
    }
    // a parser that left everything to the app would agree as well
    expect(read / count).toBeGreaterThan(0.2);
  }, 600_000);
});

describe('the fast path', () => {
  let counted = 0;
  const entries: RequestEntry[] = [];
  const service = createService(plane, {
    maxBodyBytes: 1_000_000,
    maxRows: 400,
    phase: () => 'ready',
    newRequestId: () => 'fixed',
    now: () => counted++,
    onRequest: entry => entries.push(entry),
  });
  const options = {newRequestId: () => 'fixed', modelVersion: plane.version};
  const servers = [
    createNodeServer(async () => createApp(service), {...options, fastPath: createFastPath(service)}),
    createNodeServer(async () => createApp(service), options),
  ];
  const urls: string[] = [];
  beforeAll(async () => {
    for (const server of servers) {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      urls.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}/predict`);
    }
  });
  afterAll(() => {
    for (const server of servers) server.close();
  });

  /** Everything of an answer that a client sees, but for the time it was sent at. */
  async function ask(url: string, request: RequestInit) {
    const answer = await fetch(url, request);
    const sent = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'date'));
    return {status: answer.status, headers: sent, body: await answer.text()};
  }

  const json = {'content-type': 'application/json'};
  const largeBatch = `{"features":[${Array.from({length: 400}, (_, i) => `[1.${i},2]`)}]}`;
  test.each([
    ['one row', '{"features":[[1,2]]}', json],
    ['a row without a batch', '{"features":[0.5,2]}', json],
    ['a batch with an id of its own', '{"features":[[1,2],[0,0]]}', {...json, 'x-request-id': 'mine'}],
    ['an id that is not safe', '{"features":[[1,2]]}', {...json, 'x-request-id': 'a b'}],
    ['inputs out of range', '{"features":[[9,2],[1,-1]]}', json],
    ['rows by name', '{"instances":[{"a":1,"b":2}]}', json],
    ['a wrong value', '{"features":[[1,"x"]]}', json],
    ['too many rows', `{"features":[${Array.from({length: 401}, () => '[1,2]')}]}`, json],
    ['a prediction that overflows', '{"features":[[1e308,1e308]]}', json],
    ['an interval that the model does not have', '{"features":[[1,2]],"interval":0.9}', json],
    ['a character set', '{"features":[[1,2]]}', {'content-type': 'application/json; charset=utf-8'}],
    ['an empty body', '', json],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x7b]), json],
    ['a body in several packets', `{"features":[[1,${' '.repeat(200_000)}2]]}`, json],
    ['another media type', 'a,b', {'content-type': 'application/xml'}],
    ['CSV by another name', '{"features":[[1,2]]}', {...json, accept: 'TEXT/CSV'}],
    ['a large batch', largeBatch, {...json, 'accept-encoding': 'identity'}],
    ['a large batch, packed', largeBatch, {...json, 'accept-encoding': 'gzip;q=0, deflate'}],
    [
      'a large batch, packed as a browser asks',
      largeBatch,
      {...json, 'accept-encoding': 'gzip, deflate, br'},
    ],
    ['a trace that is none', '{"features":[[1,2]]}', {...json, traceparent: '00-0-0-01'}],
    ['text of any kind', '{"features":[[1,2]]}', {...json, accept: 'text/*'}],
    [
      'what a browser library asks for',
      '{"features":[[1,2]]}',
      {...json, accept: 'application/json, text/plain, */*'},
    ],
  ])('answers %s as the app does, to the byte', async (_, body, headers) => {
    const [fast = '', slow = ''] = urls;
    const request = {method: 'POST', headers, body};
    expect(await ask(fast, request)).toEqual(await ask(slow, request));
    const [first, second] = entries.splice(0);
    expect(first).toEqual({...second, ms: expect.any(Number)});
  });

  test.each([
    ['GET', '/healthz'],
    ['GET', '/readyz'],
    ['GET', '/readyz?x=1'],
    ['HEAD', '/readyz'],
    ['GET', '/healthz/'],
    ['POST', '/healthz'],
  ])('answers %s %s as the app does, to the byte', async (method, path) => {
    const [fast, slow] = urls.map(url => new URL(path, url).href);
    expect(await ask(fast ?? '', {method})).toEqual(await ask(slow ?? '', {method}));
    const [first, second] = entries.splice(0);
    expect(first).toEqual({...second, ms: expect.any(Number)});
  });
});

/** Picks a whole number from 0 up to (not including) its argument. */
type Pick = (below: number) => number;

/** A body that is nearly always close to a good one; a third have one byte changed, left out or added, or end early. */
function writeBody(pick: Pick): Buffer {
  const pad = () => (pick(4) === 0 ? ' \n\r\t'.charAt(pick(4)) : '');
  const list = (items: string[]) => `${pad()}[${pad()}${items.join(`${pad()},${pad()}`)}${pad()}]${pad()}`;
  const row = () => list(Array.from({length: pick(20) === 0 ? pick(4) : width}, () => writeNumber(pick)));
  const value = pick(5) === 0 ? row() : list(Array.from({length: pick(12) === 0 ? 9 : pick(4)}, row));
  const keys = [
    '"features"',
    '"features"',
    '"features"',
    '"features"',
    '"\\u0066eatures"',
    '"feature"',
    '"instances"',
  ];
  const entry = `${pad()}${keys[pick(20)] ?? '"features"'}${pad()}:${value}`;
  const second = pick(15) === 0 ? `,${pick(2) === 0 ? entry : '"interval":0.9'}` : '';
  const bytes = Buffer.from(`${pad()}{${entry}${second}}${pad()}`);
  switch (pick(9)) {
    case 0:
      bytes[pick(bytes.length)] =
        pick(3) === 0 ? pick(256) : (Buffer.from('0123456789.,-+eE[]{}": ')[pick(23)] ?? 0);
      return bytes;
    case 1: {
      const at = pick(bytes.length);
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
    }
    case 2:
      return bytes.subarray(0, pick(bytes.length));
    default:
      return bytes;
  }
}

/** A number of JSON's grammar, short or with up to 25 digits on either side and any exponent; rarely none. */
function writeNumber(pick: Pick): string {
  const digits = (length: number) => Array.from({length}, () => pick(10)).join('');
  const sign = pick(4) === 0 ? '-' : '';
  const whole = pick(3) === 0 ? '0' : `${1 + pick(9)}${digits(pick(8) === 0 ? pick(25) : pick(3))}`;
  const decimals = pick(2) === 0 ? `.${digits(1 + (pick(5) === 0 ? pick(25) : pick(3)))}` : '';
  const power =
    pick(6) === 0 ? `${'eE'.charAt(pick(2))}${['', '+', '-'][pick(3)]}${pick(pick(4) === 0 ? 400 : 25)}` : '';
  const wrong = ['null', '"1"', '01', '.5', '1.', 'NaN', '+1', '1e', '-', '[1]', 'true', '{}'];
  return pick(40) === 0 ? (wrong[pick(wrong.length)] ?? '') : `${sign}${whole}${decimals}${power}`;
}
