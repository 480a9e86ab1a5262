import type {Descriptor} from './descriptor-schema.ts';

/** A column as DuckDB names it. */
export interface SqlColumn {
  /** The quoted identifier. */
  identifier: string;
  /** Whether it holds numbers; all else is read through its text. */
  numeric: boolean;
}

/** Writes the FROM clause for a CSV file with `columns` columns, all of them text named c0, c1, …; a header row is read as data. */
export function csvRelation(
  path: string,
  columns: number,
  format: Descriptor['format'],
  compression: string,
): string {
  const types = Array.from({length: columns}, (_, i) => `'c${i}': 'VARCHAR'`).join(', ');
  const quote = sqlText(format.quote ?? '"');
  return `read_csv(${sqlPath(path)}, auto_detect=false, header=false, columns={${types}}, delim=${sqlText(format.delimiter ?? ',')}, quote=${quote}, escape=${quote}, encoding='${format.encoding ?? 'utf-8'}', compression='${compression}', store_rejects=true, rejects_limit=0, hive_partitioning=false)`;
}

/** Writes the FROM clause for a Parquet file. */
export function parquetRelation(path: string): string {
  return `read_parquet(${sqlPath(path)}, hive_partitioning=false)`;
}

/** Writes the FROM clause for a JSON file (an array of objects, or an object a line); with names, these members as text. */
export function jsonRelation(path: string, compression: string, names?: readonly string[]): string {
  const columns = names?.map(name => `${sqlText(name)}: 'VARCHAR'`).join(', ');
  const what = columns === undefined ? 'sample_size=-1' : `columns={${columns}}`;
  return `read_json(${sqlPath(path)}, ${what}, compression='${compression === 'none' ? 'uncompressed' : compression}', hive_partitioning=false)`;
}

/** Reads a cell as a DOUBLE: NULL where the value is missing, NaN where the text is no number. */
export function numberExpression(column: SqlColumn, format: Descriptor['format']): string {
  if (column.numeric) return `CAST(${column.identifier} AS DOUBLE)`;
  const text = textExpression(column);
  const decimalComma = format.decimal === ',';
  // DuckDB would read 1_000 as a thousand
  const refused = decimalComma
    ? `contains(${text}, '_') OR contains(${text}, '.')`
    : `contains(${text}, '_')`;
  const number = decimalComma ? `replace(${text}, ',', '.')` : text;
  return `CASE WHEN ${missingCondition(text, format)} THEN NULL WHEN ${refused} THEN 'nan'::DOUBLE ELSE coalesce(TRY_CAST(${number} AS DOUBLE), 'nan'::DOUBLE) END`;
}

/** Asks whether a cell is a number written with a decimal comma, or with commas between thousands. */
export function decimalCommaCondition(column: SqlColumn): string {
  if (column.numeric) return 'false';
  return `regexp_full_match(trim(${textExpression(column)}), '[+-]?[0-9.]*,[0-9]+([eE][+-]?[0-9]+)?')`;
}

/** Reads a cell as trimmed text: NULL where the value is missing. */
export function categoryExpression(column: SqlColumn, format: Descriptor['format']): string {
  const text = textExpression(column);
  return `CASE WHEN ${missingCondition(text, format)} THEN NULL ELSE trim(${text}) END`;
}

/** Reads a cell as it stands in the file, for messages. */
export function textExpression({identifier, numeric}: SqlColumn): string {
  return numeric ? `CAST(${identifier} AS VARCHAR)` : identifier;
}

/** Quotes the name of a column that DuckDB described, and casts it to text unless it holds numbers. */
export function describedColumn(name: string, type: string): SqlColumn {
  const identifier = `"${name.replaceAll('"', '""')}"`;
  const numeric = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type);
  return numeric || type === 'VARCHAR'
    ? {identifier, numeric}
    : {identifier: `CAST(${identifier} AS VARCHAR)`, numeric: false};
}

function missingCondition(text: string, format: Descriptor['format']): string {
  const marks = ['', ...format.missing.map(mark => mark.trim())].map(sqlText).join(', ');
  return `${text} IS NULL OR trim(${text}) IN (${marks})`;
}

/** DuckDB takes a path for a pattern: the characters that mean something there stand for themselves in brackets. */
function sqlPath(path: string): string {
  return sqlText(path.replaceAll(/[[*?]/g, '[$&]'));
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
