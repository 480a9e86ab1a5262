import * as z from 'zod';
import {describeIssues} from '../../../serve/artifact/issues.ts';

/**
 * A kind of file of JSON, with every version of its format that was ever written.
 *
 * A new version is a changed schema and one more upgrade.
 */
export interface Format<T extends object> {
  /** What a file of the newest version holds besides its version. */
  schema: z.ZodType<T>;
  /** Each turns what a file of one version holds into what the next would; the first is for files without a version. */
  upgrades: readonly ((old: object) => object)[];
}

/** `newer` when a later release of this program wrote the file; the reason says what is wrong with it. */
export type Reading<T> = {status: 'read'; value: T} | {status: 'newer' | 'malformed'; reason: string};

const Versioned = z.looseObject({formatVersion: z.int().positive().optional()});

/** Writes a value in the newest version of its format, as indented JSON. */
export function writeVersioned<T extends object>(value: T, {upgrades}: Format<T>): string {
  return `${JSON.stringify({formatVersion: upgrades.length, ...value}, null, 2)}\n`;
}

/** Reads a text of any version of its format into the newest type. */
export function readVersioned<T extends object>(text: string, {schema, upgrades}: Format<T>): Reading<T> {
  const newest = upgrades.length;
  try {
    const {formatVersion: version = 0, ...content} = Versioned.parse(JSON.parse(text));
    if (version > newest) {
      const reason = `its format is ${version}, and this release of csv-to-server reads formats up to ${newest}`;
      return {status: 'newer', reason};
    }
    const upgraded = upgrades.slice(version).reduce<object>((old, upgrade) => upgrade(old), content);
    return {status: 'read', value: schema.parse(upgraded)};
  } catch (error) {
    if (error instanceof SyntaxError) return {status: 'malformed', reason: `no JSON: ${error.message}`};
    if (error instanceof z.ZodError) return {status: 'malformed', reason: describeIssues(error.issues)};
    throw error;
  }
}

/** Upgrades to a version that holds the same as the one before. */
export function keepContent(old: object): object {
  return old;
}
