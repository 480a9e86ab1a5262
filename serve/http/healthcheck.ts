const deadlineMs = 2_000;

/**
 * Asks a server on this machine whether it is ready.
 *
 * @returns nothing when it is, else the reason why not.
 */
export async function checkHealth({
  host,
  port,
  isSecure,
}: {
  host: string;
  port: number;
  isSecure: boolean;
}): Promise<string | undefined> {
  const {get} = isSecure ? await import('node:https') : await import('node:http');
  // A server that listens on all addresses is asked on the loopback one.
  const hostname = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const signal = AbortSignal.timeout(deadlineMs);
  return new Promise(resolve => {
    // It asks itself: the certificate is for the name that others ask it by.
    get({hostname, port, path: '/readyz', signal, rejectUnauthorized: false}, response => {
      response.resume();
      resolve(response.statusCode === 200 ? undefined : `/readyz answered ${response.statusCode}`);
    }).on('error', error => {
      resolve(signal.aborted ? `no answer within ${deadlineMs} ms` : error.message);
    });
  });
}
