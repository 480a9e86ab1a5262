import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {request} from 'node:http';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {planeContent} from '../../helpers/server-artifact.ts';
import {
  bundleServer,
  type RunningServer,
  type ServerBundle,
  startServer,
  stopServer,
} from '../../helpers/server-process.ts';

// Long lines, so that a server that kept them would be seen to: a million are 200 MB.
const line = `${'[1,1]'.padEnd(199)}\n`;
const piece = line.repeat(1_000);
const answer = '{"prediction":10}\n'.length;
const MiB = 1024 * 1024;

let bundle: ServerBundle;
let server: RunningServer;

beforeAll(async () => {
  bundle = await bundleServer(sealArtifact(planeContent()).text);
});
beforeEach(async () => {
  server = await startServer(bundle);
});
afterEach(() => stopServer(server));
afterAll(() => bundle.remove());

/** A request whose body is sent in pieces by the caller; what it answers is only counted. */
function open() {
  const outgoing = request(`${server.url}/predict`, {
    method: 'POST',
    headers: {'content-type': 'application/x-ndjson'},
  });
  outgoing.flushHeaders();
  return outgoing;
}

/** Sends pieces until `isEnough`, or until the server has taken nothing for a second. @returns the bytes handed over. */
async function pour(
  outgoing: ReturnType<typeof open>,
  isEnough: (bytes: number) => boolean,
): Promise<number> {
  let bytes = 0;
  while (!isEnough(bytes)) {
    const isTaken = outgoing.write(piece);
    bytes += piece.length;
    if (isTaken) continue;
    const drained = once(outgoing, 'drain').then(() => true);
    if (!(await Promise.race([drained, sleep(1_000, false)]))) return bytes;
  }
  return bytes;
}

/** The most memory that the server ever had, in MiB. */
async function readPeakMiB(): Promise<number> {
  const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

describe.runIf(process.platform === 'linux')('a stream of rows', () => {
  test('of a million lines is answered in bounded memory', async () => {
    const outgoing = open();
    const answered = once(outgoing, 'response').then(async ([response]) => {
      let bytes = 0;
      for await (const chunk of response) bytes += chunk.length;
      return bytes;
    });
    await pour(outgoing, bytes => bytes >= 1_000_000 * line.length);
    outgoing.end();
    expect(await answered).toBe(1_000_000 * answer);
    expect(await readPeakMiB()).toBeLessThan(250);
    await expect.poll(server.stdout).toContain('"status":200');
    expect(server.stdout()).toMatch(/"route":"\/predict","status":200,"ms":[\d.]+,"rows":1000000\}/);
  });

  test('stops where its client does not read, and goes on when it does', async () => {
    const outgoing = open();
    const [response] = await once(outgoing, 'response');
    // Nothing reads the answer: what the server has taken by now fills buffers, its own and the system's.
    const sent = await pour(outgoing, bytes => bytes >= 500 * MiB);
    const unread = (sent / line.length) * answer;
    expect(unread).toBeLessThan(16 * MiB);
    expect(await readPeakMiB()).toBeLessThan(250);
    outgoing.end();
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    expect(bytes).toBe(unread);
  });

  test('ends when its client goes away, and the server serves on', async () => {
    const outgoing = open();
    outgoing.on('error', () => {});
    const [response] = await once(outgoing, 'response');
    response.on('error', () => {});
    await pour(outgoing, bytes => bytes >= MiB);
    outgoing.destroy();
    await expect.poll(server.stdout).toMatch(/"route":"\/predict","status":200,"ms":[\d.]+,"rows":\d+\}/);
    const health = await fetch(`${server.url}/healthz`);
    expect(health.status).toBe(200);
    server.child.kill('SIGTERM');
    expect(await server.exited).toMatchObject({code: 0, stderr: ''});
  });
});
