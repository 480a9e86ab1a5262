import {pipeline} from 'node:stream';
import {CsvError, parse} from 'csv-parse';
import {type Compression, openBytes} from './file-bytes.ts';

export interface CsvDialect {
  delimiter: string;
  quote: string;
  encoding: 'utf-8' | 'latin-1';
  compression: Compression;
}

export interface CsvRecord {
  /** 1-based, blank lines counted and line breaks inside quotes not: what DuckDB calls the line. */
  index: number;
  /** 1-based physical line on which the record starts. */
  line: number;
  /** The cells with quotes resolved; none for a blank line. */
  cells: string[];
  /** Whether its quotes close; where they do not, it is the last record, and its cells are not known. */
  isClosed: boolean;
}

/**
 * Yields the records of a CSV file one by one, RFC 4180 with any line ending.
 *
 * DuckDB reads the data. This reads the header row, and finds the physical lines of wrong rows, for DuckDB
 * counts records and not lines.
 */
export async function* scanRecords(path: string, dialect: CsvDialect): AsyncGenerator<CsvRecord> {
  const {delimiter, quote, encoding, compression} = dialect;
  const parser = parse({
    bom: true,
    delimiter,
    quote,
    escape: quote,
    encoding: encoding === 'latin-1' ? 'latin1' : 'utf8',
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    raw: true,
    // as DuckDB's max_line_size: a quote that never closes must not gather the rest of the file
    max_record_size: 2_000_000,
  });
  let index = 0;
  let line = 1;
  try {
    const records: AsyncIterable<{raw: string; record: string[]}> = pipeline(
      openBytes(path, compression),
      parser,
      () => {},
    );
    for await (const {raw, record} of records) {
      yield {index: ++index, line, cells: /^[\r\n]*$/.test(raw) ? [] : record, isClosed: true};
      // counted here: csv-parse takes a CRLF within quotes for two lines
      line += raw.match(/\r\n|\r|\n/g)?.length ?? 0;
    }
  } catch (error) {
    if (!(error instanceof CsvError && endsScan.has(error.code))) throw error;
    yield {index: ++index, line, cells: [], isClosed: false};
  }
}

const endsScan = new Set<string>(['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE']);
