import {Failure} from '../../core/failure.ts';
import {HttpFault} from '../http/http-client.ts';
import {isLoopback} from './address.ts';
import {type Answer, describeAnswer} from './answer.ts';

/** Who is spoken to: a registry, or the token endpoint that it names. */
export interface Party {
  /** `Registry 127.0.0.1:5000` */
  name: string;
  scheme: string;
  host: string;
  /** Where its address comes from and can be corrected: `REGISTRY`. */
  source: string;
}

/** Makes a Failure of kind `engine` that names who was spoken to, and the request. */
export function blame(
  party: Party,
  request: string,
  {code, message, fix, cause}: {code: string; message: string; fix: string; cause?: unknown},
): Failure {
  return new Failure('engine', {code, message: `${party.name} (${request}): ${message}`, fix, cause});
}

/** Blames somebody for an answer that is not what was asked for, whatever its status says. */
export function blameAnswer(party: Party, request: string, expected: string, found: string): Failure {
  return blame(party, request, {
    code: 'REGISTRY_ANSWER',
    message: `expected ${expected}, got ${found}.`,
    fix: `Something else answers there, or the registry is broken: correct ${party.source}, or look at the registry's own log. Nothing was promoted.`,
  });
}

/** Explains an answer whose status is that of an error. */
export function explainStatus(party: Party, request: string, answer: Answer, expected = 'success'): Failure {
  const said = describeAnswer(answer);
  const {status, body} = answer;
  if (status === 401 || status === 403) {
    return blame(party, request, {
      code: 'REGISTRY_REFUSED',
      message: `it refused the login: ${said}.`,
      fix: 'Set REGISTRY_USERNAME and REGISTRY_PASSWORD to an account that may pull and push there, or log in with the container engine.',
    });
  }
  if (status === 405) {
    return blame(party, request, {
      code: 'REGISTRY_READ_ONLY',
      message: `it does not accept writes: ${said}.`,
      fix: 'Take the registry out of read-only mode, then run `npm run push`.',
    });
  }
  if (status === 400 && body.includes('HTTPS server')) {
    return blame(party, request, {
      code: 'REGISTRY_TLS',
      message: 'it speaks HTTPS, and was spoken to in plain HTTP.',
      fix: `Set ${party.source} to https://${party.host}, and NODE_EXTRA_CA_CERTS to its certificate if that is self-signed.`,
    });
  }
  return blame(party, request, {
    code: 'REGISTRY_ERROR',
    message: `expected ${expected}, got ${said}.`,
    fix:
      status === 404
        ? `Something between here and the registry may answer in its place: correct ${party.source} or the proxy. Nothing was promoted.`
        : "Look at the registry's own log; run the same command again when it is well.",
  });
}

/** Explains a request that brought no answer. */
export function explainNoAnswer(party: Party, request: string, error: Error & {code: string}): Failure {
  const {scheme, host, source} = party;
  const isPlain = error.code === 'EPROTO' || /wrong version number|packet length/i.test(error.message);
  if (isPlain) {
    return blame(party, request, {
      code: 'REGISTRY_TLS',
      message: 'it does not speak HTTPS.',
      fix: `If it is meant to be plain HTTP, say so: ${source}=http://${host}.`,
      cause: error,
    });
  }
  if (/SSL|TLS|CERT|SELF_SIGNED/.test(error.code)) {
    return blame(party, request, {
      code: 'REGISTRY_TLS',
      message: `its certificate is not trusted (${error.code}).`,
      fix: 'Set NODE_EXTRA_CA_CERTS to the certificate of its authority.',
      cause: error,
    });
  }
  if (error.code.startsWith('HPE_')) {
    return blameAnswer(party, request, 'an answer in HTTP', `something else (${error.code})`);
  }
  const hint = scheme === 'https' || isLoopback(host) ? '' : ' in plain HTTP';
  return blame(party, request, {
    code: 'REGISTRY_UNREACHABLE',
    message: `it cannot be reached${hint}: ${error instanceof HttpFault ? error.message : error.code}.`,
    fix: `Start it or correct ${source}; nothing was promoted, and the same command can be run again.`,
    cause: error,
  });
}
