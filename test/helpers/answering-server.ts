import {once} from 'node:events';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {text} from 'node:stream/consumers';
import {setImmediate} from 'node:timers/promises';
import {onTestFinished} from 'vitest';

/** What a server says to one request. */
export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  /** `endless` goes on until the other side hangs up. */
  body?: string | Buffer | 'endless';
}

/** What there is to know of a request. */
export interface Asked {
  method: string;
  path: string;
  authorization: string | undefined;
  contentType: string | undefined;
  /** Of the server itself, `127.0.0.1:PORT`. */
  host: string;
  /** Its body, once that has arrived as a whole. */
  body: Promise<string>;
}

/**
 * Starts a server of 127.0.0.1 that answers as it is told to, and is closed when the test ends.
 *
 * @returns also the requests so far, as `METHOD /path`, and the bytes that its endless bodies had before the
 *   other side hung up.
 */
export async function startAnsweringServer(
  answer: (asked: Asked) => Answer | Promise<Answer>,
): Promise<{host: string; requests: string[]; sentBytes: () => Promise<number>}> {
  const requests: string[] = [];
  const endless: Promise<number>[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const {method = '', url: path = '', headers} = request;
    requests.push(`${method} ${path}`);
    const sent = text(request).catch(() => '');
    const {authorization, host = '', 'content-type': contentType} = headers;
    const asked = {method, path, authorization, contentType, host, body: sent};
    const {status = 200, headers: answered = {}, body = ''} = await answer(asked);
    response.writeHead(status, answered);
    if (body === 'endless') endless.push(babble(response));
    else response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    sentBytes: async () => (await Promise.all(endless)).reduce((sum, bytes) => sum + bytes, 0),
  };
}

const chunk = Buffer.alloc(64 * 1024, ' ');

/** Sends blanks until the other side hangs up. */
async function babble(response: ServerResponse): Promise<number> {
  let bytes = 0;
  let isClosed = false;
  let goOn = () => {};
  response.on('drain', () => goOn());
  response.on('close', () => {
    isClosed = true;
    goOn();
  });
  while (!isClosed) {
    const drained = new Promise<void>(resolve => {
      goOn = resolve;
    });
    bytes += chunk.length;
    await (response.write(chunk) ? setImmediate() : drained);
  }
  return bytes;
}
