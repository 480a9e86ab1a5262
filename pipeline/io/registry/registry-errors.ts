import {HTTPError, RequestError} from 'got';
import {Failure} from '../../core/failure.ts';
import {isLoopback} from './address.ts';

/** Turns what a request to a registry threw into a Failure of kind `engine` that says what to do; other errors stay. */
export function explainRegistryError(error: unknown, host: string, scheme: string, request: string): unknown {
  if (!(error instanceof RequestError)) return error;
  const fail = (code: string, message: string, fix: string) =>
    new Failure('engine', {code, message: `Registry ${host} (${request}): ${message}`, fix, cause: error});
  if (error instanceof HTTPError) {
    const status = error.response.statusCode;
    const said = `${status}${describeBody(error.response.body)}`;
    if (status === 401 || status === 403) {
      return fail(
        'REGISTRY_REFUSED',
        `it refused the login: ${said}.`,
        'Set REGISTRY_USERNAME and REGISTRY_PASSWORD to an account that may pull and push there, or log in with the container engine.',
      );
    }
    if (status === 405) {
      return fail(
        'REGISTRY_READ_ONLY',
        `it does not accept writes: ${said}.`,
        'Take the registry out of read-only mode, then run `npm run push`.',
      );
    }
    if (status === 400 && /HTTPS server/i.test(String(error.response.body))) {
      return fail(
        'REGISTRY_TLS',
        'it speaks HTTPS, and was spoken to in plain HTTP.',
        `Set REGISTRY to https://${host}, and NODE_EXTRA_CA_CERTS to its certificate if that is self-signed.`,
      );
    }
    return fail(
      'REGISTRY_ERROR',
      `expected success, got ${said}.`,
      "Look at the registry's own log; run the same command again when it is well.",
    );
  }
  if (/SSL|TLS|CERT|EPROTO|SELF_SIGNED/.test(error.code) || /wrong version number/i.test(error.message)) {
    const plain = error.code === 'EPROTO' || /wrong version number|packet length/i.test(error.message);
    return fail(
      'REGISTRY_TLS',
      plain ? 'it does not speak HTTPS.' : `its certificate is not trusted (${error.code}).`,
      plain
        ? `If it is meant to be plain HTTP, say so: REGISTRY=http://${host}.`
        : 'Set NODE_EXTRA_CA_CERTS to the certificate of its authority.',
    );
  }
  const hint = scheme === 'https' || isLoopback(host) ? '' : ' in plain HTTP';
  return fail(
    'REGISTRY_UNREACHABLE',
    `it cannot be reached${hint}: ${error.code || error.message}.`,
    'Start it or correct REGISTRY; nothing was promoted, and the same command can be run again.',
  );
}

/** The first error of a Distribution error body, which quotes nothing that was sent. */
function describeBody(body: unknown): string {
  try {
    const {errors} = JSON.parse(String(body));
    const {code, message} = errors[0];
    return ` ${code}${message ? ` (${message})` : ''}`;
  } catch {
    return ''; // not every proxy speaks JSON
  }
}
