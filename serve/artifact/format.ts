import {createHash} from 'node:crypto';
import * as z from 'zod/mini';
import {ArtifactError, retrain} from './artifact-error.ts';
import {describeIssues} from './issues.ts';

/** One version of the format of `model.json`: how its files are read, and become files of the newest. */
export type Format<Newest> = {
  /** The `formatVersion` in its files. */
  formatVersion: number;
  /**
   * Reads a file strictly by the rules of its own format, and upgrades it from format to format to the newest. What
   * comes out keeps the version that the file has: that names these bytes.
   *
   * @param json what JSON.parse made of the text.
   * @param where what the text is called in error messages, usually its path.
   * @throws ArtifactError
   */
  read: (json: unknown, text: string, where: string) => Newest;
};

/** Compiling the schema pays for thousands of parses; a server parses once, and starts about 2 ms sooner. */
export const once = {jitless: true};

/** @throws ArtifactError when a value is not what the schema of its format says. */
export function parseBySchema<Schema extends z.ZodMiniType>(
  schema: Schema,
  json: unknown,
  where: string,
): z.infer<Schema> {
  const parsed = z.safeParse(schema, json, once);
  if (parsed.success) return parsed.data;
  throw new ArtifactError(
    `${where} is not a model artifact: ${describeIssues(parsed.error.issues)}. ${retrain}`,
  );
}

/** Writes an artifact as its file has it: one line of JSON and a newline. */
export function serialise(artifact: object): string {
  return `${JSON.stringify(artifact)}\n`;
}

/** Gives the first 12 hex digits of the SHA-256 of an artifact without its version. */
export function hashContent(rest: object): string {
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 12);
}

/**
 * Requires that the version is the hash of the rest, and that the text is the very one that was written.
 *
 * @param artifact with its keys in the order of its schema.
 * @throws ArtifactError
 */
export function requireSeal(artifact: {version: string}, text: string, where: string): void {
  const {version, ...rest} = artifact;
  const found = hashContent(rest);
  if (version === found && text === serialise(artifact)) return;
  throw new ArtifactError(
    `${where} was changed after it was written: its version says ${version}, its bytes say ${
      version === found ? 'the same numbers in other characters' : found
    }. ${retrain}`,
  );
}
