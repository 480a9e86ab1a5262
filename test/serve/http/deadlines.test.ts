import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, expect, test} from 'vitest';
import type {Deadlines} from '../../../serve/http/deadlines.ts';
import {type LocalServer, startLocalServer} from '../../helpers/local-server.ts';
import {type RawResponse, readResponses} from '../../helpers/raw-http.ts';
import {openConnection} from '../../helpers/server-process.ts';

const body = '{"features": [[1, 1]]}';
const late = {code: 'request_timeout', message: 'The request took too long to arrive.', fields: []};

let local: LocalServer | undefined;
afterEach(async () => {
  await local?.close();
  local = undefined;
});

async function start(deadlines: Partial<Deadlines>) {
  local = await startLocalServer({deadlines: {checkMs: 20, ...deadlines}});
  const connection = openConnection(local.port);
  await once(connection.socket, 'connect');
  return connection;
}

function head(headers = `Content-Length: ${body.length}`, type = 'application/json'): string {
  return `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\n${headers}\r\n\r\n`;
}

function expectLate(received: string): void {
  const [response, ...others] = readResponses(received, true) as [RawResponse];
  expect(others).toEqual([]);
  expect(response.status).toBe(408);
  expect(JSON.parse(response.body)).toEqual({error: late});
  expect(response.headers).toMatchObject({
    connection: 'close',
    'x-request-id': expect.stringMatching(/^id-\d$/),
    'x-model-version': expect.stringMatching(/^[0-9a-f]{12}$/),
  });
}

async function trickle(pieces: Iterable<string>, socket: {write(piece: string): unknown; writable: boolean}) {
  for (const piece of pieces) {
    if (!socket.writable) return;
    socket.write(piece);
    await sleep(20);
  }
}

test.each([
  ['nothing', ''],
  ['a part of the head', head().slice(0, 40)],
  ['all of the head but its last byte', head().slice(0, -1)],
])('a connection that sends %s and then is silent gets 408', async (_, sent) => {
  const {socket, closed} = await start({headersMs: 100});
  socket.write(sent);
  expectLate(await closed);
});

test('a head that arrives byte by byte gets 408', async () => {
  const {socket, closed} = await start({headersMs: 100});
  await trickle(head(), socket);
  expectLate(await closed);
});

test.each([
  ['declared', head(), ''],
  ['in chunks', head('Transfer-Encoding: chunked'), '5\r\n'],
])('a body, %s, that stops arriving gets 408', async (_, start_, piece) => {
  const {socket, closed} = await start({idleMs: 100});
  socket.write(`${start_}${piece}{"fea`);
  expectLate(await closed);
});

test.each([
  ['declared', head('Content-Length: 1000')],
  ['in chunks', `${head('Transfer-Encoding: chunked')}3e8\r\n`],
  ['to a path that does not read it', head('Content-Length: 1000').replace('/predict', '/')],
])('a body, %s, that arrives byte by byte does not hold the connection', async (_, sent) => {
  const {socket, closed} = await start({bodyMs: 200, idleMs: 10_000});
  socket.write(sent);
  await trickle(' '.repeat(200), socket);
  const responses = readResponses(await closed.catch(() => ''), true);
  expect(socket.destroyed).toBe(true);
  expect(responses.every(({status}) => status === 408 || status === 405)).toBe(true);
});

test('a request that waits behind an answered one has deadlines of its own', async () => {
  const {socket, receive, closed} = await start({bodyMs: 100});
  socket.write(head() + body);
  await receive('"prediction":[10]');
  await sleep(150);
  socket.write(head() + body.slice(0, 5));
  const responses = readResponses(await closed, true);
  expect(responses.map(({status}) => status)).toEqual([200, 408]);
});

test.each(['application/x-ndjson', 'application/ndjson; charset=utf-8', 'Application/JSONL'])(
  'a stream of lines (%s) may take as long as it likes',
  async type => {
    const {socket, closed} = await start({bodyMs: 50, idleMs: 200});
    socket.write(head('Transfer-Encoding: chunked\r\nConnection: close', type));
    const lines = Array.from({length: 30}, () => '6\r\n[1,1]\n\r\n');
    await trickle([...lines, '0\r\n\r\n'], socket);
    const [response] = readResponses(await closed, true) as [RawResponse];
    expect(response.status).toBe(200);
    expect(response.body).toBe('{"prediction":10}\n'.repeat(30));
  },
);

test('a stream of lines in which nothing moves is ended', async () => {
  const {socket, receive, closed} = await start({idleMs: 150});
  socket.write(`${head('Transfer-Encoding: chunked', 'application/x-ndjson')}6\r\n[1,1]\n\r\n`);
  await receive('{"prediction":10}');
  await closed.catch(() => {});
  await expect.poll(() => local?.server.connections.open.size).toBe(0);
  expect(local?.entries).toMatchObject([{status: 200, rows: 1}]);
});

test('an answer that its client reads slowly arrives in full', async () => {
  const {socket, received, closed} = await start({idleMs: 500, bodyMs: 500});
  const rows = `{"features":[${Array(600_000).fill('[0.123,0.456]')}]}`;
  socket.write(head(`Content-Length: ${rows.length}\r\nConnection: close`) + rows);
  await once(socket, 'data');
  let paused = 0;
  socket.on('data', () => {
    // Stops of less than the deadline, of more than it together.
    if (received().length < (paused + 1) * 1_500_000) return;
    paused++;
    socket.pause();
    setTimeout(() => socket.resume(), 150);
  });
  const [response] = readResponses(await closed, true) as [RawResponse];
  expect(response.status).toBe(200);
  expect(JSON.parse(response.body).prediction).toHaveLength(600_000);
  expect(paused).toBeGreaterThan(3);
});

test('an answer that its client does not read is ended', async () => {
  const {socket} = await start({idleMs: 150});
  const rows = `{"features":[${Array(600_000).fill('[0.123,0.456]')}]}`;
  socket.write(head(`Content-Length: ${rows.length}`) + rows);
  socket.pause();
  await expect.poll(() => local?.server.connections.inFlight, {timeout: 10_000}).toBe(1);
  await expect.poll(() => local?.server.connections.open.size, {timeout: 10_000}).toBe(0);
  expect(local?.server.connections).toMatchObject({inFlight: 0, bufferedBytes: 0});
  socket.destroy();
});

test('a connection may rest between requests', async () => {
  const {socket, receive} = await start({headersMs: 50, bodyMs: 50, idleMs: 50});
  for (let i = 0; i < 3; i++) {
    socket.write(head('Content-Length: 21') + `{"features":[[${i}, 1]]}`.padEnd(21));
    await receive(`"prediction":[${2 * i + 8}]`);
    await sleep(200);
  }
  socket.destroy();
});
