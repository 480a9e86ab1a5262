import type {Server} from 'node:http';
import type {AddressInfo} from 'node:net';

/** The server cannot start, for a reason that its operator can remove. */
export class StartError extends Error {}

/** Reasons why listening fails, by the system's code. */
const listenProblems: Record<string, string> = {
  EADDRINUSE:
    'the port is taken (EADDRINUSE). Stop the program that has it, or set PORT to a free one (PORT=0 finds one)',
  EACCES: 'this user may not use the port (EACCES). Set PORT to 1024 or above',
  EADDRNOTAVAIL:
    'this machine does not have the address (EADDRNOTAVAIL). Set HOST=127.0.0.1, or HOST=0.0.0.0 for all addresses',
  ENOTFOUND: 'the host name is unknown (ENOTFOUND). Set HOST=127.0.0.1, or HOST=0.0.0.0 for all addresses',
};

/**
 * Makes a server listen.
 *
 * @returns the address as a URL, with the port that the system chose for port 0.
 * @throws StartError
 */
export async function listen(server: Server, {host, port}: {host: string; port: number}): Promise<string> {
  const {promise, resolve, reject} = Promise.withResolvers<void>();
  server.once('error', reject).listen({host, port}, resolve);
  try {
    await promise;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new StartError(`The server cannot listen on ${host}:${port}: ${listenProblems[code] ?? code}.`, {
      cause,
    });
  }
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `${'setSecureContext' in server ? 'https' : 'http'}://${name}:${address.port}`;
}
