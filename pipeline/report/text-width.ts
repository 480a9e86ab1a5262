import {createRequire} from 'node:module';

/** Counts the columns that a text takes on a terminal: wide characters count twice, and codes for colours not at all. */
export function measureWidth(text: string): number {
  // nearly every text is plain, and the library takes 30 ms to load
  return /^[\x20-\x7e–−·≥≤²…]*$/.test(text) ? text.length : loadStringWidth()(text);
}

function loadStringWidth(): (text: string) => number {
  return createRequire(import.meta.url)('string-width').default;
}
