import {deflateSync, gunzipSync, gzipSync, inflateSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {countUnpackedBytes} from '../../../serve/http/coding.ts';
import {startLocalServer} from '../../helpers/local-server.ts';
import {planeArtifact} from '../../helpers/server-artifact.ts';
import {openConnection} from '../../helpers/server-process.ts';
import {createTestApp} from '../../helpers/test-app.ts';

// The plane is y = 2a + 3b + 5.
const plane = planeArtifact();
const json = {'content-type': 'application/json'};

describe('a packed body', () => {
  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['GZIP', gzipSync],
  ])('is unpacked: %s', async (coding, pack) => {
    const {post} = createTestApp(plane);
    const response = await post('/predict', pack('{"features": [[1, 1]]}'), {
      ...json,
      'content-encoding': coding,
    });
    expect(await response.json()).toMatchObject({prediction: [10]});
  });

  test('is refused beyond the limit that bodies have, without being unpacked to its end', async () => {
    const {post} = createTestApp(plane);
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, ' '), {level: 9});
    const response = await post('/predict', bomb.subarray(0, 900), {...json, 'content-encoding': 'gzip'});
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({
      error: {code: 'body_too_large', message: 'The body is too large. Send at most 1000 bytes.'},
    });
  });

  test.each([
    ['cut', gzipSync('{"features": [[1, 1]]}').subarray(0, -1)],
    ['no gzip', Buffer.from('{"features": [[1, 1]]}')],
  ])('is refused where it is broken: %s', async (_, body) => {
    const {post} = createTestApp(plane);
    const response = await post('/predict', body, {...json, 'content-encoding': 'gzip'});
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({error: {code: 'malformed_encoding'}});
  });

  // RFC 1951: a match of 258 bytes takes two bits at least
  test('counts in memory as what it may unpack to', () => {
    expect(countUnpackedBytes(100, undefined, 1e6)).toBe(100);
    expect(countUnpackedBytes(100, 'gzip', 1e6)).toBe(100 + 100 * 1_032);
    expect(countUnpackedBytes(1_000, 'gzip', 1e6)).toBe(1_000 + 1e6);
  });

  test('is refused while others hold the memory that it may take', async () => {
    const limits = {maxBufferedBytes: 100_000, maxBodyBytes: 100_000};
    const {server, port, close} = await startLocalServer({artifact: plane, limits});
    try {
      const ask = async () => {
        const headers = {...json, 'content-encoding': 'gzip'};
        const body = new Uint8Array(gzipSync('{"features": [[1, 1]]}'));
        return (await fetch(`http://127.0.0.1:${port}/predict`, {method: 'POST', headers, body})).status;
      };
      expect(await ask()).toBe(200);
      const {socket, closed} = openConnection(port);
      socket.write('POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n');
      await expect.poll(() => server.connections.bufferedBytes).toBe(90_000);
      expect(await ask()).toBe(503);
      socket.destroy();
      await closed;
    } finally {
      await close();
    }
  });
});

describe('an answer', () => {
  const features = Array.from({length: 400}, (_, i) => [i / 7, 1]);
  const ask = (acceptEncoding: string, rows: unknown = features) =>
    createTestApp(plane, {maxBodyBytes: 1e6, maxRows: 400}).post(
      '/predict',
      {features: rows},
      {
        ...json,
        'accept-encoding': acceptEncoding,
      },
    );

  test.each([
    ['gzip', 'gzip', gunzipSync],
    ['deflate, br', 'deflate', inflateSync],
    ['br, gzip;q=0.5, deflate', 'gzip', gunzipSync],
    ['gzip;q=0, deflate', 'deflate', inflateSync],
  ])('is packed where it is asked for: %s', async (asked, coding, unpack) => {
    const response = await ask(asked);
    expect(response.headers.get('content-encoding')).toBe(coding);
    expect(response.headers.get('vary')).toBe('accept-encoding');
    const text = unpack(Buffer.from(await response.arrayBuffer())).toString();
    expect(text).toBe(await (await ask('identity')).text());
  });

  test.each(['identity', 'br', 'gzip;q=0', '*'])('is as it is otherwise: %s', async asked => {
    const response = await ask(asked);
    expect(response.headers.has('content-encoding')).toBe(false);
    expect(response.headers.get('vary')).toBe('accept-encoding');
  });

  test('that is small is never packed', async () => {
    const response = await ask('gzip', [[1, 1]]);
    expect(response.headers.has('content-encoding')).toBe(false);
    expect(response.headers.has('vary')).toBe(false);
  });
});
