import {once} from 'node:events';
import {rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {sealArtifact} from '../../serve/artifact/artifact.ts';
import {certificatePath, keyPath} from '../helpers/certificates.ts';
import {askHttps} from '../helpers/https-client.ts';
import {readLogLines} from '../helpers/log-lines.ts';
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

const {text: modelText} = sealArtifact(planeContent());
const tls = {TLS_CERT_FILE: certificatePath('server'), TLS_KEY_FILE: keyPath('server')};

let bundle: ServerBundle;
let keyFile: string;
let server: RunningServer | undefined;

beforeAll(async () => {
  bundle = await bundleServer(modelText);
  keyFile = join(bundle.folder, 'keys');
});
afterEach(async () => {
  await stopServer(server);
  server = undefined;
});
afterAll(() => bundle.remove());

async function start(env: Record<string, string>): Promise<RunningServer> {
  server = await startServer(bundle, env);
  return server;
}

const json = {'content-type': 'application/json'};
const predict = {method: 'POST', headers: json, body: '{"features": [[1, 1]]}'};
const post = (url: string, headers: Record<string, string>) =>
  fetch(`${url}/predict`, {...predict, headers: {...json, ...headers}});

describe('a server with API_KEY_FILE', () => {
  test('asks for a key, on the way through the app and on the fast one, and never logs it', async () => {
    await writeFile(keyFile, 'open-sesame\n');
    const running = await start({API_KEY_FILE: keyFile, LOG_LEVEL: 'debug'});
    for (const accept of ['*/*', 'application/json, text/plain']) {
      expect((await post(running.url, {accept})).status).toBe(401);
      expect((await post(running.url, {accept, authorization: 'Bearer wrong-word'})).status).toBe(401);
      expect((await post(running.url, {accept, authorization: 'Bearer open-sesame'})).status).toBe(200);
      expect((await post(running.url, {accept, 'x-api-key': 'open-sesame'})).status).toBe(200);
    }
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${running.url}/metrics`)).status).toBe(401);
    running.child.kill('SIGTERM');
    const {code, stdout, stderr} = await running.exited;
    expect(code).toBe(0);
    expect(stdout + stderr).not.toMatch(/sesame|wrong-word/);
    const requests = readLogLines(stdout).filter(({message}) => message === 'request');
    expect(requests.map(({status}) => status)).toEqual([401, 401, 200, 200, 401, 401, 200, 200, 200, 401]);
  });

  test('answers a refused body to its end, and the next request on the connection', async () => {
    await writeFile(keyFile, 'open-sesame\n');
    const {port} = await start({API_KEY_FILE: keyFile});
    const {socket, receive} = openConnection(port);
    const body = ' '.repeat(300_000);
    socket.write(
      `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
        'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    );
    const text = await receive('{"status":"alive"}');
    expect(text).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
    socket.destroy();
  });

  test('reads the file again on SIGHUP, and keeps the old keys where it is broken', async () => {
    await writeFile(keyFile, 'first\n');
    const running = await start({API_KEY_FILE: keyFile});
    const statusOf = async (key: string) => (await post(running.url, {'x-api-key': key})).status;
    const reload = async (text: string | undefined, lines: number) => {
      if (text === undefined) await rm(keyFile);
      else await writeFile(keyFile, text);
      running.child.kill('SIGHUP');
      const isRead = () =>
        readLogLines(running.stdout()).filter(({what}) => what === 'API keys').length >= lines;
      while (!isRead()) await once(running.child.stdout ?? running.child, 'data', deadline());
    };
    await reload('second\n', 1);
    expect([await statusOf('first'), await statusOf('second')]).toEqual([401, 200]);
    await reload('third one\n', 2);
    expect([await statusOf('second'), await statusOf('third')]).toEqual([200, 401]);
    await reload(undefined, 3);
    expect(await statusOf('second')).toBe(200);
    expect(readLogLines(running.stdout()).filter(({what}) => what === 'API keys')).toMatchObject([
      {level: 'info', message: 'read again'},
      {
        level: 'error',
        message: 'what was read before is kept',
        error: expect.stringMatching(/^API_KEY_FILE: .*keys:1: expected a key without spaces/),
      },
      {level: 'error', error: expect.stringContaining('found ENOENT')},
    ]);
  });

  test.each([
    ['that is not there', undefined, 'found ENOENT at KEYS'],
    ['without a key', '# none\n', 'found none in KEYS'],
    ['with a line that is no key', 'open sesame\n', 'KEYS:1: expected a key without spaces'],
  ])('does not start with a file %s', async (_, text, reason) => {
    if (text === undefined) await rm(keyFile, {force: true});
    else await writeFile(keyFile, text);
    const {code, stdout, stderr} = await runServer(bundle, {API_KEY_FILE: keyFile});
    expect({code, stdout}).toEqual({code: 2, stdout: ''});
    expect(stderr).toContain(reason.replace('KEYS', keyFile));
    expect(stderr).not.toMatch(/sesame|at .*server\.mjs/);
  });
});

describe('a server with TLS_CERT_FILE and TLS_KEY_FILE', () => {
  test('speaks HTTPS, ends as any other, and its health check knows', async () => {
    const running = await start(tls);
    expect(running.url).toMatch(/^https:/);
    expect((await askHttps(running.port, '/predict', predict)).status).toBe(200);
    const env = {PORT: String(running.port)};
    expect(await runServer(bundle, {...env, ...tls}, ['--healthcheck'])).toMatchObject({code: 0, stderr: ''});
    expect(await runServer(bundle, env, ['--healthcheck'])).toMatchObject({code: 1});
    running.child.kill('SIGTERM');
    expect(await running.exited).toMatchObject({code: 0, stderr: ''});
  });

  test('is healthy where clients are asked for a certificate and for a key', async () => {
    await writeFile(keyFile, 'open-sesame\n');
    const env = {...tls, TLS_CLIENT_CA_FILE: certificatePath('ca'), API_KEY_FILE: keyFile};
    const {port} = await start(env);
    const check = await runServer(bundle, {...env, PORT: String(port)}, ['--healthcheck']);
    expect(check).toMatchObject({code: 0, stderr: ''});
    const key = {...json, 'x-api-key': 'open-sesame'};
    expect((await askHttps(port, '/predict', {...predict, headers: key})).status).toBe(403);
  });

  test('ends in time although a connection never shakes hands', async () => {
    const running = await start(tls);
    const {socket, closed} = openConnection(running.port);
    await once(socket, 'connect');
    running.child.kill('SIGTERM');
    expect(await running.exited).toMatchObject({code: 0, stderr: ''});
    await closed.catch(() => '');
  });

  test('does not start with a key that is of another certificate', async () => {
    const {code, stderr} = await runServer(bundle, {...tls, TLS_KEY_FILE: keyPath('other')});
    expect(code).toBe(2);
    expect(stderr).toBe(
      `TLS_KEY_FILE: expected the key of the certificate in ${tls.TLS_CERT_FILE}, found another key in ${keyPath('other')}. Give the key that the certificate was requested with.\n`,
    );
  });
});

function deadline() {
  return {signal: AbortSignal.timeout(10_000)};
}
