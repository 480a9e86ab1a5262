import {afterAll, beforeAll, expect, test} from 'vitest';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {parseScrape} from '../../helpers/prometheus-text.ts';
import {planeContent} from '../../helpers/server-artifact.ts';
import {
  bundleServer,
  openConnection,
  type RunningServer,
  type ServerBundle,
  startServer,
  stopServer,
} from '../../helpers/server-process.ts';

let bundle: ServerBundle;
let server: RunningServer;

beforeAll(async () => {
  bundle = await bundleServer(sealArtifact(planeContent()).text);
  server = await startServer(bundle);
});

afterAll(async () => {
  await stopServer(server);
  await bundle?.remove();
});

async function scrape() {
  return parseScrape(await (await fetch(`${server.url}/metrics`)).text());
}

test('a scrape tells of the connections and what is under way on them, the fast path included', async () => {
  const before = await scrape();
  // the scrape itself
  expect(before.read('http_requests_in_flight')).toBe(1);
  expect(before.read('http_buffered_body_bytes')).toBe(0);
  const slow = openConnection(server.port);
  try {
    const body = `{"features": [1, 1]}${' '.repeat(50_000)}`;
    const headers = `host: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
    slow.socket.write(`POST /predict HTTP/1.1\r\n${headers}\r\n\r\n${body.slice(0, 10)}`);
    let during = await scrape();
    for (let i = 0; i < 100 && during.read('http_requests_in_flight') < 2; i++) during = await scrape();
    expect(during.read('http_requests_in_flight')).toBe(2);
    // fetch keeps its own, one or more
    expect(during.read('http_connections')).toBeGreaterThanOrEqual(2);
    expect(during.read('http_buffered_body_bytes')).toBe(body.length);
    slow.socket.write(body.slice(10));
    expect(await slow.receive('"prediction":[10]')).toMatch(/^HTTP\/1\.1 200 /);
    const after = await scrape();
    expect(after.read('http_requests_in_flight')).toBe(1);
    expect(after.read('http_buffered_body_bytes')).toBe(0);
    expect(after.read('http_requests_total', {route: '/predict', method: 'POST', status: '200'})).toBe(1);
    expect(after.read('model_rows_predicted_total')).toBe(1);
  } finally {
    slow.socket.destroy();
  }
});

test('a scrape tells of requests that the app never saw', async () => {
  const broken = openConnection(server.port);
  broken.socket.write('nonsense\r\n\r\n');
  expect(await broken.closed).toMatch(/^HTTP\/1\.1 400 /);
  const {read} = await scrape();
  expect(read('http_requests_total', {route: 'refused', method: 'other', status: '400'})).toBe(1);
});

test('a scrape tells how many lines of the log were dropped', async () => {
  const {read, types} = await scrape();
  expect(read('log_lines_dropped_total')).toBe(0);
  expect(types.get('log_lines_dropped_total')).toBe('counter');
});
