import {createServer, type IncomingMessage, request, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';

/** What happens to a request instead of, or on its way to, the server behind. */
export type Fault =
  | {kind: 'status'; status: number; headers?: Record<string, string>; body?: string}
  | {kind: 'drop'}
  | {kind: 'delay'; ms: number}
  | {kind: 'truncate'};

export interface FaultProxy {
  /** `127.0.0.1:PORT` */
  host: string;
  /** Every request that came, as `METHOD /path`. */
  requests: string[];
  close(): Promise<void>;
}

/**
 * Puts an HTTP proxy in front of a server of this machine.
 *
 * @param choose picks the fault for a request by its method and path and its number, the first being 1.
 */
export async function startFaultProxy(
  target: string,
  choose: (request: {method: string; path: string; number: number}) => Fault | undefined,
): Promise<FaultProxy> {
  const requests: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const [method = '', path = ''] = [incoming.method, incoming.url];
    requests.push(`${method} ${path}`);
    const fault = choose({method, path, number: requests.length});
    if (fault?.kind === 'drop') return incoming.socket.destroy();
    if (fault?.kind === 'status') {
      incoming.resume();
      return outgoing.writeHead(fault.status, fault.headers).end(fault.body);
    }
    if (fault?.kind === 'delay') await new Promise(resolve => setTimeout(resolve, fault.ms));
    forward(target, incoming, outgoing, fault?.kind === 'truncate');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  truncate: boolean,
): void {
  const {method, url, headers} = incoming;
  // the Host header stays the proxy's, so that the registry's own links lead back through it
  const onward = request(`http://${target}${url}`, {method, headers}, answer => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    if (!truncate) return answer.pipe(outgoing);
    answer.once('data', (chunk: Buffer) => {
      outgoing.write(chunk.subarray(0, Math.floor(chunk.length / 2)));
      outgoing.socket?.end();
    });
  });
  onward.on('error', () => outgoing.destroy());
  incoming.on('error', () => onward.destroy());
  incoming.pipe(onward);
}
