import {InvalidArgumentError} from 'commander';
import {CsvError, parse as parseCsv} from 'csv-parse/sync';
import * as z from 'zod';
import {Name} from '../core/dataset/descriptor-schema.ts';

/** The name of a dataset. */
export function parseName(value: string): string {
  const parsed = Name.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(
    `Expected ${parsed.error.issues[0]?.message}, found ${JSON.stringify(value)}.`,
  );
}

/** A tag as the OCI Distribution specification writes it, or a digest. */
export function parseRelease(value: string): string {
  if (/^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|sha256:[0-9a-f]{64})$/.test(value)) return value;
  throw new InvalidArgumentError(
    `Expected a tag or digest from npm run history, or previous, found ${JSON.stringify(value)}.`,
  );
}

/** A date stands for its end: what was moved on that day counts. */
export function parseTime(value: string): Date {
  if (z.iso.date().safeParse(value).success) return new Date(`${value}T23:59:59.999Z`);
  if (z.iso.datetime({local: true}).safeParse(value).success) return new Date(`${value.replace(/Z$/, '')}Z`);
  throw new InvalidArgumentError(
    `Expected a date such as 2026-05-03 or 2026-05-03T14:30, found ${JSON.stringify(value)}.`,
  );
}

/** A sentence on one line. */
export function parseReason(value: string): string {
  const text = value.replace(/\s+/g, ' ').trim();
  if (text.length > 0 && text.length <= 500) return text;
  throw new InvalidArgumentError(`Expected 1 to 500 characters, found ${text.length}.`);
}

/** Adds one name to those that were given before. */
export function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), requireText(value)];
}

/** Adds the names of a list that is written as a line of CSV. */
export function collectList(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), ...splitLine(value).map(requireText)];
}

function splitLine(text: string): string[] {
  try {
    const [names = [], ...others]: string[][] = parseCsv(text, {trim: true});
    if (others.length === 0) return names;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
  }
  throw new InvalidArgumentError(
    `Expected names separated by commas, one with a comma in double quotes ('"a,b",c'), found ${JSON.stringify(text)}.`,
  );
}

/** The empty text is a fair way to spell “no value”. */
export function parseTexts(value: string): string[] {
  return value.split(',').map(part => part.trim());
}

function requireText(value: string): string {
  if (value === '') throw new InvalidArgumentError('Expected a column name, found nothing.');
  return value;
}

/** Makes a parser of numbers; `expected` says which are valid. */
export function parseNumber(expected: string, isValid: (value: number) => boolean) {
  return (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (!isValid(value))
      throw new InvalidArgumentError(`Expected ${expected}, found ${JSON.stringify(text)}.`);
    return value;
  };
}
