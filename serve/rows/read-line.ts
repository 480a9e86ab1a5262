import {FieldErrors, nameKind} from './field-errors.ts';
import {boundJson} from './json-bounds.ts';
import {JsonScan} from './json-scan.ts';
import type {Line} from './lines.ts';
import {type Problem, refuse} from './problem.ts';
import {createListPaths, createNamedPaths, isObject, type RowsRead, readInstance} from './read-rows.ts';
import {explainRow, refuseFields} from './refusals.ts';
import type {Schemas} from './schemas.ts';
import {listNames} from './wording.ts';

/** Longest line: rows are short, and a line is the unit that must fit in memory. */
export const maxLineBytes = 1024 * 1024;

/** Shorter lines cost too little to be bounded, whatever is in them. */
const smallLength = 4 * 1024;

/**
 * Reads the row in a line of JSON.
 *
 * @param path names the line, as in `line 17`.
 */
export type LineReader = (line: Line, path: string) => RowsRead | Problem;

/** Creates a reader of `[5.1, 3.5]`, `{"sepal_length": 5.1, "sepal_width": 3.5}` and `{"features": [5.1, 3.5]}`. */
export function createLineReader(schemas: Schemas): LineReader {
  // Once for all lines: a model may have a thousand features, and a stream a million wrong lines.
  const expected = `expected ${listShapes(schemas.features)}`;
  const bounds = boundJson({schemas, maxRows: 1}, {lists: 1, keys: schemas.features.length});
  return (line, path) => {
    if (line === undefined) {
      const message = `The line is too long. Send at most ${maxLineBytes} bytes a line.`;
      const fields = [{path, message: `expected at most ${maxLineBytes} bytes`}];
      return refuse(413, 'line_too_long', message, {fields});
    }
    const errors = new FieldErrors();
    let value: unknown;
    try {
      if (line.length <= smallLength) {
        value = JSON.parse(line);
      } else {
        const bytes = Buffer.from(line);
        const scan = new JsonScan(bytes, bounds);
        if (scan.advance(bytes.length) !== undefined) {
          errors.add(() => path, `${expected}; found more`);
          return refuseFields(errors);
        }
        value = scan.finish();
      }
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      // Not passed on: the engine's message quotes the input.
      return refuse(400, 'malformed_json', 'The line is not JSON.', {fields: [{path, message: expected}]});
    }
    if (Array.isArray(value)) return readRow(value, path, schemas);
    if (!isObject(value)) {
      errors.add(() => path, `${expected}; found ${nameKind(value)}`);
      return refuseFields(errors);
    }
    // A feature may be called "features": its value would be a number.
    const {features: list, ...others} = value;
    if (Array.isArray(list) && Object.keys(others).length === 0) {
      return readRow(list, `${path}.features`, schemas);
    }
    const row = readInstance(value, schemas, errors, () => path);
    if (errors.count > 0) return refuseFields(errors);
    return {status: 'read', rows: [row], ...createNamedPaths(() => path, schemas.features)};
  };
}

function readRow(value: unknown[], path: string, schemas: Schemas): RowsRead | Problem {
  const parsed = schemas.row.safeParse(value);
  if (parsed.success) return {status: 'read', rows: [parsed.data], ...createListPaths(() => path)};
  const errors = new FieldErrors();
  explainRow(value, schemas.features, errors, () => path);
  return refuseFields(errors);
}

function listShapes(features: readonly string[]): string {
  const list = `[${listNames(features)}]`;
  const instance = listNames(features.map(name => `${JSON.stringify(name)}: number`));
  return `${list}, {${instance}} or {"features": ${list}}`;
}
