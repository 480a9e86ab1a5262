import * as z from 'zod';

/** Where a registry listens, and where in it the images live. */
export interface RegistryAddress {
  /** `http` for loopback addresses and where REGISTRY says so, else `https`. */
  scheme: 'http' | 'https';
  /** `host` or `host:port`. */
  host: string;
  /** Path under the host that all image names start with; may be empty. */
  path: string;
}

/** An account of a registry. */
export interface Credentials {
  username: string;
  password: string;
}

const written = /^(?:(https?):\/\/)?(\[[0-9a-f:]+\](?::\d+)?|[A-Za-z0-9.-]+(?::\d+)?)((?:\/[^/\s]+)*)\/?$/i;

/** Parses an address as people write it into REGISTRY: `[http[s]://]host[:port][/path]`. */
export const RegistryAddress = z
  .string()
  .regex(written, 'host[:port][/path], with http:// or https:// before it if need be')
  .transform((text): RegistryAddress => {
    const [, scheme, host = '', path = ''] = written.exec(text) ?? [];
    const asked = scheme?.toLowerCase();
    return {
      scheme: asked === 'http' || asked === 'https' ? asked : isLoopback(host) ? 'http' : 'https',
      host,
      path: path.slice(1),
    };
  });

/** Tells whether a host is this machine, the only one that is spoken to in plain HTTP without being asked. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i.test(host);
}
