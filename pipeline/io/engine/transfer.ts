import {rm, writeFile} from 'node:fs/promises';
import type {Credentials} from '../registry/address.ts';
import {withCleanUp} from './clean-up.ts';
import type {Client} from './client.ts';
import {engineFailure, type Output} from './command.ts';
import type {RegistryAccess} from './engine.ts';
import {transferTimeoutMs} from './images.ts';
import {makeLoginFolder} from './left-behind.ts';

/** Pushes an image under one of its names. */
export async function pushImage(
  client: Client,
  reference: string,
  access: RegistryAccess,
  signal: AbortSignal,
): Promise<void> {
  const output = await transfer(client, 'push', reference, access, signal);
  if (output.exitCode === 0) return;
  throw engineFailure(
    'PUSH_FAILED',
    `${client.program} could not push ${reference}`,
    output,
    'Nothing was promoted: the channel still points where it did. Check that the registry is up, lets this user push and is not read-only; then run `npm run push`.',
  );
}

/** Pulls an image, by digest where the reference has one. */
export async function pullImage(
  client: Client,
  reference: string,
  access: RegistryAccess,
  signal: AbortSignal,
): Promise<void> {
  const output = await transfer(client, 'pull', reference, access, signal);
  if (output.exitCode === 0) return;
  throw engineFailure(
    'PULL_FAILED',
    `${client.program} could not pull ${reference}`,
    output,
    'Check that the registry is up and lets this user pull; then run the same command again.',
  );
}

/**
 * Runs push or pull with its login, which is in a private folder for so long: the user's own logins are neither
 * used nor changed, and no program gets it in its arguments or environment.
 */
async function transfer(
  client: Client,
  verb: 'push' | 'pull',
  reference: string,
  {host, plainHttp, credentials}: RegistryAccess,
  signal: AbortSignal,
): Promise<Output> {
  const {program, run} = client;
  const plain = plainHttp ? client.plainHttpFlags : [];
  const options = {timeoutMs: transferTimeoutMs, signal};
  if (credentials === null) return run(options)`${program} ${verb} ${plain} ${reference}`;
  const folder = await makeLoginFolder();
  return withCleanUp(
    async () => {
      const login = await client.useLogin(run, folder);
      await writeFile(login.file, formatLogin(client.nameLogin(host), credentials), {mode: 0o600});
      const {flagsBefore, flagsAfter, env} = login;
      return run({
        ...options,
        env,
      })`${program} ${flagsBefore} ${verb} ${[...flagsAfter, ...plain]} ${reference}`;
    },
    () => rm(folder, {recursive: true, force: true}),
  );
}

/** The file of logins that docker and podman read. */
function formatLogin(name: string, {username, password}: Credentials): string {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  return JSON.stringify({auths: {[name]: {auth}}});
}
