import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {type AddressInfo, createServer as createTcpServer, type Server, type Socket} from 'node:net';
import {expect, onTestFinished, test} from 'vitest';
import {type HttpRequest, openHttpClient} from '../../../pipeline/io/http/http-client.ts';
import {isPassing, readRetryAfter} from '../../../pipeline/io/http/retry.ts';

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', socket => sockets.add(socket));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return listen(createServer(answer));
}

function open({idleMs = 10_000, proxyEnv = {}}: {idleMs?: number; proxyEnv?: Record<string, string>} = {}) {
  const client = openHttpClient({connectMs: 10_000, idleMs, maxRedirects: 2, proxyEnv});
  onTestFinished(() => client.close());
  return (url: string, request: Partial<HttpRequest> = {}) =>
    client.send(new URL(url), {
      method: 'GET',
      headers: {},
      maxBytes: 1000,
      signal: AbortSignal.timeout(20_000),
      ...request,
    });
}

test('an answer is given with status, reason, headers and the bytes of its body', async () => {
  const host = await serve((_, response) => response.writeHead(404, {'x-a': 'b'}).end('nothing here'));
  const answer = await open()(`http://${host}/`);
  expect(answer).toMatchObject({status: 404, statusText: 'Not Found', headers: {'x-a': 'b'}});
  expect(answer.body.toString()).toBe('nothing here');
});

test('one connection serves requests that follow each other', async () => {
  const ports = new Set<number | undefined>();
  const host = await serve(({socket}, response) => {
    ports.add(socket.remotePort);
    response.end('ok');
  });
  const send = open();
  for (let i = 0; i < 3; i++) await send(`http://${host}/`);
  expect(ports.size).toBe(1);
});

test('a redirect is followed as often as allowed, and then is the answer', async () => {
  const host = await serve(({url = ''}, response) => {
    const left = Number(url.slice(1));
    if (left === 0) response.end('there');
    else response.writeHead(302, {location: `/${left - 1}`}).end();
  });
  const send = open();
  expect((await send(`http://${host}/2`)).body.toString()).toBe('there');
  expect(await send(`http://${host}/3`)).toMatchObject({status: 302, headers: {location: '/0'}});
});

test('what a PUT is answered is not followed', async () => {
  const host = await serve((_, response) => response.writeHead(307, {location: '/other'}).end());
  expect(await open()(`http://${host}/`, {method: 'PUT', body: Buffer.from('{}')})).toMatchObject({
    status: 307,
  });
});

test('a login goes to the host that it is for, and to no other behind a redirect', async () => {
  const logins: (string | undefined)[] = [];
  const other = await serve(({headers}, response) => {
    logins.push(headers.authorization);
    response.end('ok');
  });
  const host = await serve(({headers}, response) => {
    logins.push(headers.authorization);
    response.writeHead(302, {location: `http://${other}/`}).end();
  });
  const send = open();
  await send(`http://${host}/`, {headers: {authorization: 'Bearer abc'}});
  await send(`http://ann:secret@${host}/`);
  // the example of RFC 7617 is made the same way: base64 of name, colon, password
  expect(logins).toEqual(['Bearer abc', undefined, 'Basic YW5uOnNlY3JldA==', undefined]);
});

test('a body beyond the limit ends the request, whatever it announces', async () => {
  const host = await serve((_, response) => {
    response.write(Buffer.alloc(600));
    response.write(Buffer.alloc(600));
  });
  await expect(open()(`http://${host}/`)).rejects.toMatchObject({code: 'TOO_LARGE'});
});

test('the body of an error has a limit of its own', async () => {
  const host = await serve(({url}, response) =>
    response.writeHead(Number(url?.slice(1))).end('a'.repeat(500)),
  );
  const send = open();
  expect(await send(`http://${host}/200`, {maxErrorBytes: 100})).toMatchObject({status: 200});
  await expect(send(`http://${host}/404`, {maxErrorBytes: 100})).rejects.toMatchObject({code: 'TOO_LARGE'});
});

test('a body that breaks off, and one that stops arriving, are told apart', async () => {
  const host = await serve(({url}, response) => {
    response.writeHead(200, {'content-length': 100});
    response.write('half', () => url === '/broken' && response.destroy());
  });
  const send = open({idleMs: 100});
  await expect(send(`http://${host}/broken`)).rejects.toMatchObject({code: 'BROKEN_OFF'});
  await expect(send(`http://${host}/silent`)).rejects.toMatchObject({code: 'SILENCE'});
});

test('a server that accepts and says nothing is left after the idle limit', async () => {
  const host = await listen(createTcpServer(() => {}));
  await expect(open({idleMs: 100})(`http://${host}/`)).rejects.toMatchObject({code: 'SILENCE'});
});

test.each(['before the answer', 'within its body'])('a signal ends a request %s', async moment => {
  const host = await serve((_, response) => void (moment === 'within its body' && response.write('half')));
  const stop = new AbortController();
  const pending = open()(`http://${host}/`, {signal: stop.signal});
  setTimeout(() => stop.abort(new Error('interrupted')), 50);
  await expect(pending).rejects.toThrow('interrupted');
});

test('a signal ends the wait for a proxy that never opens its tunnel', async () => {
  const proxy = await listen(createTcpServer(() => {}));
  const stop = new AbortController();
  const send = open({proxyEnv: {HTTPS_PROXY: `http://${proxy}`}});
  const pending = send('https://registry.invalid/v2/', {signal: stop.signal});
  setTimeout(() => stop.abort(new Error('interrupted')), 50);
  await expect(pending).rejects.toThrow('interrupted');
});

test('a proxy that refuses its tunnel is an error of the network', async () => {
  const proxy = await serve((_, response) => response.writeHead(403).end());
  const send = open({proxyEnv: {HTTPS_PROXY: `http://${proxy}`}});
  await expect(send('https://registry.invalid/v2/')).rejects.toMatchObject({code: expect.any(String)});
});

test('Retry-After is read as seconds and as a date', () => {
  const answer = (text?: string) => ({
    status: 503,
    statusText: '',
    headers: text === undefined ? {} : {'retry-after': text},
    body: Buffer.alloc(0),
  });
  // the date is the example of RFC 9110, section 10.2.3
  const now = new Date('1999-12-31T23:59:29Z');
  expect(readRetryAfter(answer('120'), now)).toBe(120_000);
  expect(readRetryAfter(answer('Fri, 31 Dec 1999 23:59:59 GMT'), now)).toBe(30_000);
  expect(readRetryAfter(answer('Fri, 31 Dec 1998 23:59:59 GMT'), now)).toBe(0);
  expect(readRetryAfter(answer('soon'), now)).toBeUndefined();
  expect(readRetryAfter(answer(), now)).toBeUndefined();
});

test('the answers that pass are timeouts, too many requests and faults of servers', () => {
  const codes = [200, 302, 400, 401, 404, 408, 413, 429, 500, 501, 502, 503, 504];
  const passing = codes.filter(status =>
    isPassing({status, statusText: '', headers: {}, body: Buffer.alloc(0)}),
  );
  expect(passing).toEqual([408, 429, 500, 502, 503, 504]);
});
