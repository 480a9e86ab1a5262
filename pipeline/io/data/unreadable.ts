import {readFile} from 'node:fs/promises';
import type {Descriptor} from '../../core/dataset/descriptor-schema.ts';
import {findJsonProblem} from '../../core/dataset/json-text.ts';
import {Failure} from '../../core/failure.ts';
import type {DataFile, FileKind} from './file-kind.ts';
import {findMixedLineEnding} from './line-endings.ts';

/** Turns what the reader of a file threw into a data Failure that says what the file should have been. */
export async function explainUnreadable(
  error: unknown,
  file: DataFile,
  format: Descriptor['format'],
  kind: FileKind,
): Promise<Failure> {
  if (error instanceof Failure) return error;
  const reason = shortenReason(error, file);
  const wanted = format.type === 'json' ? 'JSON' : format.type === 'csv' ? 'CSV' : 'Parquet';
  if (format.type === 'csv') {
    const mixed = await findMixedLineEnding(file.path, kind.compression);
    if (mixed !== null) {
      return new Failure('data', {
        code: 'DATA_UNREADABLE',
        message: `${file.shownAs}:${mixed.line}: expected the line to end with ${mixed.expected} as the lines before it, found ${mixed.found}`,
        fix: `Give all lines the same ending: tr -d '\\r' < ${file.typedAs ?? file.shownAs} > fixed.csv`,
        cause: error,
      });
    }
  }
  if (format.type === 'json' && kind.type === 'json' && kind.compression === 'none') {
    const problem = findJsonProblem(await readFile(file.path, 'utf8'));
    if (problem !== null) {
      return new Failure('data', {
        code: 'DATA_UNREADABLE',
        message: `${file.shownAs}:${problem.line}:${problem.column}: expected JSON, found: ${problem.reason}`,
        fix: 'Get the file again, or correct it.',
        cause: error,
      });
    }
  }
  return new Failure('data', {
    code: 'DATA_UNREADABLE',
    message: `${file.shownAs}: expected ${wanted}: ${reason}`,
    fix:
      kind.type === format.type
        ? 'Get the file again, or correct it.'
        : `The file looks like ${kind.type}: set "type": "${kind.type}" under "format" in the descriptor, or get the file again.`,
    cause: error,
  });
}

/** The first line of DuckDB's message, without its class, the path, and its line numbers for JSON, which are off by one. */
function shortenReason(error: unknown, file: DataFile): string {
  const message = error instanceof Error ? error.message : String(error);
  const first = message.split('\n')[0] ?? '';
  return first
    .replace(/^[A-Z][A-Za-z ]* Error: /, '')
    .replaceAll(file.path, file.shownAs)
    .replace(/ in file "[^"]*", at byte \d+ in (line|record\/value) \d+/, '')
    .replace(/ \(LINE \d+\)/, '')
    .trim();
}
