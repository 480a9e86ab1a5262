import type {Column, Descriptor} from '../../../core/dataset/descriptor-schema.ts';
import {checkHeader} from '../../../core/dataset/header.ts';
import {failForRows} from '../../../core/dataset/row-problems.ts';
import {
  csvRelation,
  describedColumn,
  jsonRelation,
  parquetRelation,
  type SqlColumn,
} from '../../../core/dataset/table-sql.ts';
import {Failure} from '../../../core/failure.ts';
import {type CsvDialect, scanRecords} from '../csv-records.ts';
import type {DataFile, FileKind} from '../file-kind.ts';
import {explainUnreadable} from '../unreadable.ts';
import type {CsvPlace} from './row-places.ts';

/** A file as DuckDB is to read it. */
export interface TableSource {
  relation: string;
  names: string[];
  column(name: string): SqlColumn;
  /** Rows to pass over: 1 where the header row comes as data. */
  headerRows: number;
  csv: CsvPlace | null;
}

/** Lists the columns of a relation with their SQL types. */
export type DescribeRelation = (relation: string) => Promise<{name: string; type: string}[]>;

/**
 * Finds the columns of a file and how to read them; checks that the declared ones are there.
 *
 * @throws Failure of kind `data` when the header is wrong or the file is not of its declared type.
 */
export async function openSource(
  describe: DescribeRelation,
  file: DataFile,
  kind: FileKind,
  format: Descriptor['format'],
  declared: Column[],
): Promise<TableSource> {
  if (kind.type === 'parquet' && format.type !== 'parquet') {
    throw await explainUnreadable(new Error('the file is Parquet'), file, format, kind);
  }
  if (format.type === 'csv') return openCsv(file, kind, format, declared);
  let described: {name: string; type: string}[];
  const relation =
    format.type === 'json' ? jsonRelation(file.path, kind.compression) : parquetRelation(file.path);
  try {
    described = await describe(relation);
  } catch (error) {
    throw await explainUnreadable(error, file, format, kind);
  }
  const names = described.map(({name}) => name);
  const failure = checkHeader(file.shownAs, names, declared, format.type);
  if (failure !== null) throw failure;
  if (format.type === 'json') {
    // as text, so that one cell of another type does not turn its whole column into something else
    const wanted = declared.length > 0 ? declared.map(({name}) => name) : names;
    const asText = jsonRelation(file.path, kind.compression, wanted);
    return {
      relation: asText,
      names,
      column: name => describedColumn(name, 'VARCHAR'),
      headerRows: 0,
      csv: null,
    };
  }
  const types = new Map(described.map(({name, type}) => [name, type]));
  return {
    relation,
    names,
    column: name => describedColumn(name, types.get(name) ?? ''),
    headerRows: 0,
    csv: null,
  };
}

async function openCsv(
  file: DataFile,
  kind: FileKind,
  format: Descriptor['format'],
  declared: Column[],
): Promise<TableSource> {
  const dialect: CsvDialect = {
    delimiter: format.delimiter ?? ',',
    quote: format.quote ?? '"',
    encoding: format.encoding ?? 'utf-8',
    compression: kind.compression,
  };
  const first = await readFirstRecord(file, dialect, format, kind);
  const names = format.header ? first.map(cell => cell.trim()) : declared.map(({name}) => name);
  if (names.some(name => name.includes('\ufffd'))) {
    throw failForRows(file, 1, [{place: `${file.shownAs}:1`, problem: {kind: 'encoding'}}], []);
  }
  const failure = format.header ? checkHeader(file.shownAs, names, declared, format.type) : null;
  if (failure !== null) {
    if (kind.type === 'json')
      throw await explainUnreadable(new Error('the text starts like JSON'), file, format, kind);
    throw failure;
  }
  return {
    relation: csvRelation(file.path, names.length, format, kind.compression),
    names,
    column: name => ({identifier: `c${names.indexOf(name)}`, numeric: false}),
    headerRows: format.header ? 1 : 0,
    csv: {path: file.path, dialect, header: format.header, columns: names.length},
  };
}

async function readFirstRecord(
  file: DataFile,
  dialect: CsvDialect,
  format: Descriptor['format'],
  kind: FileKind,
): Promise<string[]> {
  try {
    for await (const {cells, line, isClosed} of scanRecords(file.path, dialect)) {
      if (!isClosed) {
        throw failForRows(file, 1, [{place: `${file.shownAs}:${line}`, problem: {kind: 'quote'}}], []);
      }
      if (cells.length > 0) return cells;
    }
  } catch (error) {
    throw await explainUnreadable(error, file, format, kind);
  }
  throw new Failure('data', {
    code: 'DATA_EMPTY',
    message: `${file.shownAs}: the file holds only blank lines`,
    fix: 'Get the file again, or name another one.',
  });
}

/** Finds which of the usual delimiters takes the first row apart into most cells. */
export async function sniffDelimiter(file: DataFile, kind: FileKind): Promise<string> {
  const format: Descriptor['format'] = {type: 'csv', header: true, missing: []};
  const counts = new Map<string, number>();
  for (const delimiter of [',', ';', '\t', '|']) {
    const dialect: CsvDialect = {delimiter, quote: '"', encoding: 'latin-1', compression: kind.compression};
    const first = await readFirstRecord(file, dialect, format, kind);
    counts.set(delimiter, first.length);
  }
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}
