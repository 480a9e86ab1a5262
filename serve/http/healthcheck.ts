import {get} from 'node:http';

const deadlineMs = 2_000;

/**
 * Asks a server on this machine whether it is ready.
 *
 * @returns nothing when it is, else the reason why not.
 */
export function checkHealth({host, port}: {host: string; port: number}): Promise<string | undefined> {
  // A server that listens on all addresses is asked on the loopback one.
  const hostname = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const signal = AbortSignal.timeout(deadlineMs);
  return new Promise(resolve => {
    get({hostname, port, path: '/readyz', signal}, response => {
      response.resume();
      resolve(response.statusCode === 200 ? undefined : `/readyz answered ${response.statusCode}`);
    }).on('error', error => {
      resolve(signal.aborted ? `no answer within ${deadlineMs} ms` : error.message);
    });
  });
}
