import * as z from 'zod';
import type {Credentials} from './address.ts';
import {describeAnswer, parseBody, quote} from './answer.ts';
import {exchange, nameRequest} from './exchange.ts';
import {blameAnswer, explainStatus, type Party} from './registry-errors.ts';

const maxTokenBytes = 2 ** 20;

const Challenge = z.object({
  realm: z.url({protocol: /^https?$/}),
  service: z.string().optional(),
});

/** A token as a header can hold it. */
const HeaderText = z.string().regex(/^[\x21-\x7e]+$/);
const Token = z
  .union([z.object({token: HeaderText}), z.object({access_token: HeaderText})])
  .transform(answer => ('token' in answer ? answer.token : answer.access_token));

/** What a registry wants, and who wants it. */
interface Refusal {
  registry: Party;
  /** `GET /v2/` */
  request: string;
  /** The `WWW-Authenticate` header; empty without one. */
  challenge: string;
}

/**
 * Answers the challenge of a registry with an `Authorization` header: basic, or a bearer token from the realm that
 * the challenge names (Distribution specification, token authentication).
 *
 * The scope is always ours: a challenge names what one request needs, and some registries name a placeholder.
 *
 * @param scope the repository's name in the registry, `team/iris`, and what is to be done there, `pull,push`.
 * @returns null where there is no login to answer with.
 * @throws Failure of kind `engine` that names the registry when its challenge leads nowhere, and the token endpoint
 *   when that gives no token.
 */
export async function answerChallenge(
  {registry, request, challenge}: Refusal,
  scope: {repository: string; actions: string},
  credentials: Credentials | null,
  signal: AbortSignal,
): Promise<string | null> {
  const basic =
    credentials &&
    `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
  const bearer = parseChallenges(challenge).get('bearer');
  if (bearer === undefined) return basic;
  const {data} = Challenge.safeParse(Object.fromEntries(bearer));
  if (data === undefined) {
    const expected = 'a Bearer challenge whose realm is the address of a token endpoint';
    throw blameAnswer(registry, request, expected, quote(challenge));
  }
  const url = new URL(data.realm);
  const endpoint: Party = {
    name: `Token endpoint ${url.origin}${url.pathname} of registry ${registry.host}`,
    scheme: url.protocol.slice(0, -1),
    host: url.host,
    source: 'the realm that the registry names',
  };
  if (data.service !== undefined) url.searchParams.set('service', data.service);
  url.searchParams.set('scope', `repository:${scope.repository}:${scope.actions}`);
  const headers: Record<string, string> = basic === null ? {} : {authorization: basic};
  const asked = {method: 'GET', url, headers, maxBytes: maxTokenBytes} as const;
  const answer = await exchange(endpoint, asked, signal);
  if (answer.status !== 200) throw explainStatus(endpoint, nameRequest(asked), answer);
  const token = parseBody(Token, answer.body);
  if (token === undefined) {
    throw blameAnswer(endpoint, nameRequest(asked), 'JSON with a "token"', describeAnswer(answer));
  }
  return `Bearer ${token}`;
}

/** Reads the challenges of a `WWW-Authenticate` header (RFC 9110, 11.6.1): parameters by scheme, in small letters. */
function parseChallenges(header: string): Map<string, Map<string, string>> {
  const challenges = new Map<string, Map<string, string>>();
  let parameters = new Map<string, string>();
  for (const [, scheme, name = '', quoted, plain = ''] of header.matchAll(
    /(?:([\w-]+)\s+)?([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g,
  )) {
    if (scheme !== undefined) {
      parameters = new Map();
      challenges.set(scheme.toLowerCase(), parameters);
    }
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain);
  }
  return challenges;
}
