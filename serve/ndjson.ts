import {readQueryLevel} from './envelope.ts';
import {FieldErrors, kindOf} from './field-errors.ts';
import {createLineSplitter, type Line} from './lines.ts';
import type {Prediction, Predictor} from './predictor.ts';
import {
  explainRow,
  isObject,
  listNames,
  listPaths,
  namedPaths,
  type RowsRead,
  readInstance,
  refuseFields,
} from './read-rows.ts';
import {formatProblem, type Problem, type Reply, refuse} from './reply.ts';
import {refuseCoding} from './request-body.ts';
import type {Schemas} from './schemas.ts';
import type {Service} from './service.ts';

/** Newline-delimited JSON, https://github.com/ndjson/ndjson-spec and https://jsonlines.org. */
export const linesType = 'application/x-ndjson';

/** Longest line: rows are short, and a line is the unit that must fit in memory. */
export const maxLineBytes = 1024 * 1024;

/** Whether a body of this media type is a row of JSON a line. */
export function isLinesType(mediaType: string | undefined): boolean {
  return mediaType !== undefined && /^application\/(?:x-ndjson|ndjson|jsonl|jsonlines)$/.test(mediaType);
}

/**
 * Answers a row a line with a prediction a line, as they arrive: `{"prediction", "lower"?, "upper"?, "warnings"?}`,
 * or `{"error": …}` for a line that is wrong, and goes on. Blank lines are left out.
 *
 * A piece of the body is read when the answer to the one before was taken, so the batch may have any size, and a
 * client that does not read stops us reading.
 */
export function answerLines(request: Request, {predictor, schemas}: Service): Reply | Problem {
  const level = readQueryLevel(request.url, schemas);
  if (typeof level === 'object') return level;
  // Asked for no rows, the predictor only says whether it has intervals: else every line would be refused.
  const refusal = refuseCoding(request.headers) ?? predictor.predict(noRows, level);
  if ('problem' in refusal) return refusal;
  const headers = {'content-type': linesType};
  const reader = request.body?.getReader();
  if (reader === undefined) return {status: 200, body: '', headers};

  const splitter = createLineSplitter(maxLineBytes);
  const answer = createLineAnswerer(predictor, schemas, level);
  const ended = Promise.withResolvers<number>();
  let isWanted = true;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let text = '';
        while (text === '') {
          const next = await reader.read().catch(ignoreGone);
          // A body that broke off may have cut a number in two: its last line is not one.
          const lines =
            next === undefined || !isWanted ? [] : next.done ? splitter.end() : splitter.add(next.value);
          text = answer.write(lines);
          if (text !== '') controller.enqueue(Buffer.from(text));
          if (next !== undefined && !next.done) continue;
          ended.resolve(answer.rows());
          if (isWanted) controller.close();
          return;
        }
      },
      async cancel(reason) {
        isWanted = false;
        ended.resolve(answer.rows());
        await reader.cancel(reason).catch(ignoreGone);
      },
    },
    // Nothing is read ahead: what is under way is one piece of the body and the answer to it.
    {highWaterMark: 0},
  );
  return {status: 200, body, headers, ended: ended.promise};
}

/** Writes the answers to lines, a line for each that is not blank, and counts the rows that were predicted. */
function createLineAnswerer(predictor: Predictor, schemas: Schemas, level: number | undefined) {
  let number = 0;
  let rows = 0;
  return {
    rows: () => rows,
    write(lines: readonly Line[]): string {
      let text = '';
      for (const line of lines) {
        number++;
        if (line !== undefined && isBlank(line)) continue;
        const asked = readLine(line, `line ${number}`, schemas);
        const prediction = 'problem' in asked ? asked : predictor.predict(asked, level);
        if ('problem' in prediction) {
          text += formatProblem(prediction.problem);
        } else {
          text += writeLine(prediction);
          rows++;
        }
        text += '\n';
      }
      return text;
    },
  };
}

function readLine(line: Line, path: string, schemas: Schemas): RowsRead | Problem {
  if (line === undefined) {
    return refuse(413, 'line_too_long', `The line is too long. Send at most ${maxLineBytes} bytes a line.`, {
      fields: [{path, message: `expected at most ${maxLineBytes} bytes`}],
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Not passed on: the engine's message quotes the input.
    return refuse(400, 'malformed_json', 'The line is not JSON.', {
      fields: [{path, message: `expected ${shapes(schemas.features)}`}],
    });
  }
  if (Array.isArray(value)) return readRow(value, path, schemas);
  const errors = new FieldErrors();
  if (!isObject(value)) {
    errors.add(() => path, `expected ${shapes(schemas.features)}; found ${kindOf(value)}`);
    return refuseFields(errors);
  }
  // A feature may be called "features": its value would be a number.
  const {features: list, ...others} = value;
  if (Array.isArray(list) && Object.keys(others).length === 0) {
    return readRow(list, `${path}.features`, schemas);
  }
  const row = readInstance(value, schemas, errors, () => path);
  if (errors.count > 0) return refuseFields(errors);
  return {status: 'read', rows: [row], ...namedPaths(() => path, schemas.features)};
}

function readRow(value: unknown[], path: string, schemas: Schemas): RowsRead | Problem {
  const parsed = schemas.row.safeParse(value);
  if (parsed.success) return {status: 'read', rows: [parsed.data], ...listPaths(() => path)};
  const errors = new FieldErrors();
  explainRow(value, schemas.features, errors, () => path);
  return refuseFields(errors);
}

function writeLine({values: [value], interval, warnings}: Prediction): string {
  const bounds =
    interval === undefined
      ? ''
      : `,"lower":${JSON.stringify(interval.lower[0])},"upper":${JSON.stringify(interval.upper[0])}`;
  const notes = warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`;
  return `{"prediction":${JSON.stringify(value)}${bounds}${notes}}`;
}

function isBlank(line: string): boolean {
  return /^[ \t\r]*$/.test(line);
}

function shapes(features: readonly string[]): string {
  const list = `[${listNames(features)}]`;
  const instance = listNames(features.map(name => `${JSON.stringify(name)}: number`));
  return `${list}, {${instance}} or {"features": ${list}}`;
}

/** A connection that ended has nothing more to read, and nobody who reads an answer. */
function ignoreGone(): undefined {}

const noRows: RowsRead = {status: 'read', rows: [], ...listPaths(i => `[${i}]`)};
