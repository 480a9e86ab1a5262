import type {Credentials, RegistryAddress} from './address.ts';
import type {Answer} from './answer.ts';
import {exchange, nameRequest, type Request} from './exchange.ts';
import type {Party} from './registry-errors.ts';
import {answerChallenge} from './token.ts';

/** Requests to one repository of a registry, with the login that it wants. */
export interface Session {
  registry: Party;
  /** The address of a path of the registry. */
  locate(path: string): URL;
  /** Sends a request; the answer may have any status. */
  send(request: Request): Promise<Answer>;
}

/** Opens a session; nothing is sent before the first request. */
export function openSession(
  {scheme, host}: RegistryAddress,
  repository: string,
  credentials: Credentials | null,
  {actions, source, deadlineMs}: {actions: string; source: string; deadlineMs?: number},
  signal: AbortSignal,
): Session {
  const registry = {name: `Registry ${host}`, scheme, host, source};
  // Docker Hub's interface has another name than its images
  const {origin} = new URL(`${scheme}://${host === 'docker.io' ? 'registry-1.docker.io' : host}`);
  let authorization: string | null = null;
  let renewal: Promise<string | null> | undefined;

  const attempt = (request: Request, login: string | null) => {
    // a place to upload to may be another host's, which the login is not for
    const isOwn = login !== null && request.url.origin === origin;
    const headers = isOwn ? {...request.headers, authorization: login} : request.headers;
    return exchange(registry, {deadlineMs, ...request, headers}, signal);
  };

  return {
    registry,
    locate: path => new URL(path, origin),
    async send(request) {
      const used = authorization;
      const answer = await attempt(request, used);
      if (answer.status !== 401) return answer;
      if (authorization === used) {
        // requests that are under way together share one new login
        const challenge = answer.headers['www-authenticate'] ?? '';
        renewal ??= answerChallenge(
          {registry, request: nameRequest(request), challenge},
          {repository, actions},
          credentials,
          signal,
        ).finally(() => {
          renewal = undefined;
        });
        authorization = await renewal;
      }
      // the same login again would be refused again; a new token is another matter, the old one may have expired
      return authorization === used ? answer : attempt(request, authorization);
    },
  };
}
