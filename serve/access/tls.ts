import {createPrivateKey, X509Certificate} from 'node:crypto';
import type {RequestListener, ServerOptions} from 'node:http';
import {createServer, type Server} from 'node:https';
import {createSecureContext} from 'node:tls';
import type {TlsFiles} from './access-config.ts';
import {AccessError, readNamedFile} from './named-file.ts';

/** What the files hold, in PEM. */
type TlsContent = {cert: string; key: string; ca?: string};

export type TlsOptions = {
  /** Between two looks at whether the files have changed. */
  checkMs?: number;
  /** Called when the server uses other files than before, and with the reason when it keeps those it has. */
  onReload: (problem: AccessError | undefined) => void;
};

const defaultCheckMs = 5_000;
/** Less than the server takes to end, which a connection that is still shaking hands holds up. */
const handshakeTimeoutMs = 5_000;

/**
 * Reads the files of a TLS server, and gives what creates one. It follows its files: once they have changed and agree
 * with each other, new connections get the new certificate.
 *
 * Clients without a certificate of the CA's are not cut off, but have a socket that is not `authorized`: whoever asks
 * whether the server is ready seldom has one.
 *
 * @throws AccessError where the files cannot be used.
 */
export async function prepareTls(files: TlsFiles, {checkMs = defaultCheckMs, onReload}: TlsOptions) {
  let content = await readContent(files);
  checkContent(content, files);
  return (options: ServerOptions, listener: RequestListener): Server => {
    const server = createServer(
      {
        ...options,
        ...content,
        requestCert: content.ca !== undefined,
        rejectUnauthorized: false,
        handshakeTimeout: handshakeTimeoutMs,
      },
      listener,
    );
    let told: string | undefined;
    const timer = setInterval(async () => {
      try {
        const next = await readContent(files);
        if (next.cert !== content.cert || next.key !== content.key || next.ca !== content.ca) {
          checkContent(next, files);
          server.setSecureContext(next);
          content = next;
          onReload(undefined);
        }
        told = undefined;
      } catch (error) {
        if (!(error instanceof AccessError)) throw error;
        if (told !== error.message) onReload(error);
        told = error.message;
      }
    }, checkMs).unref();
    return server.once('close', () => clearInterval(timer));
  };
}

async function readContent({certFile, keyFile, clientCaFile}: TlsFiles): Promise<TlsContent> {
  const cert = await readNamedFile('TLS_CERT_FILE', certFile);
  const key = await readNamedFile('TLS_KEY_FILE', keyFile);
  if (clientCaFile === undefined) return {cert, key};
  return {cert, key, ca: await readNamedFile('TLS_CLIENT_CA_FILE', clientCaFile)};
}

/** Checks that the parts are what they should be, and fit together. */
function checkContent({cert, key, ca}: TlsContent, {certFile, keyFile, clientCaFile}: TlsFiles): void {
  const certificate = attempt(() => new X509Certificate(cert), {
    expected: 'TLS_CERT_FILE: expected the certificate of this server in PEM',
    place: certFile,
    fix: 'Give a file with the certificate first, and then those that vouch for it.',
  });
  const privateKey = attempt(() => createPrivateKey(key), {
    expected: 'TLS_KEY_FILE: expected a private key in PEM, without a passphrase',
    place: keyFile,
    fix: `Remove a passphrase with: openssl pkey -in ${keyFile} -out key.pem`,
  });
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new AccessError(
      `TLS_KEY_FILE: expected the key of the certificate in ${certFile}, found another key in ${keyFile}. ` +
        'Give the key that the certificate was requested with.',
    );
  }
  if (ca !== undefined) {
    attempt(() => new X509Certificate(ca), {
      expected: 'TLS_CLIENT_CA_FILE: expected the certificates of those who vouch for clients, in PEM',
      place: clientCaFile ?? '',
      fix: 'Give the certificate of the CA that issues those of the clients.',
    });
  }
  attempt(() => createSecureContext({cert, key, ...(ca !== undefined && {ca})}), {
    expected: 'TLS_CERT_FILE: expected a certificate and a key that OpenSSL takes',
    place: `${certFile} and ${keyFile}`,
    fix: 'Make them anew, with RSA of at least 2048 bits or ECDSA P-256.',
  });
}

function attempt<T>(read: () => T, {expected, place, fix}: Record<'expected' | 'place' | 'fix', string>): T {
  try {
    return read();
  } catch (cause) {
    // The code says enough; a message might quote the file.
    const found = (cause as NodeJS.ErrnoException).code ?? 'something else';
    throw new AccessError(`${expected}; found ${found} in ${place}. ${fix}`, {cause});
  }
}
