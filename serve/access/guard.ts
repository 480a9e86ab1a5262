import type {IncomingMessage} from 'node:http';
import {type Problem, refuse} from '../rows/problem.ts';
import type {ApiKeys} from './api-keys.ts';

/** What may be open to everybody by setting: the page with its documentation, and the metrics. */
export const openParts = ['page', 'metrics'] as const;
export type OpenPart = (typeof openParts)[number];

/** The part of a request that says who asks. */
type Asker = Pick<IncomingMessage, 'headers'> & {socket: object};

/** Decides who may ask. */
export type Guard = {
  readonly asksForKey: boolean;
  readonly asksForCertificate: boolean;
  /** Whether a route is for everybody: of a part that is open, or `always`. */
  isOpen(part: OpenPart | 'always' | undefined): boolean;
  /** Says why a request is not let in; undefined where it is. */
  refuse(asker: Asker | undefined): Problem | undefined;
};

export type GuardOptions = {
  /** Named in the challenge of a 401. */
  realm: string;
  open: readonly OpenPart[];
  /** Gives the keys of now, where a key is asked for. */
  keys: (() => ApiKeys) | undefined;
  /** Whether the connection must have shown a certificate that TLS_CLIENT_CA_FILE vouches for. */
  asksForCertificate: boolean;
};

/** Creates the guard; undefined where everybody may ask. */
export function createGuard({realm, open, keys, asksForCertificate}: GuardOptions): Guard | undefined {
  if (keys === undefined && !asksForCertificate) return undefined;
  const {missing, wrong} = describeRefusals(realm);
  return {
    asksForKey: keys !== undefined,
    asksForCertificate,
    isOpen: part => part === 'always' || (part !== undefined && open.includes(part)),
    refuse(asker) {
      if (asksForCertificate && !isTrusted(asker?.socket)) return noCertificate;
      if (keys === undefined) return undefined;
      const known = keys();
      const own = asker?.headers['x-api-key'];
      const token = bearer.exec(asker?.headers.authorization ?? '')?.[1];
      if (typeof own !== 'string' && token === undefined) return missing;
      const isKnown =
        (typeof own === 'string' && known.has(own)) || (token !== undefined && known.has(token));
      return isKnown ? undefined : wrong;
    },
  };
}

/** Whether TLS has found the certificate of the other side to be good. */
function isTrusted(socket: object | undefined): boolean {
  return socket !== undefined && 'authorized' in socket && socket.authorized === true;
}

/** RFC 6750, 2.1; names of schemes are case-insensitive. */
const bearer = /^Bearer +(\S+)$/i;

const noCertificate = refuse(
  403,
  'certificate_required',
  'This server asks for a client certificate. Connect with one that its operator has issued.',
);

/** As RFC 6750, 3 has them: an error is named only where a key was sent. */
function describeRefusals(realm: string) {
  const challenge = `Bearer realm="${realm.replace(/[^\w .-]/g, '-')}"`;
  return {
    missing: refuse(
      401,
      'unauthorized',
      'This server asks for an API key. Send it as "authorization: Bearer KEY" or as "x-api-key: KEY".',
      {headers: {'www-authenticate': challenge}},
    ),
    wrong: refuse(401, 'unauthorized', 'The API key is not, or no longer, one of this server.', {
      headers: {'www-authenticate': `${challenge}, error="invalid_token"`},
    }),
  };
}
