import {once} from 'node:events';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';

export interface DatasetServer {
  /** `http://127.0.0.1:PORT` */
  origin: string;
  /** Number of requests so far. */
  requests(): number;
  close(): Promise<void>;
}

/** Starts a server that publishes `body` at paths that each behave in their own way, as the names say. */
export async function startDatasetServer(body: Buffer): Promise<DatasetServer> {
  let requests = 0;
  let firstMs = 0;
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((request, response) => {
    if (++requests === 1) firstMs = performance.now();
    const behaviour = behaviours[request.url ?? ''];
    if (behaviour === undefined) response.writeHead(404).end('nothing here');
    else behaviour({request, response, body, requests, firstMs, timers});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests: () => requests,
    async close() {
      for (const timer of timers) clearInterval(timer);
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  body: Buffer;
  /** Number of this request, the first being 1. */
  requests: number;
  /** When the first request came, on the monotonic clock. */
  firstMs: number;
  timers: Set<NodeJS.Timeout>;
}

const behaviours: Record<string, (exchange: Exchange) => void> = {
  '/right.csv': ({response, body}) => response.end(body),
  '/wrong.csv': ({response}) => response.end('a,b\n1,2\n'),
  '/html.csv': ({response}) => response.end('<!DOCTYPE html>\n<html><body>Please sign in.</body></html>\n'),
  '/truncated.csv'({response, body}) {
    response.writeHead(200, {'content-length': body.length});
    response.write(body.subarray(0, 20));
    setTimeout(() => response.destroy(), 20);
  },
  '/redirect.csv': ({response}) => response.writeHead(302, {location: '/right.csv'}).end(),
  '/loop.csv': ({response}) => response.writeHead(302, {location: '/loop.csv'}).end(),
  '/error-twice.csv'({response, body, requests}) {
    if (requests <= 2) response.writeHead(500).end('later');
    else response.end(body);
  },
  '/error.csv': ({response}) => response.writeHead(503).end('never'),
  '/endless.csv'({response, timers}) {
    const timer = setInterval(() => response.write(Buffer.alloc(64 * 1024, '1,2\n')), 1);
    timers.add(timer);
    response.on('close', () => clearInterval(timer));
  },
  '/trickle.csv'({response, timers}) {
    const timer = setInterval(() => response.write('1,2\n'), 20);
    timers.add(timer);
    response.on('close', () => clearInterval(timer));
  },
  '/hanging.csv': () => {},
  '/busy-for-a-second.csv'({response, body, firstMs}) {
    if (performance.now() - firstMs < 990) response.writeHead(429, {'retry-after': '1'}).end();
    else response.end(body);
  },
  '/busy-long.csv': ({response}) => response.writeHead(429, {'retry-after': '3600'}).end(),
  '/reset.csv': ({request}) => request.socket.resetAndDestroy(),
  '/reset-once.csv'({request, response, body, requests}) {
    if (requests === 1) request.socket.resetAndDestroy();
    else response.end(body);
  },
};
