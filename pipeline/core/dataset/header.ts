import {Failure} from '../failure.ts';
import type {Column} from './descriptor-schema.ts';
import {suggestName} from './nearest.ts';

/** Makes the Failure that tells what is wrong with a file's column names; null when every declared column is there once. */
export function checkHeader(
  shownAs: string,
  found: string[],
  declared: Column[],
  type: 'csv' | 'parquet' | 'json',
): Failure | null {
  const duplicates = [...new Set(found.filter((name, i) => found.indexOf(name) < i))];
  if (duplicates.length > 0) {
    const lines = duplicates.map(name => {
      const places = found.flatMap((other, i) => (other === name ? [i + 1] : []));
      return `  ${name === '' ? 'no name' : JSON.stringify(name)} in columns ${places.join(', ')}`;
    });
    return new Failure('data', {
      code: 'DATA_HEADER',
      message: `${shownAs}: expected every column to have its own name, found:\n${lines.join('\n')}`,
      fix: 'Rename the columns in the first row.',
    });
  }
  const absent = declared.filter(column => !found.includes(column.name));
  if (absent.length === 0) return null;
  const lines = absent.map(({name}) => `  ${JSON.stringify(name)} is not there.${suggestName(name, found)}`);
  return new Failure('data', {
    code: 'DATA_HEADER',
    message: `${shownAs}: expected the columns that the descriptor declares, found ${listNames(found)}:\n${lines.join('\n')}`,
    fix: adviseForNames(found, type),
  });
}

/** Writes the names in quotes; of a wide table only the first 30. */
export function listNames(names: string[]): string {
  const shown = names.slice(0, 30).map(name => JSON.stringify(name));
  return names.length > 30 ? `${shown.join(', ')} and ${names.length - 30} more` : shown.join(', ');
}

function adviseForNames(found: string[], type: 'csv' | 'parquet' | 'json'): string {
  if (type !== 'csv') return 'Correct the names in the descriptor or in the file.';
  const delimiter =
    found.length === 1 ? [';', '\t', '|', ','].find(mark => found[0]?.includes(mark)) : undefined;
  return delimiter === undefined
    ? 'Correct the names in the descriptor or in the file. For a file without a header row set "header": false under "format".'
    : `Set "delimiter": ${JSON.stringify(delimiter)} under "format" in the descriptor.`;
}
