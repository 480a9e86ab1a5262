import {once} from 'node:events';
import {chmod, readdir, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {sealArtifact} from '../../serve/artifact/artifact.ts';
import {readLogLines} from '../helpers/log-lines.ts';
import {readResponse} from '../helpers/raw-http.ts';
import {planeContent} from '../helpers/server-artifact.ts';
import {
  bundleServer,
  openConnection,
  type RunningServer,
  runServer,
  type ServerBundle,
  startServer,
  stopServer,
} from '../helpers/server-process.ts';

const {artifact, text: modelText} = sealArtifact(planeContent());
const retrain = 'Train again with `npm run train`, or restore the file from the release.';
const answer = `{"prediction":[10],"model_version":"${artifact.version}"}`;

/** A user without a name or a home, when the tests run as root; else the user they run as. */
const anyUser = process.getuid?.() === 0 ? 54_321 : undefined;

let bundle: ServerBundle;
let server: RunningServer | undefined;

beforeAll(async () => {
  bundle = await bundleServer(modelText);
});
afterEach(async () => {
  await stopServer(server);
  server = undefined;
});
afterAll(() => bundle.remove());

async function start(env: Record<string, string> = {}, args: readonly string[] = []) {
  server = await startServer(bundle, env, args);
  return server;
}

async function writeModel(name: string, text: string): Promise<string> {
  const path = join(bundle.folder, name);
  await writeFile(path, text);
  return path;
}

const json = {'content-type': 'application/json'};
const body = '{"features": [[1, 1]]}';
const rawPredict = (head = '') =>
  `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${head}Content-Length: ${body.length}\r\n\r\n`;

describe('the server', () => {
  test('predicts, with the model beside the bundle', async () => {
    const {url} = await start();
    const response = await fetch(`${url}/predict`, {method: 'POST', headers: json, body});
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(answer);
    expect(response.headers.get('x-model-version')).toBe(artifact.version);
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f]{12}-0$/);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test('takes another model from MODEL_PATH', async () => {
    const content = planeContent();
    const other = sealArtifact({...content, name: 'other'});
    const {url} = await start({MODEL_PATH: await writeModel('other.json', other.text)});
    expect(await (await fetch(`${url}/model`)).json()).toMatchObject({name: 'other'});
  });

  test('runs as any user, and writes no file', async () => {
    const before = await readdir(bundle.folder);
    server = await startServer(bundle, {}, [], anyUser);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await readdir(bundle.folder)).toEqual(before);
  });

  test('ignores arguments that platforms append', async () => {
    const {url} = await start({}, ['serve', '--port', '1']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('logs its start and each request as JSON lines, without values or paths', async () => {
    const running = await start();
    await fetch(`${running.url}/predict`, {
      method: 'POST',
      headers: {...json, 'x-request-id': 'mine'},
      body: '{"features": [[123.25, 1]]}',
    });
    await fetch(`${running.url}/secret?secret`);
    running.child.kill('SIGTERM');
    const {stdout, stderr} = await running.exited;
    expect(stderr).toBe('');
    expect(stdout).not.toMatch(/secret|123\.25/);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const common = {time, level: 'info'};
    expect(readLogLines(stdout)).toEqual([
      {
        ...common,
        message: 'listening',
        address: running.url,
        model: 'plane',
        model_version: artifact.version,
        node: process.version,
      },
      {
        ...common,
        message: 'request',
        id: 'mine',
        method: 'POST',
        route: '/predict',
        status: 200,
        ms: expect.any(Number),
        rows: 1,
      },
      {
        ...common,
        message: 'request',
        id: expect.stringMatching(/-0$/),
        method: 'GET',
        route: 'unmatched',
        status: 404,
        ms: expect.any(Number),
      },
      {...common, message: 'stopping', signal: 'SIGTERM'},
      {...common, message: 'stopped', cut_connections: 0},
    ]);
  });

  test('goes on when the reader of its log goes away', async () => {
    const {url, child} = await start();
    child.stdout?.destroy();
    for (let i = 0; i < 3; i++) {
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      await sleep(150);
    }
  });
});

test('a server that fails has logged all it did, and why it failed', async () => {
  const failure = 'process.once("SIGUSR2", () => { throw new Error("on purpose") })';
  const running = await start({NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(failure)}`});
  const {socket, receive} = openConnection(running.port);
  socket.write(rawPredict('X-Request-Id: last\r\n') + body);
  await receive(answer);
  running.child.kill('SIGUSR2');
  const {code, stdout, stderr} = await running.exited;
  expect(code).toBe(1);
  expect(stderr).toContain('Error: on purpose');
  expect(readLogLines(stdout).slice(-2)).toMatchObject([
    {level: 'info', message: 'request', id: 'last'},
    {level: 'error', message: 'fatal', error: expect.stringMatching(/^Error: on purpose\n {4}at /)},
  ]);
});

describe('HTTP', () => {
  test('answers pipelined requests in their order', async () => {
    const {port} = await start();
    const {socket, receive} = openConnection(port);
    const row = (a: number) => `{"features": [[${a}, 1]]}`;
    socket.write((rawPredict() + row(1)).concat(rawPredict() + row(2), rawPredict() + row(3)));
    const text = await receive('"prediction":[14]');
    expect(text.match(/"prediction":\[\d+\]/g)).toEqual([
      '"prediction":[10]',
      '"prediction":[12]',
      '"prediction":[14]',
    ]);
    socket.destroy();
  });

  test('reads a chunked body', async () => {
    const {port} = await start();
    const {socket, receive} = openConnection(port);
    socket.write('POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (const part of [body.slice(0, 5), body.slice(5)]) {
      socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
      await sleep(20);
    }
    socket.write('0\r\n\r\n');
    expect(readResponse(await receive(answer)).statusLine).toBe('HTTP/1.1 200 OK');
    socket.destroy();
  });

  test('serves HTTP/1.0 without a Host, as simple health checks ask', async () => {
    const {port} = await start();
    const {socket, closed} = openConnection(port);
    socket.write('GET /healthz HTTP/1.0\r\n\r\n');
    expect(readResponse(await closed)).toMatchObject({
      statusLine: 'HTTP/1.1 200 OK',
      content: '{"status":"alive"}',
    });
  });

  test.each([
    ['no HTTP', 'secret\r\n\r\n', '400 Bad Request', 'malformed_request'],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', '400 Bad Request', 'malformed_request'],
    ['a broken Host', 'GET /healthz HTTP/1.1\r\nHost: a/b@c\r\n\r\n', '400 Bad Request', 'malformed_request'],
    ['a broken path', 'GET secret HTTP/1.1\r\nHost: x\r\n\r\n', '400 Bad Request', 'malformed_request'],
    [
      'two lengths',
      'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      '400 Bad Request',
      'malformed_request',
    ],
    [
      'too large headers',
      `GET /healthz HTTP/1.1\r\nHost: x\r\nSecret: ${'x'.repeat(20_000)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
      'headers_too_large',
    ],
  ])('answers %s in the shape of every error, and closes', async (_, request, status, code) => {
    const {port} = await start();
    const {socket, closed} = openConnection(port);
    socket.write(request);
    const {statusLine, headers, content} = readResponse(await closed);
    expect(statusLine).toBe(`HTTP/1.1 ${status}`);
    expect(headers).toMatchObject({
      connection: 'close',
      'content-type': 'application/json',
      'x-model-version': artifact.version,
      'x-request-id': expect.stringMatching(/^[0-9a-f]{12}-\w+$/),
    });
    expect(JSON.parse(content ?? '')).toEqual({
      error: {
        code,
        message:
          code === 'malformed_request'
            ? 'This is not a well-formed HTTP request.'
            : 'The headers of the request are too large.',
        fields: [],
      },
    });
  });

  test('survives a client that leaves in the middle of a body', async () => {
    const running = await start();
    const {socket} = openConnection(running.port);
    socket.write(`${rawPredict()}{"fea`);
    await sleep(50);
    socket.destroy();
    await sleep(50);
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200);
    running.child.kill('SIGTERM');
    const {stdout} = await running.exited;
    expect(stdout).not.toContain('"level":"error"');
  });

  test('answers an unknown expectation as if it were not there', async () => {
    const {port} = await start();
    const {socket, receive} = openConnection(port);
    socket.write(rawPredict('Expect: wonders\r\n') + body);
    expect(readResponse(await receive(answer)).statusLine).toBe('HTTP/1.1 200 OK');
    socket.destroy();
  });
});

describe('limits', () => {
  test('come from the environment; what is refused is logged and counted', async () => {
    const running = await start({MAX_IN_FLIGHT: '1', MAX_CONNECTIONS: '3'});
    const busy = openConnection(running.port);
    busy.socket.write(rawPredict() + body.slice(0, 5));
    const next = openConnection(running.port);
    await sleep(50);
    next.socket.write(rawPredict('X-Request-Id: mine\r\n') + body);
    expect(readResponse(await next.receive('"fields":[]}}'))).toMatchObject({
      statusLine: 'HTTP/1.1 429 Too Many Requests',
      headers: {'retry-after': '1', 'x-request-id': 'mine'},
    });
    openConnection(running.port);
    await sleep(50);
    const surplus = openConnection(running.port);
    surplus.socket.write(rawPredict() + body);
    expect(readResponse(await surplus.closed).statusLine).toBe('HTTP/1.1 503 Service Unavailable');
    surplus.socket.destroy();
    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    expect(metrics).toContain('http_requests_total{route="refused",method="POST",status="429"} 1\n');
    expect(metrics).toContain('http_requests_total{route="refused",method="POST",status="503"} 1\n');
    busy.socket.write(body.slice(5));
    await busy.receive(answer);
    running.child.kill('SIGTERM');
    const {stdout} = await running.exited;
    expect(readLogLines(stdout).filter(({message}) => message === 'request refused')).toMatchObject([
      {level: 'info', id: 'mine', method: 'POST', status: 429, reason: 'too_many_requests'},
      {level: 'info', method: 'POST', status: 503, reason: 'too_many_connections'},
    ]);
  });

  test('include the port that Vertex AI sets', async () => {
    expect(await runServer(bundle, {PORT: '8000', AIP_HTTP_PORT: '65536'})).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('AIP_HTTP_PORT'),
    });
    const {port} = await start({PORT: '1', AIP_HTTP_PORT: '0'});
    expect(port).toBeGreaterThan(1);
  });
});

describe('an oversized body', () => {
  const tooLarge = {
    error: {
      code: 'body_too_large',
      message: 'The body is too large. Send at most 1000000 bytes.',
      fields: [],
    },
  };

  test('is answered with 413 to fetch, declared or streamed', async () => {
    const {url} = await start({MAX_BODY_BYTES: '1000000'});
    for (let i = 0; i < 3; i++) {
      const bytes = new Uint8Array(20_000_000);
      const declared = await fetch(`${url}/predict`, {method: 'POST', headers: json, body: bytes});
      expect(declared.status).toBe(413);
      expect(await declared.json()).toEqual(tooLarge);
      const stream = new Blob([bytes]).stream();
      const init: RequestInit = {method: 'POST', headers: json, body: stream, duplex: 'half'};
      const streamed = await fetch(`${url}/predict`, init);
      expect(streamed.status).toBe(413);
      expect(await streamed.json()).toEqual(tooLarge);
    }
  });

  test.each([
    ['declared', 'Content-Length: 20000000\r\n'],
    ['chunked', 'Transfer-Encoding: chunked\r\n'],
  ])('%s, is answered to a client that reads only after it has sent all', async (kind, header) => {
    const {port} = await start({MAX_BODY_BYTES: '1000000'});
    const {socket, receive, closed} = openConnection(port);
    socket.pause();
    socket.write(`POST /predict HTTP/1.1\r\nHost: x\r\n${header}\r\n`);
    const part = Buffer.alloc(100_000, ' ');
    for (let i = 0; i < 200; i++) {
      if (kind === 'chunked') socket.write('186a0\r\n');
      if (!socket.write(part)) await once(socket, 'drain');
      if (kind === 'chunked') socket.write('\r\n');
    }
    if (kind === 'chunked') socket.write('0\r\n\r\n');
    socket.resume();
    await receive('"fields":[]}}');
    const {statusLine, headers, content} = readResponse(await closed);
    expect(statusLine).toBe('HTTP/1.1 413 Payload Too Large');
    expect(headers).toMatchObject({connection: 'close', 'x-model-version': artifact.version});
    expect(JSON.parse(content ?? '')).toEqual(tooLarge);
  });

  test('is answered at once to a client that waits before it sends', async () => {
    const {port} = await start({MAX_BODY_BYTES: '1000000'});
    const {socket, receive} = openConnection(port);
    socket.write('POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n');
    const text = await receive('"fields":[]}}');
    expect(readResponse(text).statusLine).toBe('HTTP/1.1 413 Payload Too Large');
    socket.destroy();
  });
});

describe('a server that cannot start exits with 2 and says why', () => {
  test('when a variable is wrong', async () => {
    expect(await runServer(bundle, {PORT: '70000'})).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr:
        'The server cannot start with this environment:\n  PORT: expected a whole number from 0 to 65535, found "70000". Set PORT=8000, or leave it out.\n',
    });
  });

  test('when the port is taken', async () => {
    const {port} = await start();
    expect(await runServer(bundle, {PORT: String(port)})).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: `The server cannot listen on 127.0.0.1:${port}: the port is taken (EADDRINUSE). Stop the program that has it, or set PORT to a free one (PORT=0 finds one).\n`,
    });
  });

  test('when this machine does not have the address', async () => {
    // 192.0.2.0/24 is reserved for documentation (RFC 5737).
    expect(await runServer(bundle, {HOST: '192.0.2.1', PORT: '0'})).toMatchObject({
      code: 2,
      stderr:
        'The server cannot listen on 192.0.2.1:0: this machine does not have the address (EADDRNOTAVAIL). Set HOST=127.0.0.1, or HOST=0.0.0.0 for all addresses.\n',
    });
  });

  test('when there is no model', async () => {
    expect(await runServer(bundle, {MODEL_PATH: '/nowhere/model.json'})).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr:
        'The model cannot be read from /nowhere/model.json (ENOENT). Set MODEL_PATH to a model.json that this user may read.\n',
    });
  });

  test('when the model is a folder', async () => {
    expect(await runServer(bundle, {MODEL_PATH: bundle.folder})).toMatchObject({
      code: 2,
      stderr: `The model cannot be read from ${bundle.folder} (EISDIR). Set MODEL_PATH to a model.json that this user may read.\n`,
    });
  });

  test('when the model may not be read', async () => {
    const path = await writeModel('forbidden.json', modelText);
    await chmod(path, 0);
    expect(await runServer(bundle, {MODEL_PATH: path}, [], anyUser)).toMatchObject({
      code: 2,
      stderr: `The model cannot be read from ${path} (EACCES). Set MODEL_PATH to a model.json that this user may read.\n`,
    });
  });

  test('when one byte of the model was changed', async () => {
    const path = await writeModel('changed.json', modelText.replace('"mae":0.4', '"mae":0.3'));
    const {code, stdout, stderr} = await runServer(bundle, {MODEL_PATH: path});
    expect({code, stdout}).toEqual({code: 2, stdout: ''});
    const found = /its bytes say ([0-9a-f]{12})/.exec(stderr)?.[1];
    expect(found).not.toBe(artifact.version);
    expect(stderr).toBe(
      `${path} was changed after it was written: its version says ${artifact.version}, its bytes say ${found}. ${retrain}\n`,
    );
  });

  test('when the format is of the future', async () => {
    const path = await writeModel('future.json', modelText.replace('"formatVersion":1', '"formatVersion":2'));
    expect(await runServer(bundle, {MODEL_PATH: path})).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: `${path} has format version 2; this program reads version 1. Use the program that wrote it, or a newer one.\n`,
    });
  });
});

describe('--healthcheck', () => {
  test('exits 0 when the server is ready', async () => {
    const {port} = await start();
    const exit = await runServer(bundle, {PORT: String(port)}, ['--healthcheck']);
    expect(exit).toEqual({code: 0, signal: null, stdout: '', stderr: ''});
  });

  test('asks the loopback address of a server that listens on all', async () => {
    const {port} = await start({HOST: '0.0.0.0'});
    const exit = await runServer(bundle, {HOST: '0.0.0.0', PORT: String(port)}, ['serve', '--healthcheck']);
    expect(exit).toEqual({code: 0, signal: null, stdout: '', stderr: ''});
  });

  test('exits 1 when nothing listens', async () => {
    const {port, child, exited} = await start();
    child.kill('SIGTERM');
    await exited;
    expect(await runServer(bundle, {PORT: String(port)}, ['--healthcheck'])).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: `Not ready: connect ECONNREFUSED 127.0.0.1:${port}.\n`,
    });
  });

  test('exits 1 when the answer is not 200', async () => {
    const other = createServer(socket => socket.end('HTTP/1.1 503 Not Now\r\nContent-Length: 0\r\n\r\n'));
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const exit = await runServer(bundle, {PORT: String(port)}, ['--healthcheck']);
    expect(exit).toMatchObject({code: 1, stderr: 'Not ready: /readyz answered 503.\n'});
    other.close();
  });

  test('exits 1 after 2 s without an answer', async () => {
    const silent = createServer();
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const exit = await runServer(bundle, {PORT: String(port)}, ['--healthcheck']);
    expect(exit).toMatchObject({code: 1, stderr: 'Not ready: no answer within 2000 ms.\n'});
    silent.close();
  });

  test('exits 1 when PORT is wrong', async () => {
    expect(await runServer(bundle, {PORT: 'x'}, ['--healthcheck'])).toMatchObject({code: 1});
  });
});
