import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, describe, expect, test} from 'vitest';
import type {Refused} from '../../../serve/http/http-refusals.ts';
import type {Limits} from '../../../serve/http/limits.ts';
import {type LocalServer, startLocalServer} from '../../helpers/local-server.ts';
import {type RawResponse, readResponses} from '../../helpers/raw-http.ts';
import {openConnection} from '../../helpers/server-process.ts';

const body = '{"features": [[1, 1]]}';
const answer = '"prediction":[10]';
const check = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';

let local: LocalServer;
let refused: Refused[];
afterEach(() => local.close());

async function start(limits: Partial<Limits>): Promise<void> {
  refused = [];
  local = await startLocalServer({limits, onRefused: each => refused.push(each)});
}

async function connect() {
  const connection = openConnection(local.port);
  await once(connection.socket, 'connect');
  return connection;
}

function head(length = body.length, headers = ''): string {
  return `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${headers}\r\n`;
}

function chunkedHead(type = 'application/json'): string {
  return `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nTransfer-Encoding: chunked\r\n\r\n`;
}

/** A body of exactly so many bytes. */
function bodyOf(bytes: number): string {
  return body.padEnd(bytes);
}

function expectRefused(received: string, status: number, code: string, message: string): RawResponse {
  const [response, ...others] = readResponses(received, true) as [RawResponse];
  expect(others).toEqual([]);
  expect(response.status).toBe(status);
  expect(JSON.parse(response.body)).toEqual({error: {code, message, fields: []}});
  expect(response.headers).toMatchObject({
    'retry-after': '1',
    'x-request-id': expect.stringMatching(/^id-\d+$/),
    'x-model-version': expect.stringMatching(/^[0-9a-f]{12}$/),
  });
  return response;
}

async function expectQuiet(): Promise<void> {
  await expect
    .poll(() => {
      const {inFlight, bufferedBytes} = local.server.connections;
      return {inFlight, bufferedBytes};
    })
    .toEqual({inFlight: 0, bufferedBytes: 0});
}

describe('a connection above the limit', () => {
  const refusal = [503, 'too_many_connections', 'Too many connections are open. Try again later.'] as const;

  test('gets 503 to its first request, and is closed', async () => {
    await start({maxConnections: 2});
    const first = await connect();
    const second = await connect();
    const third = await connect();
    third.socket.write(head(body.length, 'X-Request-Id: id-77\r\n') + body);
    const {headers} = expectRefused(await third.closed, ...refusal);
    expect(headers).toMatchObject({connection: 'close', 'x-request-id': 'id-77'});
    expect(refused).toEqual([{id: 'id-77', method: 'POST', status: 503, reason: 'too_many_connections'}]);
    for (const {socket, receive} of [first, second]) {
      socket.write(head() + body);
      await receive(answer);
    }
    first.socket.destroy();
    await first.closed;
    await expect.poll(() => local.server.connections.open.size).toBe(1);
    const fourth = await connect();
    fourth.socket.write(head() + body);
    await fourth.receive(answer);
  });

  test('gets its answer also when it sends a large body first', async () => {
    await start({maxConnections: 1});
    await connect();
    const {socket, closed} = await connect();
    socket.pause();
    socket.write(head(5_000_000) + bodyOf(5_000_000));
    await sleep(100);
    socket.resume();
    expectRefused(await closed, ...refusal);
    await expectQuiet();
  });

  test('gets an answer to what only reads, such as a health check, and is closed', async () => {
    await start({maxConnections: 1});
    await connect();
    const {socket, closed} = await connect();
    socket.write(check);
    const [response] = readResponses(await closed, true) as [RawResponse];
    expect(response).toMatchObject({status: 200, headers: {connection: 'close'}});
  });

  test('far above the limit is cut', async () => {
    await start({maxConnections: 5});
    await Promise.all(Array.from({length: 110}, connect));
    const {closed} = await connect();
    expect(await closed.catch(() => '')).toBe('');
    expect(local.server.connections.open.size).toBe(110);
  });
});

describe('a request above the limit', () => {
  const refusal = [429, 'too_many_requests', 'Too many requests are under way. Try again later.'] as const;

  async function fill() {
    await start({maxInFlight: 2});
    const busy = [await connect(), await connect()];
    for (const {socket} of busy) socket.write(head() + body.slice(0, 5));
    await expect.poll(() => local.server.connections.inFlight).toBe(2);
    return busy;
  }

  test('gets 429, and its connection may try again', async () => {
    const busy = await fill();
    const {socket, received, receive} = await connect();
    socket.write(head() + body);
    await receive('"fields":[]}}');
    const {headers} = expectRefused(received(), ...refusal);
    expect(headers.connection).toBe('keep-alive');
    for (const each of busy) {
      each.socket.write(body.slice(5));
      await each.receive(answer);
    }
    socket.write(head() + body);
    await receive(answer);
    await expectQuiet();
  });

  test('gets 429 also when it sends a large body first', async () => {
    await fill();
    const {socket, received, receive} = await connect();
    socket.pause();
    socket.write(head(5_000_000) + bodyOf(5_000_000));
    await sleep(100);
    socket.resume();
    await receive('"fields":[]}}');
    expectRefused(received(), ...refusal);
    socket.write(check);
    await receive('"alive"');
  });

  test('is answered when it only reads', async () => {
    await fill();
    const {socket, receive} = await connect();
    socket.write(check);
    await receive('"alive"');
  });

  test('is taken when a client before it has left', async () => {
    const [left] = await fill();
    left?.socket.destroy();
    await expect.poll(() => local.server.connections.inFlight).toBe(1);
    const {socket, receive} = await connect();
    socket.write(head() + body);
    await receive(answer);
  });

  test('that is pipelined is counted off with the others, however the connection ends', async () => {
    await start({maxInFlight: 50});
    const polite = await connect();
    polite.socket.write((head() + body).repeat(50));
    await expect.poll(() => readResponses(polite.received()).length).toBe(50);
    await expectQuiet();
    const rows = `{"features":[${Array(100_000).fill('[1,1]')}]}`;
    const rude = await connect();
    rude.socket.pause();
    for (let i = 0; i < 10; i++) rude.socket.write(head(rows.length) + rows);
    await expect.poll(() => local.server.connections.inFlight).toBeGreaterThan(0);
    rude.socket.resetAndDestroy();
    await expectQuiet();
  });
});

describe('a body above what may be buffered', () => {
  const limits = {maxBufferedBytes: 100_000, maxBodyBytes: 60_000};
  const refusal = [503, 'overloaded', 'Too much is being read at the moment. Try again later.'] as const;

  async function fill() {
    await start(limits);
    const busy = await connect();
    busy.socket.write(head(60_000));
    await expect.poll(() => local.server.connections.bufferedBytes).toBe(60_000);
    return busy;
  }

  test('gets 503, until others are through', async () => {
    const busy = await fill();
    const {socket, received, receive} = await connect();
    socket.write(head(60_000) + bodyOf(60_000));
    await receive('"fields":[]}}');
    expectRefused(received(), ...refusal);
    busy.socket.write(bodyOf(60_000));
    await busy.receive(answer);
    await expectQuiet();
    socket.write(head(60_000) + bodyOf(60_000));
    await receive(answer);
    await expectQuiet();
  });

  test('does not keep small ones out', async () => {
    await fill();
    for (const text of [bodyOf(16_384), body]) {
      const {socket, receive} = await connect();
      socket.write(head(text.length) + text);
      await receive(answer);
    }
  });

  test('gets 503 also when its length shows only as it arrives', async () => {
    const busy = await fill();
    const {socket, received, closed} = await connect();
    socket.write(chunkedHead());
    for (let i = 0; i < 10 && socket.writable; i++) {
      socket.write(`1770\r\n${bodyOf(6_000)}\r\n`);
      await sleep(5);
    }
    await closed;
    expectRefused(received(), ...refusal);
    expect(refused).toMatchObject([{status: 503, reason: 'too much is buffered'}]);
    expect(local.server.connections.bufferedBytes).toBe(60_000);
    busy.socket.destroy();
    await expectQuiet();
  });

  test('of unknown length is taken where there is room, and given back', async () => {
    await start(limits);
    const {socket, receive} = await connect();
    socket.write(`${chunkedHead()}c350\r\n${bodyOf(50_000)}\r\n`);
    await expect.poll(() => local.server.connections.bufferedBytes).toBeGreaterThan(30_000);
    socket.write('0\r\n\r\n');
    await receive(answer);
    await expectQuiet();
  });

  test('is 413 where it is larger than any may be, declared or not', async () => {
    await start(limits);
    for (const text of [
      head(60_001) + bodyOf(60_001),
      `${chunkedHead()}${`1770\r\n${bodyOf(6_000)}\r\n`.repeat(20)}0\r\n\r\n`,
    ]) {
      const {socket, closed} = await connect();
      socket.write(text);
      expect(readResponses(await closed, true)).toMatchObject([{status: 413}]);
    }
    await expectQuiet();
  });

  test('counts a stream of lines as its longest line, once', async () => {
    await start(limits);
    const stream = await connect();
    stream.socket.write(`${chunkedHead('application/x-ndjson')}6\r\n[1,1]\n\r\n`);
    await stream.receive('{"prediction":10}');
    expect(local.server.connections.bufferedBytes).toBe(100_000);
    const other = await connect();
    other.socket.write(`${chunkedHead('application/x-ndjson')}6\r\n[1,1]\n\r\n`);
    await other.receive('"fields":[]}}');
    expectRefused(other.received(), ...refusal);
    for (let i = 0; i < 50; i++) stream.socket.write(`2ee0\r\n${'[1,1]\n'.repeat(2_000)}\r\n`);
    stream.socket.write('0\r\n\r\n');
    await expect.poll(() => readResponses(stream.received()).length).toBe(1);
    await expectQuiet();
  });
});
