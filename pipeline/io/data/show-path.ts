import {relative} from 'node:path';

/** Shortens a path for messages: relative to the working folder where it lies below it. */
export function showPath(path: string): string {
  const fromHere = relative('', path);
  return fromHere.startsWith('..') ? path : fromHere;
}
