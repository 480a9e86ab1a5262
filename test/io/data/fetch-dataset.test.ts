import {chmod, mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join, relative} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {Source} from '../../../pipeline/core/dataset/descriptor.ts';
import {type FetchOptions, fetchDataset} from '../../../pipeline/io/data/fetch-dataset.ts';
import {type DatasetServer, startDatasetServer} from '../../helpers/dataset-server.ts';
import {failureText} from '../../helpers/failure-text.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {asUnprivileged} from '../../helpers/unprivileged.ts';

// of the published iris file, which the server sends
const sha256 = '6f608b71a7317216319b4d27b4d9bc84e6abd734eda7872b71a458569e2656c0';
const folder = makeFolder();
const cacheDir = join(folder, 'cache');
const baseDir = join(folder, 'data');
let server: DatasetServer;
let reports: string[];

beforeEach(async () => {
  server = await startDatasetServer(await readFile('data/iris.data'));
  reports = [];
  await rm(cacheDir, {recursive: true, force: true});
  await rm(baseDir, {recursive: true, force: true});
  await mkdir(baseDir);
});
afterEach(() => server.close());

function fetch(source: Source, options: Partial<FetchOptions> = {}) {
  const quick = {connectMs: 2_000, idleMs: 300, deadlineMs: 5_000, retryMs: 5, maxBytes: 2 ** 20};
  const report = (line: string) => reports.push(line);
  return fetchDataset(source, {baseDir, cacheDir, report, ...quick, ...options});
}

/** What is said when the server's path is the only source. */
function complaint(path: string, options: Partial<FetchOptions> = {}): Promise<string> {
  return failureText(fetch({url: server.origin + path, sha256}, options), names());
}

function names(): Record<string, string> {
  return {SERVER: server.origin, CACHE: cacheDir, DATA: baseDir, IRIS: sha256};
}

/** The lines reported so far, without what differs between runs. */
function told(): string[] {
  return reports.map(line =>
    Object.entries(names()).reduce((all, [name, text]) => all.replaceAll(text, name), line),
  );
}

async function writeSnapshot(name: string): Promise<void> {
  await writeFile(join(baseDir, name), await readFile('data/iris.data'));
}

describe('the network', () => {
  test('gives the file, and the cache gives it from then on', async () => {
    const url = `${server.origin}/right.csv`;
    const path = join(cacheDir, sha256);
    const file = {path, shownAs: url, typedAs: path, sha256, bytes: 4551, url};
    expect(await fetch({url, sha256})).toEqual({...file, source: 'network'});
    expect(await readFile(path)).toEqual(await readFile('data/iris.data'));
    expect(await fetch({url, sha256})).toEqual({...file, source: 'cache'});
    expect(server.requests()).toBe(1);
  });

  test('is asked each time where no hash is given, and the hash is recorded', async () => {
    const url = `${server.origin}/right.csv`;
    expect(await fetch({url})).toMatchObject({source: 'network', sha256, path: join(cacheDir, sha256)});
    expect(await fetch({url})).toMatchObject({source: 'network', sha256});
    expect(server.requests()).toBe(2);
  });

  test('gets the user name and password of the address, which nothing else shows', async () => {
    const asked: (string | undefined)[] = [];
    const locked = createServer((request, response) => {
      asked.push(request.headers.authorization);
      if (request.url === '/a.csv') response.end('a,b\n');
      else response.writeHead(403).end();
    });
    await new Promise<void>(resolve => locked.listen(0, '127.0.0.1', resolve));
    const {port} = locked.address() as AddressInfo;
    try {
      const host = `127.0.0.1:${port}`;
      const address = `http://${host}/a.csv`;
      const fetched = await fetch({url: `http://user:s3cret@${host}/a.csv`});
      expect(fetched).toMatchObject({shownAs: address, url: address, bytes: 4});
      const refused = fetch({url: `http://user:s3cret@${host}/b.csv`});
      expect(await failureText(refused, {HOST: host})).toMatchInlineSnapshot(`
        "data DATA_UNREACHABLE
        No source gave the data:
          network http://HOST/b.csv: answered 403 Forbidden
          snapshot: the descriptor names none
        Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
      `);
      expect(reports.map(line => line.replace(host, 'HOST'))).toMatchInlineSnapshot(`
        [
          "network http://HOST/b.csv: answered 403 Forbidden.",
        ]
      `);
      expect(asked).toEqual(Array(2).fill(`Basic ${Buffer.from('user:s3cret').toString('base64')}`));
    } finally {
      locked.closeAllConnections();
      locked.close();
    }
  });

  test('may redirect', async () => {
    const url = `${server.origin}/redirect.csv`;
    expect(await fetch({url, sha256})).toMatchObject({source: 'network', url});
  });

  test('may redirect only so often', async () => {
    expect(await complaint('/loop.csv')).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/loop.csv: redirects more than 5 times
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
    expect(server.requests()).toBe(6);
  });

  test('is asked again after a server error', async () => {
    expect(await fetch({url: `${server.origin}/error-twice.csv`, sha256})).toMatchObject({source: 'network'});
    expect(told()).toMatchInlineSnapshot(`
      [
        "network SERVER/error-twice.csv: answered 500 Internal Server Error; trying again.",
        "network SERVER/error-twice.csv: answered 500 Internal Server Error; trying again.",
      ]
    `);
  });

  test('is given up after repeated server errors', async () => {
    expect(await complaint('/error.csv')).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/error.csv: answered 503 Service Unavailable (tried 4 times)
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
  });

  test('is not asked again where that cannot help', async () => {
    expect(await complaint('/missing.csv')).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/missing.csv: answered 404 Not Found
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
    expect(server.requests()).toBe(1);
  });

  test('is asked again when it says so, as late as it says', async () => {
    // the server refuses again whoever comes earlier
    expect(await fetch({url: `${server.origin}/busy-for-a-second.csv`, sha256})).toMatchObject({
      source: 'network',
    });
    expect(server.requests()).toBe(2);
    expect(told()).toMatchInlineSnapshot(`
      [
        "network SERVER/busy-for-a-second.csv: answered 429 Too Many Requests; trying again.",
      ]
    `);
  });

  test('is not waited for beyond the deadline', async () => {
    expect(await complaint('/busy-long.csv')).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/busy-long.csv: answered 429 Too Many Requests
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
    expect(server.requests()).toBe(1);
  });

  test('may break the connection once', async () => {
    expect(await fetch({url: `${server.origin}/reset-once.csv`, sha256})).toMatchObject({source: 'network'});
  });

  test('may not break the connection each time', async () => {
    expect(await complaint('/reset.csv')).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/reset.csv: the server broke the connection off (ECONNRESET) (tried 4 times)
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
  });

  test('may not send less than it announces', async () => {
    expect(await complaint('/truncated.csv')).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/truncated.csv: the body broke off before its announced length (tried 4 times)
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
  });

  test('may not send a body that never ends', async () => {
    expect(await complaint('/endless.csv')).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/endless.csv: the body is larger than the limit of 1 MiB
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
  });

  test('may not send a body that trickles beyond the deadline', async () => {
    expect(await complaint('/trickle.csv', {deadlineMs: 400})).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/trickle.csv: not finished within 0.4 s
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
  });

  test('may not hang', async () => {
    expect(await complaint('/hanging.csv')).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/hanging.csv: sent nothing for 0.3 s
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
  });

  test('may not send other bytes', async () => {
    expect(await complaint('/wrong.csv')).toMatchInlineSnapshot(`
      "data DATA_HASH_MISMATCH
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/wrong.csv: sent 8 bytes, with sha256 492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470
        snapshot: the descriptor names none
      Fix: Look at what the source sends. If the change is wanted, put the new hash under "sha256" in the descriptor."
    `);
  });

  test('may not send an HTML page with status 200', async () => {
    expect(await complaint('/html.csv')).toMatchInlineSnapshot(`
      "data DATA_HASH_MISMATCH
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/html.csv: sent 58 bytes, which look like an HTML page, with sha256 692937b971affc9cddcd88d7352c3b3050c8702156560e90b8806f8b06f20eac
        snapshot: the descriptor names none
      Fix: Look at what the source sends. If the change is wanted, put the new hash under "sha256" in the descriptor."
    `);
  });

  test('may not refuse the connection, which is told soon', async () => {
    const url = `${server.origin}/right.csv`;
    await server.close();
    expect(await failureText(fetch({url, sha256}, {retryMs: 250}), names())).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/right.csv: the connection was refused (ECONNREFUSED) (tried 3 times)
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
    server = await startDatasetServer(Buffer.alloc(0));
  });

  test('may not be an unknown host', async () => {
    const url = 'http://dataset.invalid/iris.data';
    expect(await failureText(fetch({url, sha256}), names())).toMatch(
      /the host was not found \((ENOTFOUND|EAI_AGAIN)\)/,
    );
  });

  test('is reached through the proxy that the environment names', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer((request, response) => {
      asked.push(request.url);
      response.end('a,b\n');
    });
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
    const {port} = proxy.address() as AddressInfo;
    try {
      const proxyEnv = {HTTP_PROXY: `http://127.0.0.1:${port}`};
      expect(await fetch({url: 'http://dataset.invalid/a.csv'}, {proxyEnv})).toMatchObject({bytes: 4});
      expect(asked).toEqual(['http://dataset.invalid/a.csv']);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  test('is left at once when the run is interrupted', async () => {
    const interruption = new AbortController();
    const pending = fetch({url: `${server.origin}/trickle.csv`}, {signal: interruption.signal});
    setTimeout(() => interruption.abort(new Error('interrupted')), 50);
    await expect(pending).rejects.toThrow('interrupted');
  });
});

describe('the cache', () => {
  test('is not trusted: damaged bytes are removed and fetched again', async () => {
    const url = `${server.origin}/right.csv`;
    await fetch({url, sha256});
    await writeFile(join(cacheDir, sha256), 'damaged');
    expect(await fetch({url, sha256})).toMatchObject({source: 'network', bytes: 4551});
    expect(told()).toMatchInlineSnapshot(`
      [
        "cache CACHE/IRIS is damaged (its sha256 is 41f0c27c00e8018f7715b5f50f67b5b54c229c1b843a014152785d9005f58fde) and is removed.",
      ]
    `);
  });

  test('that this user may not write is told with its place', async () => {
    await chmod(folder, 0o755);
    await mkdir(cacheDir, {mode: 0o555});
    const url = `${server.origin}/right.csv`;
    expect(await asUnprivileged(() => failureText(fetch({url}), names()))).toMatchInlineSnapshot(`
      "usage CACHE_UNWRITABLE
      CACHE/IRIS: the downloaded file cannot be kept there: this user may not write there
      Fix: Make room, or let this user write to CACHE."
    `);
  });

  test('that this user may not read is told as such, and not as missing', async () => {
    const url = `${server.origin}/right.csv`;
    await fetch({url, sha256});
    await chmod(folder, 0o755);
    await chmod(join(cacheDir, sha256), 0);
    const offline = () => failureText(fetch({url, sha256}, {offline: true}), names());
    expect(await asUnprivileged(offline)).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: this user may not read it
        network SERVER/right.csv: not asked, as this run is offline
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
    expect(told()).toMatchInlineSnapshot(`
      [
        "cache CACHE/IRIS: this user may not read it.",
      ]
    `);
  });

  test('serves an offline run', async () => {
    const url = `${server.origin}/right.csv`;
    await fetch({url, sha256});
    expect(await fetch({url, sha256}, {offline: true})).toMatchObject({source: 'cache'});
    await rm(cacheDir, {recursive: true});
    expect(await failureText(fetch({url, sha256}, {offline: true}), names())).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/right.csv: not asked, as this run is offline
        snapshot: the descriptor names none
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
  });
});

describe('the snapshot', () => {
  test('stands in when the network fails', async () => {
    await writeSnapshot('iris.data');
    const url = `${server.origin}/missing.csv`;
    const path = join(baseDir, 'iris.data');
    expect(await fetch({url, sha256, snapshot: 'iris.data'})).toEqual({
      ...{path, shownAs: path, sha256, bytes: 4551, url},
      source: 'snapshot',
    });
    expect(told()).toMatchInlineSnapshot(`
      [
        "network SERVER/missing.csv: answered 404 Not Found.",
        "Using the snapshot DATA/iris.data in place of the network.",
      ]
    `);
  });

  test('stands in when the network sends other bytes, and that is told', async () => {
    await writeSnapshot('iris.data');
    const source = {url: `${server.origin}/html.csv`, sha256, snapshot: 'iris.data'};
    expect(await fetch(source)).toMatchObject({source: 'snapshot'});
    expect(told()).toMatchInlineSnapshot(`
      [
        "WRONG BYTES: network SERVER/html.csv sent 58 bytes, which look like an HTML page, with sha256 692937b971affc9cddcd88d7352c3b3050c8702156560e90b8806f8b06f20eac; expected IRIS.",
        "Using the snapshot DATA/iris.data in place of the network.",
      ]
    `);
  });

  test('is refused when its hash does not agree', async () => {
    await writeFile(join(baseDir, 'iris.data'), 'other');
    const source = {url: `${server.origin}/missing.csv`, sha256, snapshot: 'iris.data'};
    expect(await failureText(fetch(source), names())).toMatchInlineSnapshot(`
      "data DATA_HASH_MISMATCH
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/missing.csv: answered 404 Not Found
        snapshot DATA/iris.data: holds 5 bytes with sha256 d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa
      Fix: Look at what the source sends. If the change is wanted, put the new hash under "sha256" in the descriptor."
    `);
  });

  test('may be missing', async () => {
    const source = {url: `${server.origin}/missing.csv`, sha256, snapshot: 'iris.data'};
    expect(await failureText(fetch(source), names())).toMatchInlineSnapshot(`
      "data DATA_UNREACHABLE
      No source gave the data with sha256 IRIS:
        cache CACHE/IRIS: not there
        network SERVER/missing.csv: answered 404 Not Found
        snapshot DATA/iris.data: not there
      Fix: Check the address and the network, or use a local copy: as "snapshot" under "source" in the descriptor, or with --csv FILE."
    `);
  });
});

describe('a local file', () => {
  test('is taken as it is, with its hash', async () => {
    await writeSnapshot('iris.csv');
    const path = join(baseDir, 'iris.csv');
    const file = {path, shownAs: path, sha256, bytes: 4551, source: 'file', url: null};
    expect(await fetch({file: 'iris.csv'})).toEqual(file);
    expect(await fetch({file: path, sha256})).toEqual(file);
  });

  test('under the working folder is shown relative to it', async () => {
    const {shownAs, path} = await fetch({file: join(process.cwd(), 'data/iris.data')});
    expect([shownAs, relative('', path)]).toEqual(['data/iris.data', 'data/iris.data']);
  });

  test('that is missing gets the nearest name in its folder', async () => {
    await writeSnapshot('iris.csv');
    expect(await failureText(fetch({file: 'irsi.csv'}), names())).toMatchInlineSnapshot(`
      "data DATA_NOT_FOUND
      DATA/irsi.csv: there is no such file. Did you mean "iris.csv"?
      Fix: Correct the name."
    `);
    expect(await failureText(fetch({file: 'nowhere/iris.csv'}), names())).toMatchInlineSnapshot(`
      "data DATA_NOT_FOUND
      DATA/nowhere/iris.csv: there is no such file. Nor is there a folder DATA/nowhere.
      Fix: Correct the name."
    `);
  });

  test('that is missing from a folder that may not be listed gets no name, and that is told', async () => {
    await chmod(folder, 0o755);
    await chmod(baseDir, 0o711);
    const told = asUnprivileged(() => failureText(fetch({file: 'irsi.csv'}), names()));
    expect(await told).toMatchInlineSnapshot(`
      "data DATA_NOT_FOUND
      DATA/irsi.csv: there is no such file. Its folder: this user may not read it.
      Fix: Correct the name."
    `);
  });

  test('that is a folder is refused', async () => {
    expect(await failureText(fetch({file: '.'}), names())).toMatchInlineSnapshot(`
      "data DATA_UNREADABLE
      DATA: it is a folder.
      Fix: Name a file that this user may read, or correct its permissions."
    `);
  });

  test('with another hash is refused', async () => {
    await writeFile(join(baseDir, 'iris.csv'), 'other');
    expect(await failureText(fetch({file: 'iris.csv', sha256}), names())).toMatchInlineSnapshot(`
      "data DATA_HASH_MISMATCH
      DATA/iris.csv: expected sha256 IRIS, found d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa (5 bytes)
      Fix: Restore the file, or, if the change is wanted, put the new hash under "sha256" in the descriptor."
    `);
  });
});
