import {createReadStream} from 'node:fs';
import {createGunzip} from 'node:zlib';

export interface CsvDialect {
  delimiter: string;
  quote: string;
  encoding: 'utf-8' | 'latin-1';
  compression: 'gzip' | 'none';
}

export interface CsvRecord {
  /** 1-based, blank lines counted and line breaks inside quotes not: what DuckDB calls the line. */
  index: number;
  /** 1-based physical line on which the record starts. */
  line: number;
  /** The cells with quotes resolved; none for a blank line. */
  cells: string[];
}

/**
 * Yields the records of a CSV file one by one, RFC 4180 with any line ending.
 *
 * DuckDB reads the data; this reads the header row, and finds the physical lines of what is wrong, which
 * DuckDB does not tell: it counts records.
 */
export async function* scanRecords(path: string, dialect: CsvDialect): AsyncGenerator<CsvRecord> {
  const file = createReadStream(path);
  const bytes =
    dialect.compression === 'gzip'
      ? file.pipe(createGunzip()).on('error', error => file.destroy(error))
      : file;
  file.on('error', error => bytes.destroy(error));
  const decoder = new TextDecoder(dialect.encoding === 'latin-1' ? 'latin1' : 'utf-8');
  const scanner = new RecordScanner(dialect.delimiter, dialect.quote);
  for await (const chunk of readBytes(path, dialect.compression)) {
    yield* scanner.push(decoder.decode(chunk, {stream: true}));
  }
  yield* scanner.end();
}

/** Finds the first line that ends in another way than the first line does; null when there is none. */
export async function findMixedLineEnding(
  path: string,
  compression: CsvDialect['compression'],
): Promise<{line: number; expected: string; found: string} | null> {
  let first: string | null = null;
  let line = 0;
  let held = '';
  for await (const chunk of readBytes(path, compression)) {
    const text = held + chunk.toString('latin1');
    // a carriage return at the end may be half of a line ending
    held = text.endsWith('\r') ? '\r' : '';
    for (const [ending] of text.slice(0, text.length - held.length).matchAll(/\r\n|\r|\n/g)) {
      line++;
      first ??= ending;
      if (ending !== first) return {line, expected: JSON.stringify(first), found: JSON.stringify(ending)};
    }
  }
  return null;
}

async function* readBytes(path: string, compression: CsvDialect['compression']): AsyncGenerator<Buffer> {
  const file = createReadStream(path);
  const bytes = compression === 'gzip' ? file.pipe(createGunzip()) : file;
  if (bytes !== file) file.on('error', error => bytes.destroy(error));
  try {
    for await (const chunk of bytes) yield chunk as Buffer;
  } finally {
    file.destroy();
    bytes.destroy();
  }
}

/** Where the scan is within a cell; `closing`: a quote was seen that ends the cell or is the first half of a doubled one. */
type Position = 'start' | 'bare' | 'quoted' | 'closing';

class RecordScanner {
  readonly #delimiter: string;
  readonly #quote: string;
  #position: Position = 'start';
  #afterReturn = false;
  #cell = '';
  #cells: string[] = [];
  #index = 0;
  #line = 1;
  #startLine = 1;

  constructor(delimiter: string, quote: string) {
    this.#delimiter = delimiter;
    this.#quote = quote;
  }

  *push(text: string): Generator<CsvRecord> {
    for (const character of text) {
      const secondHalf = character === '\n' && this.#afterReturn;
      this.#afterReturn = character === '\r';
      const breaksLine = (character === '\n' && !secondHalf) || character === '\r';
      if (breaksLine) this.#line++;
      if (this.#position === 'quoted') {
        if (character === this.#quote) this.#position = 'closing';
        else this.#cell += character;
      } else if (character === '\n' || character === '\r') {
        if (breaksLine) yield this.#finishRecord();
      } else if (character === this.#delimiter) this.#finishCell();
      else if (character === this.#quote && this.#position === 'start') this.#position = 'quoted';
      else {
        // a doubled quote stands for one, and the cell goes on
        const doubled = character === this.#quote && this.#position === 'closing';
        this.#position = doubled ? 'quoted' : 'bare';
        this.#cell += character;
      }
    }
  }

  *end(): Generator<CsvRecord> {
    if (this.#cells.length > 0 || this.#cell !== '' || this.#position !== 'start') yield this.#finishRecord();
  }

  #finishCell(): void {
    this.#cells.push(this.#cell);
    this.#cell = '';
    this.#position = 'start';
  }

  #finishRecord(): CsvRecord {
    const blank = this.#cells.length === 0 && this.#cell === '' && this.#position === 'start';
    this.#finishCell();
    const record = {index: ++this.#index, line: this.#startLine, cells: blank ? [] : this.#cells};
    this.#cells = [];
    this.#startLine = this.#line;
    return record;
  }
}
