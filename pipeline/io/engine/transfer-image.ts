import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Credentials} from '../registry/address.ts';
import {answerTimeoutMs, type Engine, engineFailure, quiet} from './engine.ts';
import {transferTimeoutMs} from './images.ts';

/** How an engine reaches a registry. */
export interface RegistryAccess {
  host: string;
  plainHttp: boolean;
  /** What to log in with; null for the logins that the engine has stored. */
  credentials: Credentials | null;
}

/** Pushes a tagged image. */
export async function pushImage(
  engine: Engine,
  reference: string,
  registry: RegistryAccess,
  signal: AbortSignal,
): Promise<void> {
  const output = await transfer(engine, 'push', reference, registry, signal);
  if (output.exitCode === 0) return;
  throw engineFailure(
    'PUSH_FAILED',
    `${engine.name} could not push ${reference}`,
    output,
    'Nothing was promoted: the channel still points where it did. Check that the registry is up, lets this user push and is not read-only; then run `npm run push`.',
  );
}

/** Pulls an image, by digest where the reference has one. */
export async function pullImage(
  engine: Engine,
  reference: string,
  registry: RegistryAccess,
  signal: AbortSignal,
): Promise<void> {
  const output = await transfer(engine, 'pull', reference, registry, signal);
  if (output.exitCode === 0) return;
  throw engineFailure(
    'PULL_FAILED',
    `${engine.name} could not pull ${reference}`,
    output,
    'Check that the registry is up and lets this user pull; then run the same command again.',
  );
}

/**
 * Runs push or pull with its login. Credentials go to the engine through standard input and live in a private
 * folder that is removed afterwards, so the user's own logins are neither used nor changed.
 */
async function transfer(
  engine: Engine,
  verb: 'push' | 'pull',
  reference: string,
  {host, plainHttp, credentials}: RegistryAccess,
  signal: AbortSignal,
) {
  const tls = engine.name === 'podman' && plainHttp ? ['--tls-verify=false'] : [];
  const folder = credentials === null ? null : await mkdtemp(join(tmpdir(), 'registry-login-'));
  const before = folder !== null && engine.name === 'docker' ? ['--config', folder] : [];
  const after = folder !== null && engine.name === 'podman' ? ['--authfile', join(folder, 'auth.json')] : [];
  const env = {...process.env, ...(before.length > 0 ? await pinDaemon() : {})};
  try {
    if (credentials !== null) {
      const {username, password} = credentials;
      const login = [...after, ...tls, '--username', username, '--password-stdin', host];
      const output = await quiet(60_000, {
        signal,
        env,
        input: password,
      })`${engine.name} ${before} login ${login}`;
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
    const output = await quiet(transferTimeoutMs, {
      signal,
      env,
    })`${engine.name} ${before} ${verb} ${[...after, ...tls]} ${reference}`;
    signal.throwIfAborted();
    return output;
  } finally {
    if (folder !== null) await rm(folder, {recursive: true, force: true});
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
