import {readFile} from 'node:fs/promises';
import * as z from 'zod';
import {Failure} from '../../core/failure.ts';
import type {Credentials} from '../registry/address.ts';
import {answerTimeoutMs, createCommand} from './command.ts';
import type {ProgramEnv} from './engine.ts';
import {listLoginFiles} from './engines.ts';

const Config = z.object({
  auths: z.record(z.string(), z.object({auth: z.string().optional()})).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
});
type Config = z.infer<typeof Config>;
const Stored = z.object({Username: z.string(), Secret: z.string()});

/**
 * Finds the login that a container engine has stored for a registry: in its configuration file, or in the
 * credential helper that the file names.
 *
 * @param engine whose files are looked at; those of all engines without one.
 * @returns null where no login is stored.
 * @throws Failure of kind `usage` when a file may not be read or cannot be understood, of kind `engine` when a
 *   helper answers with something else than a login.
 */
export async function findStoredLogin(
  engine: string | null,
  host: string,
  env: ProgramEnv,
): Promise<Credentials | null> {
  for (const path of listLoginFiles(engine, env)) {
    const config = await readConfig(path);
    const login = config === undefined ? null : await lookUp(config, host, env);
    if (login !== null) return login;
  }
  return null;
}

async function readConfig(path: string): Promise<Config | undefined> {
  let problem = 'expected JSON with "auths", "credHelpers" or "credsStore"';
  let cause: unknown;
  try {
    return Config.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (typeof code === 'string') problem = `it cannot be read (${code})`;
    cause = error;
  }
  throw new Failure('usage', {
    code: 'BAD_ENGINE_CONFIG',
    message: `${path} is not a container engine's configuration: ${problem}.`,
    fix: 'Mend the file, or set REGISTRY_USERNAME and REGISTRY_PASSWORD.',
    cause,
  });
}

async function lookUp(config: Config, host: string, env: ProgramEnv): Promise<Credentials | null> {
  // Docker Hub's login is stored under the address of its first interface
  const names = host === 'docker.io' ? ['https://index.docker.io/v1/', host] : [host, `https://${host}`];
  const helper = config.credHelpers?.[host] ?? config.credsStore;
  const helped = helper === undefined ? null : await askHelper(helper, names[0] ?? host, env);
  if (helped !== null) return helped;
  const auth = names.map(name => config.auths?.[name]?.auth).find(found => found !== undefined);
  if (auth === undefined || auth === '') return null;
  const [username = '', ...password] = Buffer.from(auth, 'base64').toString('utf8').split(':');
  return {username, password: password.join(':')};
}

/** Asks a credential helper by docker's protocol: the registry on standard input, a login as JSON on standard output. */
async function askHelper(helper: string, server: string, env: ProgramEnv): Promise<Credentials | null> {
  const program = `docker-credential-${helper}`;
  const run = createCommand(env);
  const output = await run({timeoutMs: answerTimeoutMs, input: server})`${program} get`;
  // it says so where it has none, and is not there where another machine's configuration was copied
  if (output.exitCode !== 0) return null;
  try {
    const {Username, Secret} = Stored.parse(JSON.parse(output.stdout));
    return {username: Username, password: Secret};
  } catch {
    // without the cause, which may quote a secret
    throw new Failure('engine', {
      code: 'BAD_CREDENTIAL_HELPER',
      message: `${program} get ${server}: expected JSON with Username and Secret, found something else.`,
      fix: 'Mend the helper, or set REGISTRY_USERNAME and REGISTRY_PASSWORD.',
    });
  }
}
