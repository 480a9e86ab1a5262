import {readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

/**
 * Certificates for tests, good until 2126: `server`, `other` and `client` were issued by `ca` for localhost and 127.0.0.1,
 * `stranger` by itself. Each was made with `openssl req` and `openssl x509`.
 */
type Name = 'ca' | 'server' | 'other' | 'client' | 'stranger';

/** The path of a certificate. */
export function certificatePath(name: Name): string {
  return fileURLToPath(new URL(`certificates/${name}.pem`, import.meta.url));
}

/** The path of a certificate's key. */
export function keyPath(name: Exclude<Name, 'ca'>): string {
  return fileURLToPath(new URL(`certificates/${name}-key.pem`, import.meta.url));
}

/** What a client shows of itself. */
export function clientIdentity(name: 'client' | 'stranger'): {cert: string; key: string} {
  return {cert: readFileSync(certificatePath(name), 'utf8'), key: readFileSync(keyPath(name), 'utf8')};
}
