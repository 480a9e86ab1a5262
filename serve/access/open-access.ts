import type {RequestListener, Server, ServerOptions} from 'node:http';
import type {AccessConfig} from './access-config.ts';
import {type ApiKeys, parseApiKeys} from './api-keys.ts';
import {type Cors, createCors} from './cors.ts';
import {createGuard, type Guard} from './guard.ts';
import {AccessError, readNamedFile} from './named-file.ts';

/** Who may ask a server, and what lets them in. */
export type Access = {
  guard: Guard | undefined;
  cors: Cors | undefined;
  /** Creates a server that speaks HTTPS; undefined where it is to speak HTTP. */
  createServer: ((options: ServerOptions, listener: RequestListener) => Server) | undefined;
  /** Reads the keys again; undefined where there are none. Those of a broken file are not taken. */
  reloadKeys: (() => Promise<void>) | undefined;
};

/** Told when files were read again: with the reason, where what was read before is kept. */
export type OnReload = (what: 'API keys' | 'TLS certificate', problem: AccessError | undefined) => void;

/**
 * Reads the files that say who may ask.
 *
 * @param realm what the server is called in the challenge to who has no key.
 * @throws AccessError where a file cannot be used.
 */
export async function openAccess(
  {apiKeyFile, open, tls, corsOrigins}: AccessConfig,
  realm: string,
  onReload: OnReload,
): Promise<Access> {
  const cors = createCors(corsOrigins);
  // Node's TLS is loaded by those who use it only.
  const createServer =
    tls &&
    (await (
      await import('./tls.ts')
    ).prepareTls(tls, {
      onReload: problem => onReload('TLS certificate', problem),
    }));
  const asksForCertificate = tls?.clientCaFile !== undefined;
  const guardBy = (keys: (() => ApiKeys) | undefined) => createGuard({realm, open, keys, asksForCertificate});
  if (apiKeyFile === undefined) return {guard: guardBy(undefined), cors, createServer, reloadKeys: undefined};
  const readKeys = async () => parseApiKeys(await readNamedFile('API_KEY_FILE', apiKeyFile), apiKeyFile);
  let keys = await readKeys();
  const reloadKeys = async () => {
    try {
      keys = await readKeys();
      onReload('API keys', undefined);
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      onReload('API keys', error);
    }
  };
  return {guard: guardBy(() => keys), cors, createServer, reloadKeys};
}
