import {createReadStream} from 'node:fs';

/** A file that decides who may ask cannot be used. `message` names the variable, the file and what to do. */
export class AccessError extends Error {
  override name = 'AccessError';
}

const maxFileBytes = 1024 * 1024;

/**
 * Reads the file that an environment variable names.
 *
 * @throws AccessError where it cannot be read, or has more than 1 MiB.
 */
export async function readNamedFile(variable: string, path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path, {end: maxFileBytes})) {
      bytes += chunk.length;
      chunks.push(chunk);
    }
  } catch (cause) {
    const found = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new AccessError(
      `${variable}: expected a file that this user may read, found ${found} at ${path}. ` +
        `Let this user read the file, or set ${variable} to another one.`,
      {cause},
    );
  }
  if (bytes <= maxFileBytes) return Buffer.concat(chunks).toString();
  throw new AccessError(
    `${variable}: expected a file of at most ${maxFileBytes} bytes, found more in ${path}. ` +
      `Set ${variable} to another file.`,
  );
}
