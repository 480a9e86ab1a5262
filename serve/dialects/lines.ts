import * as z from 'zod/mini';
import type {Artifact} from '../artifact/artifact.ts';
import {type Coding, readCoding, refusePacked} from '../http/coding.ts';
import {formatProblem, type Reply} from '../http/reply.ts';
import type {Content} from '../http/route.ts';
import type {Service} from '../http/service.ts';
import {readQueryLevel} from '../rows/envelope.ts';
import {makeExampleInstances, makeExampleRows, predictExamples} from '../rows/examples.ts';
import {chooseLinesType, createLineSplitter, type Line, linesType} from '../rows/lines.ts';
import type {Prediction, Predictor} from '../rows/predictor.ts';
import type {Problem} from '../rows/problem.ts';
import {createLineReader, maxLineBytes} from '../rows/read-line.ts';
import {createListPaths, type RowsRead} from '../rows/read-rows.ts';
import {describe, type Schemas} from '../rows/schemas.ts';
import type {Sliced} from '../rows/slices.ts';

/**
 * Answers a row a line with a prediction a line, as they arrive: `{"prediction", "lower"?, "upper"?, "warnings"?}`,
 * or `{"error": …}` for a line that is wrong, and goes on. Blank lines are left out.
 *
 * A piece of the body is read when the answer to the one before was taken, so the batch may have any size, and a
 * client that does not read stops us reading.
 */
export function answerLines(request: Request, {predictor, schemas, work}: Service): Reply | Problem {
  const level = readQueryLevel(request.url, schemas);
  if (typeof level === 'object') return level;
  // Asked for no rows, the predictor only says whether it has intervals: else every line would be refused.
  const refusal = predictor.predict(noRows, level);
  if ('problem' in refusal) return refusal;
  const coding = readCoding(request.headers.get('content-encoding'));
  if (typeof coding === 'object') return coding;
  const headers = {'content-type': chooseLinesType(request.headers.get('accept')) ?? linesType};
  const reader = unpackStream(request.body, coding)?.getReader();
  if (reader === undefined) return {status: 200, body: '', headers};

  const splitter = createLineSplitter(maxLineBytes);
  const answer = createLineAnswerer(predictor, schemas, level);
  const ended = Promise.withResolvers<number>();
  let isWanted = true;
  let isAtEnd = false;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const text = await work.onPiece(answer.take());
            if (!isWanted) return;
            if (text !== '') return controller.enqueue(Buffer.from(text));
            if (isAtEnd) {
              ended.resolve(answer.rows());
              return controller.close();
            }
            const next = await reader.read().catch(error => explainEnd(error, coding));
            if (!isWanted) return;
            isAtEnd = typeof next === 'string' || next.done;
            // A body that broke off may have cut a number in two: its last line is not one.
            if (typeof next !== 'string') answer.add(next.done ? splitter.end() : splitter.add(next.value));
            else if (next !== '') return controller.enqueue(Buffer.from(next));
          }
        } catch (error) {
          // The stream breaks off, since it is too late for a 500.
          ended.reject(error);
          throw error;
        }
      },
      async cancel(reason) {
        isWanted = false;
        ended.resolve(answer.rows());
        await reader.cancel(reason).catch(() => {});
      },
    },
    // Nothing is read ahead: what is under way is one piece of the body and the answer to it.
    {highWaterMark: 0},
  );
  return {status: 200, body, headers, ended: ended.promise};
}

/** Describes rows as lines for the OpenAPI document. */
export function describeLineRows(artifact: Artifact): Content {
  return {
    schema: describe(z.string(), {
      description: `A row a line, as a list, as an object, or as an object with the list as "features". Any number of lines, each of at most ${maxLineBytes} bytes; read the answer while you send`,
    }),
    examples: {
      lists: writeLines(makeExampleRows(artifact)),
      objects: writeLines(makeExampleInstances(artifact)),
      'lists in objects': writeLines(makeExampleRows(artifact).map(features => ({features}))),
    },
  };
}

/** Describes predictions as lines for the OpenAPI document. */
export function describeLinePredictions(artifact: Artifact): Content {
  const predictions = predictExamples(artifact).values.map(prediction => ({prediction}));
  return {
    schema: describe(z.string(), {
      description:
        'A line for each row, in order: {"prediction"}, with "lower" and "upper" where an interval was asked for and "warnings" for inputs outside the training range; or {"error"} for a row that is wrong, whose paths name its line',
    }),
    examples: {predictions: writeLines(predictions)},
  };
}

/** Writes the answers to lines, a line for each that is not blank, and counts the rows that were predicted. */
function createLineAnswerer(predictor: Predictor, schemas: Schemas, level: number | undefined) {
  const readLine = createLineReader(schemas);
  let lines: readonly Line[] = [];
  let next = 0;
  let number = 0;
  let rows = 0;
  return {
    rows: () => rows,
    /** Adds lines, when those before were answered. */
    add(more: readonly Line[]): void {
      lines = more;
      next = 0;
    },
    /** Answers lines until the answers are long enough to be sent: they may be a hundred times as long as the lines. */
    *take(): Sliced<string> {
      let text = '';
      while (next < lines.length && text.length < pieceLength) {
        const line = lines[next++];
        number++;
        if (next % linesPerSlice === 0) yield;
        if (line !== undefined && isBlank(line)) continue;
        const asked = readLine(line, `line ${number}`);
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

const pieceLength = 64 * 1024;
const linesPerSlice = 64;

/** Writes a prediction a line, for rows that came in another way. */
export function* writePredictionLines(
  {values, interval, outOfRange}: Prediction,
  type: string,
): Sliced<Pick<Reply, 'body'> & {headers: Record<string, string>}> {
  let body = '';
  for (const [i, prediction] of values.entries()) {
    if (i % linesPerSlice === 0) yield;
    const bounds = interval && {lower: interval.lower[i], upper: interval.upper[i]};
    body += `${JSON.stringify({prediction, ...bounds})}\n`;
  }
  const headers = {'content-type': type, ...(outOfRange > 0 && {'x-out-of-range': String(outOfRange)})};
  return {body, headers};
}

function writeLine({values: [value], interval, warnings}: Prediction): string {
  const bounds =
    interval === undefined
      ? ''
      : `,"lower":${JSON.stringify(interval.lower[0])},"upper":${JSON.stringify(interval.upper[0])}`;
  const notes = warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`;
  return `{"prediction":${JSON.stringify(value)}${bounds}${notes}}`;
}

function writeLines(values: readonly unknown[]): string {
  return values.map(value => `${JSON.stringify(value)}\n`).join('');
}

function isBlank(line: string): boolean {
  return /^[ \t\r]*$/.test(line);
}

function unpackStream(
  body: ReadableStream<Uint8Array> | null,
  coding: Coding | undefined,
): ReadableStream<Uint8Array> | undefined {
  if (body === null || coding === undefined) return body ?? undefined;
  return body.pipeThrough<Uint8Array>(new DecompressionStream(coding));
}

/** Says in a last line why a body cannot be unpacked. A connection that ended has nobody who reads an answer. */
function explainEnd(error: NodeJS.ErrnoException, coding: Coding | undefined): string {
  if (coding === undefined || error.code === undefined) return '';
  return `${formatProblem(refusePacked(coding).problem)}\n`;
}

const noRows: RowsRead = {status: 'read', rows: [], ...createListPaths(i => `[${i}]`)};
