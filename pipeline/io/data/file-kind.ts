import {open} from 'node:fs/promises';
import type {ShownFile} from '../../core/dataset/row-problems.ts';
import {Failure} from '../../core/failure.ts';
import {type Compression, openBytes} from './file-bytes.ts';
import {failForReading} from './read-errors.ts';

export interface DataFile extends ShownFile {
  path: string;
}

export interface FileKind {
  compression: Compression;
  /** What the first bytes look like; CSV where nothing else is recognised. */
  type: 'csv' | 'parquet' | 'json';
}

/** Tells from the first bytes what a file holds. Throws a data Failure when it is missing, empty, or nothing that can be read as a table. */
export async function recogniseFile(file: DataFile): Promise<FileKind> {
  const start = await readStart(file);
  const text = start.toString('latin1');
  if (start.length === 0) {
    throw failFor(file, 'DATA_EMPTY', 'the file is empty', 'Get the file again, or name another one.');
  }
  if (text.startsWith('PK\x03\x04')) {
    const fix = 'Unpack it; save a spreadsheet as CSV.';
    throw failFor(file, 'DATA_UNREADABLE', 'expected a table, found a ZIP archive or a spreadsheet', fix);
  }
  if (text.startsWith('\xff\xfe') || text.startsWith('\xfe\xff')) {
    const fix = `Convert it: iconv -f utf-16 -t utf-8 ${file.typedAs ?? file.shownAs} > converted.csv`;
    throw failFor(file, 'DATA_ENCODING', 'expected UTF-8 text, found UTF-16', fix);
  }
  if (looksLikeHtml(text)) {
    const fix = isAddress(file.shownAs)
      ? `Open ${file.shownAs} in a browser, and name the address of the file itself.`
      : 'Get the file itself: this is a page about it, or an error page.';
    throw failFor(file, 'DATA_UNREADABLE', 'expected a table, found an HTML page', fix);
  }
  if (text.startsWith('\x1f\x8b')) {
    await checkGzip(file);
    return {compression: 'gzip', type: isJsonName(file) ? 'json' : 'csv'};
  }
  if (text.startsWith('PAR1')) return {compression: 'none', type: 'parquet'};
  return {compression: 'none', type: /^(\xef\xbb\xbf)?\s*[[{]/.test(text) ? 'json' : 'csv'};
}

/** Whether the first characters of a file are those of a web page. */
export function looksLikeHtml(text: string): boolean {
  return /^(\xef\xbb\xbf|\ufeff)?\s*<(!doctype\s+html|html|head|body)\b/i.test(text);
}

async function readStart(file: DataFile): Promise<Buffer> {
  try {
    const handle = await open(file.path);
    try {
      const {bytesRead, buffer} = await handle.read(Buffer.alloc(512), 0, 512, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw failForReading(file.shownAs, error);
  }
}

/** Compares a gzip file with its checksum, for DuckDB reads one that is cut off without a word. */
async function checkGzip(file: DataFile): Promise<void> {
  try {
    for await (const _ of openBytes(file.path, 'gzip'));
  } catch (error) {
    if (!isUnpackError(error)) throw failForReading(file.shownAs, error);
    const found = 'the gzip file is cut off or damaged';
    throw failFor(file, 'DATA_UNREADABLE', found, 'Get the file again.', error);
  }
}

function isUnpackError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function isJsonName({shownAs}: DataFile): boolean {
  const name = isAddress(shownAs) ? new URL(shownAs).pathname : shownAs;
  return /\.(json|jsonl|ndjson)(\.gz)?$/i.test(name);
}

function isAddress(shownAs: string): boolean {
  return /^https?:\/\//i.test(shownAs);
}

function failFor(file: DataFile, code: string, found: string, fix: string, cause?: unknown): Failure {
  return new Failure('data', {code, message: `${file.shownAs}: ${found}`, fix, cause});
}
