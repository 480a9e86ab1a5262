import {readFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import {join} from 'node:path';
import * as z from 'zod';
import {Failure} from '../../core/failure.ts';
import {type EngineName, quiet} from '../engine/engine.ts';
import type {Credentials} from './address.ts';

const Config = z.object({
  auths: z.record(z.string(), z.object({auth: z.string().optional()})).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
});
const Stored = z.object({Username: z.string(), Secret: z.string()});

/**
 * Finds the login that a container engine has stored for a registry: in its configuration file, or in the
 * credential helper that the file names. Without an engine the files of both are looked at.
 *
 * @returns null where no login is stored.
 * @throws Failure of kind `usage` when the file cannot be understood.
 */
export async function findStoredCredentials(
  engine: EngineName | 'none' | null,
  host: string,
): Promise<Credentials | null> {
  for (const path of listConfigFiles(engine)) {
    const config = await readConfig(path);
    const credentials = config === undefined ? null : await lookUp(config, host);
    if (credentials !== null) return credentials;
  }
  return null;
}

function listConfigFiles(engine: EngineName | 'none' | null): string[] {
  const docker = join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json');
  if (engine === 'docker') return [docker];
  const runtime = process.env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`;
  const podman = [
    process.env.REGISTRY_AUTH_FILE,
    join(runtime, 'containers/auth.json'),
    '/run/containers/0/auth.json',
  ];
  return [
    ...podman.filter(path => path !== undefined),
    join(homedir(), '.config/containers/auth.json'),
    docker,
  ];
}

async function readConfig(path: string): Promise<z.infer<typeof Config> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined; // absent or not ours to read: no login is stored there
  }
  try {
    return Config.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure('usage', {
      code: 'BAD_ENGINE_CONFIG',
      message: `${path} is not a container engine's configuration: expected JSON with "auths", "credHelpers" or "credsStore".`,
      fix: 'Mend the file, or set REGISTRY_USERNAME and REGISTRY_PASSWORD.',
      cause,
    });
  }
}

async function lookUp(config: z.infer<typeof Config>, host: string): Promise<Credentials | null> {
  // Docker Hub's login is stored under the address of its first interface
  const names = host === 'docker.io' ? ['https://index.docker.io/v1/', host] : [host, `https://${host}`];
  const helper = config.credHelpers?.[host] ?? config.credsStore;
  if (helper !== undefined) {
    const output = await quiet(15_000, {input: names[0] ?? host})`${`docker-credential-${helper}`} get`;
    const stored = output.exitCode === 0 ? Stored.safeParse(JSON.parse(output.stdout)) : undefined;
    if (stored?.success) return {username: stored.data.Username, password: stored.data.Secret};
  }
  const auth = names.map(name => config.auths?.[name]?.auth).find(found => found !== undefined);
  if (auth === undefined || auth === '') return null;
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  return {username, password: password.join(':')};
}
