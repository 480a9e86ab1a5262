import {readFileSync} from 'node:fs';

/** The four measurements of the 150 irises in data/iris.data, in the file's order. */
export function readIrisMeasurements(): number[][] {
  const text = readFileSync(new URL('../../data/iris.data', import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split(',').slice(0, 4).map(Number));
}
