import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import {Worker} from 'node:worker_threads';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {prepareDrain} from '../../../serve/http/drain.ts';
import {startLocalServer} from '../../helpers/local-server.ts';
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

const body = '{"features": [[1, 1]]}';
const request = requestOf(body);

let bundle: ServerBundle;
let server: RunningServer;

beforeAll(async () => {
  bundle = await bundleServer(sealArtifact(planeContent()).text);
});
afterEach(() => stopServer(server));
afterAll(() => bundle.remove());

function requestOf(
  text: string,
  headers = `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n`,
) {
  return `POST /predict HTTP/1.1\r\nHost: x\r\n${headers}\r\n${text}`;
}

/**
 * A client that sends one request after the other on one connection, until an answer says that it is the last.
 *
 * A request counts as accepted when it was sent on a connection whose end the server had not announced: neither by
 * `connection: close` nor by closing it.
 *
 * @returns how many requests were accepted, and how many of them answered.
 */
async function ask(port: number, thinkMs: () => number): Promise<{accepted: number; answered: number}> {
  const {socket, received, closed} = openConnection(port);
  await once(socket, 'connect');
  let isClosed = false;
  void closed
    .catch(() => {})
    .finally(() => {
      isClosed = true;
    });
  const counts = {accepted: 0, answered: 0};
  let length = 0;
  while (!isClosed) {
    counts.accepted++;
    socket.write(request);
    let response: RawResponse | undefined;
    while (response === undefined && !isClosed) {
      await Promise.race([once(socket, 'data'), closed.catch(() => {})]);
      [response] = readResponses(received().slice(length));
    }
    length = received().length;
    if (response?.status !== 200) break;
    counts.answered++;
    if (response.headers.connection === 'close') break;
    if (thinkMs() > 0) await sleep(thinkMs());
  }
  return counts;
}

describe('SIGTERM', () => {
  test.each([
    ['without a pause', () => 0],
    ['with pauses of up to 0.2 s', () => Math.random() * 200],
  ])('under the load of clients that ask %s loses no request', async (_, thinkMs) => {
    for (let round = 0; round < 3; round++) {
      server = await startServer(bundle);
      const clients = Array.from({length: 32}, () => ask(server.port, thinkMs));
      await sleep(300 + 50 * round);
      server.child.kill('SIGTERM');
      const outcomes = await Promise.all(clients);
      for (const {accepted, answered} of outcomes) expect(answered).toBe(accepted);
      const {code, stdout, stderr} = await server.exited;
      expect({code, stderr}).toEqual({code: 0, stderr: ''});
      expect(stdout).toContain('"message":"stopped","cut_connections":0}');
      const logged = stdout.match(/"message":"request"/g)?.length;
      expect(logged).toBe(outcomes.reduce((sum, {answered}) => sum + answered, 0));
    }
  });

  test('lets a client read a large answer slowly', async () => {
    server = await startServer(bundle, {MAX_ROWS: '1000000'});
    const rows = `{"features":[${Array(600_000).fill('[0.123,0.456]')}]}`;
    const {socket, closed} = openConnection(server.port);
    socket.write(requestOf(rows));
    await once(socket, 'data');
    socket.pause();
    server.child.kill('SIGTERM');
    await sleep(1_500);
    socket.resume();
    const [response] = readResponses(await closed, true) as [RawResponse];
    expect(JSON.parse(response.body).prediction).toHaveLength(600_000);
    expect(await server.exited).toMatchObject({code: 0});
  });

  test('lets a client get the answers to all that it has pipelined', async () => {
    server = await startServer(bundle);
    const {socket, closed} = openConnection(server.port);
    socket.write(request.slice(0, -1));
    await sleep(100);
    server.child.kill('SIGTERM');
    await sleep(100);
    socket.write(request.slice(-1) + request.repeat(99));
    const responses = readResponses(await closed, true);
    expect(responses.map(({status}) => status)).toEqual(Array(100).fill(200));
    expect(responses.at(-1)?.headers.connection).toBe('close');
    expect(await server.exited).toMatchObject({code: 0});
  });

  test('lets a client finish its stream of lines', async () => {
    server = await startServer(bundle);
    const {socket, receive, closed} = openConnection(server.port);
    const line = '6\r\n[1,1]\n\r\n';
    socket.write(requestOf(line, 'Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n'));
    await receive('{"prediction":10}');
    server.child.kill('SIGTERM');
    for (let i = 0; i < 10; i++) {
      await sleep(100);
      socket.write(line);
    }
    socket.write('0\r\n\r\n');
    const [response] = readResponses(await closed, true) as [RawResponse];
    expect(response.body).toBe('{"prediction":10}\n'.repeat(11));
    expect(await server.exited).toMatchObject({code: 0});
  });
});

/**
 * Clients in a thread of their own, so that they connect while this one does nothing.
 *
 * @returns once the system has connected all of them, and the server could not accept any: what they receive until
 *   their connections close.
 */
function connectBehindItsBack(port: number, clients: number): Promise<string[]> {
  const connected = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(connectClients, {eval: true, workerData: {port, clients, request, connected}});
  const received = once(worker, 'message').then(([texts]: string[][]) => texts ?? []);
  const deadlineMs = performance.now() + 10_000;
  for (let count = 0; count < clients && performance.now() < deadlineMs; ) {
    Atomics.wait(connected, 0, count, 100);
    count = Atomics.load(connected, 0);
  }
  return received;
}

const connectClients = `
  const {parentPort, workerData: {port, clients, request, connected}} = require('node:worker_threads');
  const {connect} = require('node:net');
  const texts = Array(clients).fill('');
  let open = clients;
  for (let i = 0; i < clients; i++) {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(request);
      Atomics.add(connected, 0, 1);
      Atomics.notify(connected, 0);
    });
    socket.on('data', chunk => { texts[i] += chunk; });
    socket.on('error', () => {});
    socket.on('close', () => { if (--open === 0) parentPort.postMessage(texts); });
  }
`;

describe('draining', () => {
  test('lets in the clients that the system has connected, and the server has not accepted', async () => {
    const local = await startLocalServer();
    try {
      const received = connectBehindItsBack(local.port, 32);
      expect(local.server.connections.open.size).toBe(0);
      const drained = prepareDrain(local.server).start(5_000);
      const statuses = (await received).map(text => readResponses(text, true)[0]?.status);
      expect(statuses).toEqual(Array(32).fill(200));
      expect(await drained).toBe(0);
    } finally {
      await local.close();
    }
  });

  test('ends at once when its connections are cut, whatever its deadline', async () => {
    const local = await startLocalServer();
    const {socket, closed} = openConnection(local.port);
    socket.write(request.slice(0, -1));
    await expect.poll(() => local.server.connections.inFlight).toBe(1);
    const {start, cut} = prepareDrain(local.server);
    const drained = start(3_600_000);
    cut();
    expect(await drained).toBe(1);
    await closed.catch(() => {});
  });

  test('answers all pipelined requests, and says with the last that it closes', async () => {
    const local = await startLocalServer();
    try {
      const {socket, received, closed} = openConnection(local.port);
      socket.write(request.slice(0, -1));
      await expect.poll(() => local.server.connections.inFlight).toBe(1);
      const drained = prepareDrain(local.server).start(5_000);
      socket.write(request.slice(-1) + request.repeat(99));
      await closed;
      const responses = readResponses(received(), true);
      expect(responses).toHaveLength(100);
      expect(responses.map(({status}) => status)).toEqual(responses.map(() => 200));
      expect(responses.map(({headers}) => headers.connection)).toEqual([
        ...Array(99).fill('keep-alive'),
        'close',
      ]);
      expect(await drained).toBe(0);
    } finally {
      await local.close();
    }
  });
});
