import * as z from 'zod';

/** A digest by SHA-256, of whatever has one: `sha256:` and 64 hexadecimal digits. */
export const Sha256Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
