import {once} from 'node:events';
import {Agent, get, type IncomingMessage} from 'node:http';
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
  type ServerBundle,
  startServer,
  stopServer,
} from '../helpers/server-process.ts';

const {artifact, text: modelText} = sealArtifact(planeContent());
const answer = `{"prediction":[10],"model_version":"${artifact.version}"}`;

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

const body = '{"features": [[1, 1]]}';
const rawPredict = (head = '') =>
  `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${head}Content-Length: ${body.length}\r\n\r\n`;

describe('a log that nobody reads', () => {
  /** Asks so often that the lines are more than the pipe, our end of it, and the server together hold. */
  async function fillLog({port}: RunningServer): Promise<number> {
    const request = rawPredict(`X-Request-Id: ${'x'.repeat(100)}\r\n`) + body;
    const [rounds, count] = [100, 200];
    const {socket, received} = openConnection(port);
    for (let round = 1; round <= rounds; round++) {
      socket.write(request.repeat(count));
      await expect.poll(() => received().split(answer).length - 1, {interval: 2}).toBe(round * count);
    }
    socket.destroy();
    return rounds * count;
  }

  async function readMetric({url}: RunningServer, name: string): Promise<number> {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1]);
  }

  test('stops neither the answers nor the end, and takes no memory', async () => {
    const running = await start();
    running.child.stdout?.pause();
    const before = await readMetric(running, 'process_resident_memory_bytes');
    await fillLog(running);
    expect(await readMetric(running, 'log_lines_dropped_total')).toBeGreaterThan(1_000);
    const after = await readMetric(running, 'process_resident_memory_bytes');
    expect(after - before).toBeLessThan(100 * 1024 * 1024);
    running.child.kill('SIGTERM');
    expect(await once(running.child, 'exit')).toEqual([0, null]);
  });

  test('says how many lines were dropped when its reader comes back', async () => {
    const running = await start();
    running.child.stdout?.pause();
    const asked = await fillLog(running);
    running.child.stdout?.resume();
    await expect.poll(running.stdout).toContain('"log lines dropped"');
    running.child.kill('SIGTERM');
    const {code, stdout} = await running.exited;
    expect(code).toBe(0);
    const lines = readLogLines(stdout);
    const warnings = lines.filter(({level}) => level === 'warn');
    expect(warnings[0]).toMatchObject({message: 'log lines dropped', lines: expect.any(Number)});
    const dropped = warnings.reduce((sum, warning) => sum + Number(warning.lines), 0);
    const logged = lines.filter(({message}) => message === 'request').length;
    expect(logged + dropped).toBe(asked);
  });
});

describe('SIGTERM and SIGINT', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends an idle server with exit 0, and cuts nothing',
    async signal => {
      const {child, exited, url} = await start();
      const agent = new Agent({keepAlive: true});
      const [response] = (await once(get(`${url}/healthz`, {agent}), 'response')) as [IncomingMessage];
      response.resume();
      await once(response, 'end');
      child.kill(signal);
      const {code, signal: killedBy, stdout, stderr} = await exited;
      expect({code, killedBy, stderr}).toEqual({code: 0, killedBy: null, stderr: ''});
      expect(readLogLines(stdout).at(-1)).toMatchObject({message: 'stopped', cut_connections: 0});
      agent.destroy();
    },
  );

  test('lets a request in flight finish, and takes no new connections', async () => {
    const {child, exited, port, url} = await start();
    const {socket, receive, closed} = openConnection(port);
    socket.write(rawPredict() + body.slice(0, 5));
    await sleep(100);
    child.kill('SIGTERM');
    await sleep(300);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
    socket.write(body.slice(5));
    const {statusLine, headers} = readResponse(await receive(answer));
    expect(statusLine).toBe('HTTP/1.1 200 OK');
    expect(headers).toMatchObject({connection: 'close'});
    await closed;
    expect(await exited).toMatchObject({code: 0});
  });

  test('answers a readiness check on a connection that is still busy with 503', async () => {
    const {child, exited, port} = await start();
    const {socket, receive, closed} = openConnection(port);
    // The beginning of a request keeps the connection from being idle.
    socket.write('GET /readyz HTTP/1.1\r\nHos');
    await sleep(100);
    child.kill('SIGTERM');
    await sleep(200);
    socket.write('t: x\r\n\r\n');
    const {statusLine, content} = readResponse(await receive('"fields":[]}}'));
    expect(statusLine).toBe('HTTP/1.1 503 Service Unavailable');
    expect(JSON.parse(content ?? '')).toEqual({
      error: {code: 'draining', message: 'The server is shutting down.', fields: []},
    });
    await closed;
    expect(await exited).toMatchObject({code: 0});
  });

  test('do not wait for a connection that never sent a byte', async () => {
    const {child, exited, port} = await start();
    const {socket, closed} = openConnection(port);
    await once(socket, 'connect');
    await sleep(50);
    child.kill('SIGTERM');
    const {code, stdout} = await exited;
    expect(code).toBe(0);
    // it ends such a connection itself, long before the deadline that cuts
    expect(readLogLines(stdout).at(-1)).toMatchObject({message: 'stopped', cut_connections: 0});
    await closed.catch(() => {});
  });

  test('cut what does not finish, and still exit 0', async () => {
    const {child, exited, port} = await start();
    const {socket, closed} = openConnection(port);
    socket.write(rawPredict() + body.slice(0, 5));
    await sleep(100);
    child.kill('SIGTERM');
    const {code, stdout} = await exited;
    expect(code).toBe(0);
    expect(readLogLines(stdout).at(-1)).toMatchObject({
      level: 'warn',
      message: 'stopped',
      cut_connections: 1,
    });
    await closed.catch(() => {});
  });

  test('cut when sent twice', async () => {
    const {child, exited, port} = await start();
    const {socket, closed} = openConnection(port);
    socket.write(rawPredict() + body.slice(0, 5));
    await sleep(100);
    child.kill('SIGTERM');
    await sleep(100);
    child.kill('SIGTERM');
    const {code, stdout} = await exited;
    expect(code).toBe(0);
    expect(readLogLines(stdout).at(-1)).toMatchObject({message: 'stopped', cut_connections: 1});
    await closed.catch(() => {});
  });
});
