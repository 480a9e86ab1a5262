import {type DuckDBConnection, DuckDBInstance} from '@duckdb/node-api';
import type {Descriptor} from '../../../core/dataset/descriptor-schema.ts';
import {failForRows} from '../../../core/dataset/row-problems.ts';
import {
  type Cell,
  type CellProblem,
  type Table,
  TableCollector,
} from '../../../core/dataset/table-collector.ts';
import {
  categoryExpression,
  decimalCommaCondition,
  numberExpression,
  textExpression,
} from '../../../core/dataset/table-sql.ts';
import type {Failure} from '../../../core/failure.ts';
import {type DataFile, recogniseFile} from '../file-kind.ts';
import {explainUnreadable} from '../unreadable.ts';
import {type CellFinding, placeByLine, placeByRow, type Reject} from './row-places.ts';
import {openSource, sniffDelimiter, type TableSource} from './table-source.ts';

/** Counts of the cells of one column. */
export interface ColumnProfile {
  name: string;
  /** Cells that hold something. */
  present: number;
  /** Those of them that are numbers. */
  numbers: number;
  /** Those of them that would be numbers with a decimal comma, such as the first of them. */
  decimalCommas: {count: number; first: string};
}

/** Counts of a file with named columns. */
export interface FileProfile {
  format: Descriptor['format'];
  columns: ColumnProfile[];
  /** Data rows that could be taken apart; only they were counted. */
  rows: number;
  /** Set when the counts say nothing: rows of another encoding, or none that could be taken apart. */
  uncounted: Failure | null;
}

/**
 * Reads a CSV (also gzipped), Parquet or JSON file into numbers, in the order of the file.
 *
 * Every declared column is checked; a missing cell counts only in a feature or a target.
 * @throws Failure of kind `data` with the first 20 problems, each with its line (CSV) or row, and their count.
 */
export async function readTable(
  file: DataFile,
  descriptor: Descriptor,
  options: {dropMissing: boolean},
): Promise<Table> {
  const kind = await recogniseFile(file);
  return withConnection(async connection => {
    const source = await openSource(
      describeWith(connection),
      file,
      kind,
      descriptor.format,
      descriptor.columns,
    );
    const collector = new TableCollector(descriptor, options.dropMissing);
    const expressions = descriptor.columns.map(({name, type}) =>
      (type === 'number' ? numberExpression : categoryExpression)(source.column(name), descriptor.format),
    );
    try {
      await readRows(connection, source, expressions, values => collector.add(values));
    } catch (error) {
      throw await explainUnreadable(error, file, descriptor.format, kind);
    }
    const rejects = source.csv === null ? [] : await readRejects(connection);
    if (collector.problemCount + rejects.length > 0) {
      const findings = await findTexts(connection, source, descriptor, collector.problems);
      const {total, listed} =
        source.csv === null
          ? {total: collector.problemCount, listed: placeByRow(file.shownAs, findings)}
          : await placeByLine(file.shownAs, source.csv, findings, collector.problemCount, rejects);
      throw failForRows(file, total, listed, descriptor.format.missing);
    }
    return collector.finish(file.shownAs);
  });
}

/**
 * Counts cells and numbers in every column of a file with named columns, and finds the delimiter of a CSV.
 *
 * @throws Failure of kind `data` when the file cannot be read or its names are no names.
 */
export async function profileFile(file: DataFile, format: {missing: string[]}): Promise<FileProfile> {
  const kind = await recogniseFile(file);
  return withConnection(async connection => {
    const found: Descriptor['format'] = {type: kind.type, header: true, missing: format.missing};
    if (kind.type === 'csv') {
      const delimiter = await sniffDelimiter(file, kind);
      if (delimiter !== ',') found.delimiter = delimiter;
    }
    const source = await openSource(describeWith(connection), file, kind, found, []);
    const counts = source.names.map(name => {
      const column = source.column(name);
      const number = numberExpression(column, found);
      const decimalComma = decimalCommaCondition(column);
      return [
        `count(${number})::DOUBLE`,
        `(count(*) FILTER (WHERE NOT isnan(${number})))::DOUBLE`,
        `(count(*) FILTER (WHERE ${decimalComma}))::DOUBLE`,
        `first(trim(${textExpression(column)})) FILTER (WHERE ${decimalComma})`,
      ].join(', ');
    });
    let row: Cell[] = [];
    try {
      await readRows(connection, {...source, headerRows: 0}, ['count(*)::DOUBLE', ...counts], values => {
        row = [...values];
      });
    } catch (error) {
      throw await explainUnreadable(error, file, found, kind);
    }
    const columns = source.names.map((name, i) => ({
      name,
      // the header row was counted, as a text
      present: Number(row[4 * i + 1]) - source.headerRows,
      numbers: Number(row[4 * i + 2]),
      decimalCommas: {count: Number(row[4 * i + 3]), first: String(row[4 * i + 4] ?? '')},
    }));
    const rows = Number(row[0]) - source.headerRows;
    return {format: found, columns, rows, uncounted: await explainUncounted(connection, file, source, rows)};
  });
}

async function explainUncounted(
  connection: DuckDBConnection,
  file: DataFile,
  {csv}: TableSource,
  rows: number,
): Promise<Failure | null> {
  const rejects = csv === null ? [] : await readRejects(connection);
  const speaks = rows > 0 && rejects.every(({kind}) => kind !== 'encoding');
  if (csv === null || rejects.length === 0 || speaks) return null;
  const {total, listed} = await placeByLine(file.shownAs, csv, [], 0, rejects);
  return failForRows(file, total, listed, []);
}

async function withConnection<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  // nothing is ever fetched by the database itself
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  try {
    const connection = await instance.connect();
    try {
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** Calls `visit` with the values of each data row; the array is reused. Stops early when `visit` returns false. */
async function readRows(
  connection: DuckDBConnection,
  source: TableSource,
  expressions: string[],
  visit: (values: Cell[]) => unknown,
): Promise<void> {
  const result = await connection.stream(`SELECT ${expressions.join(', ')} FROM ${source.relation}`);
  const values = new Array<Cell>(expressions.length);
  let passOver = source.headerRows;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const columns = chunk.getColumns() as Cell[][];
    for (let row = 0; row < chunk.rowCount; row++) {
      if (passOver-- > 0) continue;
      for (const [i, column] of columns.entries()) values[i] = column[row] ?? null;
      if (visit(values) === false) return;
    }
  }
}

function describeWith(connection: DuckDBConnection) {
  return async (relation: string) => {
    const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${relation}`);
    return reader.getRows().map(([name, type]) => ({name: String(name), type: String(type)}));
  };
}

/** Lists the rows that the last CSV scan refused, in the order of the file, each once. */
async function readRejects(connection: DuckDBConnection): Promise<Reject[]> {
  const reader = await connection.runAndReadAll(
    'SELECT line::DOUBLE, first(error_type::VARCHAR), first(error_message) FROM reject_errors GROUP BY line, line_byte_position ORDER BY line_byte_position, line',
  );
  return reader.getRows().map(([line, type, reason]) => ({
    index: Number(line),
    kind: rejectKinds[String(type)] ?? 'other',
    reason: String(reason).split('\n')[0] ?? '',
  }));
}

const rejectKinds: Record<string, Reject['kind']> = {
  'MISSING COLUMNS': 'cells',
  'TOO MANY COLUMNS': 'cells',
  'UNQUOTED VALUE': 'quote',
  'INVALID STATE': 'quote',
  'INVALID ENCODING': 'encoding',
};

/** Reads the file again up to the last of these cells, for what they hold. */
async function findTexts(
  connection: DuckDBConnection,
  source: TableSource,
  descriptor: Descriptor,
  problems: CellProblem[],
): Promise<CellFinding[]> {
  const last = problems.at(-1)?.ordinal ?? 0;
  if (last === 0) return [];
  const expressions = descriptor.columns.map(({name}) => textExpression(source.column(name)));
  const findings: CellFinding[] = [];
  let ordinal = 0;
  await readRows(connection, source, expressions, texts => {
    ordinal++;
    for (const problem of problems) {
      if (problem.ordinal !== ordinal) continue;
      findings.push({ordinal, problem: problem.describe(String(texts[problem.column] ?? ''))});
    }
    return ordinal < last;
  });
  return findings;
}
