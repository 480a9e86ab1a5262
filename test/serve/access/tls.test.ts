import {copyFile, mkdtemp, rename, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {connect} from 'node:tls';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import type {TlsFiles} from '../../../serve/access/access-config.ts';
import {createGuard} from '../../../serve/access/guard.ts';
import {AccessError} from '../../../serve/access/named-file.ts';
import {prepareTls} from '../../../serve/access/tls.ts';
import {certificatePath, clientIdentity, keyPath} from '../../helpers/certificates.ts';
import {askHttps} from '../../helpers/https-client.ts';
import {type LocalServer, startLocalServer} from '../../helpers/local-server.ts';
import {openConnection} from '../../helpers/server-process.ts';

let folder: string;
let files: TlsFiles;
let server: LocalServer | undefined;
let reloads: (string | undefined)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tls-'));
  files = {certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key'), clientCaFile: undefined};
  reloads = [];
  await use('server');
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, {recursive: true});
});

async function use(name: 'server' | 'other'): Promise<void> {
  await replace(certificatePath(name), files.certFile);
  await replace(keyPath(name), files.keyFile);
}

/** Replaces a file at once, as those who renew certificates do. */
async function replace(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.new`);
  await rename(`${to}.new`, to);
}

async function start(more: Partial<TlsFiles> = {}): Promise<LocalServer> {
  const all = {...files, ...more};
  const createServer = await prepareTls(all, {
    checkMs: 20,
    onReload: problem => reloads.push(problem?.message),
  });
  const asksForCertificate = all.clientCaFile !== undefined;
  const guard = createGuard({realm: 'plane', open: [], keys: undefined, asksForCertificate});
  server = await startLocalServer({createServer, service: {guard}});
  return server;
}

const json = {'content-type': 'application/json'};
const predict = {method: 'POST', headers: json, body: '{"features": [[1, 1]]}'};

describe('a server with a certificate', () => {
  test('predicts over HTTPS, and has the connection in its books', async () => {
    const {port, entries, server} = await start();
    const answer = await askHttps(port, '/predict', predict);
    expect(answer).toMatchObject({status: 200, name: 'server'});
    expect(JSON.parse(answer.text).prediction).toEqual([10]);
    expect(entries).toMatchObject([{route: '/predict', status: 200, rows: 1}]);
    const socket = connect({port, host: '127.0.0.1', rejectUnauthorized: false});
    await expect.poll(() => server.connections.open.size).toBe(1);
    socket.destroy();
    await expect.poll(() => server.connections.open.size).toBe(0);
  });

  test('refuses plain HTTP', async () => {
    const {port} = await start();
    const {socket, closed} = openConnection(port);
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await closed.catch(() => '')).toBe('');
    expect((await askHttps(port, '/healthz')).status).toBe(200);
  });

  test('answers a client that says that it has sent all', async () => {
    const {port} = await start();
    const socket = connect({port, host: '127.0.0.1', rejectUnauthorized: false});
    let text = '';
    socket.setEncoding('utf8').on('data', chunk => {
      text += chunk;
    });
    const {body} = predict;
    socket.end(
      `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await expect.poll(() => text).toContain('"prediction":[10]');
    socket.destroy();
  });

  test('takes a new certificate without a restart', async () => {
    const {port} = await start();
    expect((await askHttps(port, '/healthz')).name).toBe('server');
    await use('other');
    await expect.poll(() => reloads).toContain(undefined);
    expect((await askHttps(port, '/healthz')).name).toBe('other');
  });

  test('keeps the old one while the new is half written, and says why once', async () => {
    const {port} = await start();
    await replace(certificatePath('other'), files.certFile);
    await expect.poll(() => reloads.length).toBe(1);
    expect(reloads[0]).toBe(
      `TLS_KEY_FILE: expected the key of the certificate in ${files.certFile}, found another key in ${files.keyFile}. Give the key that the certificate was requested with.`,
    );
    expect((await askHttps(port, '/healthz')).name).toBe('server');
    await replace(keyPath('other'), files.keyFile);
    await expect.poll(() => reloads.length).toBe(2);
    expect(reloads[1]).toBeUndefined();
    expect((await askHttps(port, '/healthz')).name).toBe('other');
  });

  test('keeps the old one when the files are gone', async () => {
    const {port} = await start();
    await rm(files.keyFile);
    await expect.poll(() => reloads).toEqual([expect.stringContaining('found ENOENT')]);
    expect((await askHttps(port, '/healthz')).name).toBe('server');
  });
});

describe('a server that vouches for clients', () => {
  test('answers a client with a certificate of its CA, and no other but for its health', async () => {
    const {port} = await start({clientCaFile: certificatePath('ca')});
    expect((await askHttps(port, '/predict', {...predict, ...clientIdentity('client')})).status).toBe(200);
    for (const identity of [{}, clientIdentity('stranger')]) {
      const refused = await askHttps(port, '/predict', {...predict, ...identity});
      expect(refused.status).toBe(403);
      expect(JSON.parse(refused.text).error.code).toBe('certificate_required');
      expect((await askHttps(port, '/readyz', identity)).status).toBe(200);
    }
  });
});

describe('says before it starts', () => {
  const messageOf = async (more: Partial<TlsFiles>): Promise<string> => {
    const error = await start(more).catch((error: unknown) => error);
    if (error instanceof AccessError) return error.message.replaceAll(folder, '/tls');
    throw new Error('no AccessError was thrown');
  };

  test('that a file is not there', async () => {
    expect(await messageOf({keyFile: join(folder, 'gone')})).toBe(
      'TLS_KEY_FILE: expected a file that this user may read, found ENOENT at /tls/gone. Let this user read the file, or set TLS_KEY_FILE to another one.',
    );
  });

  test('that a file is a folder', async () => {
    expect(await messageOf({certFile: folder})).toBe(
      'TLS_CERT_FILE: expected a file that this user may read, found EISDIR at /tls. Let this user read the file, or set TLS_CERT_FILE to another one.',
    );
  });

  test('that a file is too large to be one', async () => {
    await writeFile(files.certFile, '\n'.repeat(1024 * 1024 + 1));
    expect(await messageOf({})).toBe(
      'TLS_CERT_FILE: expected a file of at most 1048576 bytes, found more in /tls/tls.crt. Set TLS_CERT_FILE to another file.',
    );
  });

  test('that a key is where the certificate should be', async () => {
    expect(await messageOf({certFile: files.keyFile})).toMatch(
      /^TLS_CERT_FILE: expected the certificate of this server in PEM; found ERR_OSSL_PEM_NO_START_LINE in \/tls\/tls\.key\. Give a file with the certificate first, and then those that vouch for it\.$/,
    );
  });

  test('that a certificate is where the key should be', async () => {
    expect(await messageOf({keyFile: files.certFile})).toMatch(
      /^TLS_KEY_FILE: expected a private key in PEM, without a passphrase; found \w+ in \/tls\/tls\.crt\. Remove a passphrase with: openssl pkey -in \/tls\/tls\.crt -out key\.pem$/,
    );
  });

  test('that the CA of the clients is none', async () => {
    expect(await messageOf({clientCaFile: files.keyFile})).toMatch(
      /^TLS_CLIENT_CA_FILE: expected the certificates of those who vouch for clients, in PEM; found ERR_OSSL_PEM_NO_START_LINE in /,
    );
  });
});
