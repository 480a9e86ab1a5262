import {join} from 'node:path';
import type {Credentials} from '../environment.ts';
import {answerTimeoutMs, type Engine, engineFailure, quiet} from './engine.ts';
import {transferTimeoutMs} from './images.ts';

/**
 * Pushes a tagged image. Credentials go to the engine through standard input and live in a private folder that
 * is removed afterwards, so the user's own logins are neither used nor changed.
 *
 * @param login what to log in with, or null to use the logins that the engine has stored.
 */
export async function pushImage(
  engine: Engine,
  reference: string,
  registry: {host: string; plainHttp: boolean; login: (Credentials & {folder: string}) | null},
  signal: AbortSignal,
): Promise<void> {
  const {host, plainHttp, login} = registry;
  const tls = engine.name === 'podman' && plainHttp ? ['--tls-verify=false'] : [];
  const env = {...process.env, ...(engine.name === 'docker' && login !== null ? await pinDaemon() : {})};
  const place = (folder: string) => (engine.name === 'docker' ? ['--config', folder] : []);
  const auth = (folder: string) =>
    engine.name === 'podman' ? ['--authfile', join(folder, 'auth.json')] : [];
  if (login !== null) {
    const {folder, username, password} = login;
    const output = await quiet(60_000, {
      signal,
      env,
      input: password,
    })`${engine.name} ${place(folder)} login ${auth(folder)} ${tls} --username ${username} --password-stdin ${host}`;
    signal.throwIfAborted();
    if (output.exitCode !== 0) {
      throw engineFailure(
        'REGISTRY_REFUSED',
        `${engine.name} could not log in to ${host} as ${username}`,
        output,
        'Check REGISTRY_USERNAME and REGISTRY_PASSWORD.',
      );
    }
  }
  const folder = login?.folder;
  const before = folder === undefined ? [] : place(folder);
  const after = folder === undefined ? [] : auth(folder);
  const output = await quiet(transferTimeoutMs, {
    signal,
    env,
  })`${engine.name} ${before} push ${after} ${tls} ${reference}`;
  signal.throwIfAborted();
  if (output.exitCode !== 0) {
    throw engineFailure(
      'PUSH_FAILED',
      `${engine.name} could not push ${reference}`,
      output,
      'Nothing was promoted: the channel still points where it did. Check that the registry is up, lets this user push and is not read-only; then run `npm run push`.',
    );
  }
}

// A private configuration folder has no contexts, so the daemon that the user's context names is passed by address.
async function pinDaemon(): Promise<{DOCKER_HOST?: string}> {
  if (process.env.DOCKER_HOST !== undefined) return {};
  const output = await quiet(
    answerTimeoutMs,
  )`docker context inspect --format ${'{{.Endpoints.docker.Host}}'}`;
  const host = output.stdout.trim();
  return output.exitCode === 0 && host !== '' ? {DOCKER_HOST: host} : {};
}
