import {listedProblems, type PlacedProblem, type RowProblem} from '../../../core/dataset/row-problems.ts';
import {type CsvDialect, type CsvRecord, scanRecords} from '../csv-records.ts';

/** A row that DuckDB could not take apart. */
export interface Reject {
  /** As `CsvRecord.index`. */
  index: number;
  kind: 'cells' | 'quote' | 'encoding' | 'other';
  reason: string;
}

export interface CsvPlace {
  path: string;
  dialect: CsvDialect;
  header: boolean;
  /** Number of cells that a row should have. */
  columns: number;
}

export interface CellFinding {
  /** Number of the data row, the first being 1, rejected rows not counted. */
  ordinal: number;
  problem: RowProblem;
}

/** Places problems of a file that has rows but no lines. */
export function placeByRow(shownAs: string, findings: CellFinding[]): PlacedProblem[] {
  return findings.map(({ordinal, problem}) => ({place: `${shownAs} row ${ordinal}`, problem}));
}

/**
 * Places problems of a CSV file on its physical lines and puts them in order; at most `listedProblems` are listed.
 *
 * A wrong encoding is told alone, for all else may follow from it; a quote that never closes hides what comes after it.
 */
export async function placeByLine(
  shownAs: string,
  csv: CsvPlace,
  findings: CellFinding[],
  findingCount: number,
  rejects: Reject[],
): Promise<{total: number; listed: PlacedProblem[]}> {
  const encoding = rejects.filter(({kind}) => kind === 'encoding');
  const told = encoding.length > 0 ? encoding : rejects;
  const cells = encoding.length > 0 ? [] : findings;
  const firstQuote = told.findIndex(({kind}) => kind === 'quote');
  const rows = firstQuote < 0 ? told : told.slice(0, firstQuote + 1);

  const shown = rows.slice(0, listedProblems);
  const {byIndex, byOrdinal} = await findRecords(csv, shown, rejects, cells);
  const quoteLine = firstQuote < 0 ? Infinity : (byIndex.get(told[firstQuote]?.index ?? 0)?.line ?? Infinity);
  const placed = [
    ...shown.flatMap(reject => {
      const record = byIndex.get(reject.index);
      return record === undefined ? [] : [{line: record.line, problem: describeReject(reject, record, csv)}];
    }),
    ...cells.flatMap(({ordinal, problem}) => {
      const line = byOrdinal.get(ordinal)?.line ?? Infinity;
      return line < quoteLine ? [{line, problem}] : [];
    }),
  ].sort((a, b) => a.line - b.line);
  const cellCount = encoding.length > 0 ? 0 : findingCount;
  return {
    total: firstQuote < 0 ? rows.length + cellCount : placed.length,
    listed: placed
      .slice(0, listedProblems)
      .map(({line, problem}) => ({place: `${shownAs}:${line}`, problem})),
  };
}

function describeReject(reject: Reject, record: CsvRecord, csv: CsvPlace): RowProblem {
  if (reject.kind === 'cells') return {kind: 'cells', expected: csv.columns, found: record.cells.length};
  return reject.kind === 'other' ? {kind: 'other', reason: reject.reason} : {kind: reject.kind};
}

/** Reads the file again up to the last record that is asked for. */
async function findRecords(
  csv: CsvPlace,
  wanted: Reject[],
  rejects: Reject[],
  findings: CellFinding[],
): Promise<{byIndex: Map<number, CsvRecord>; byOrdinal: Map<number, CsvRecord>}> {
  const indexes = new Set(wanted.map(({index}) => index));
  const ordinals = new Set(findings.map(({ordinal}) => ordinal));
  const rejected = new Set(rejects.map(({index}) => index));
  const byIndex = new Map<number, CsvRecord>();
  const byOrdinal = new Map<number, CsvRecord>();
  // the header row is the row before the first
  let ordinal = csv.header ? -1 : 0;
  for await (const record of scanRecords(csv.path, csv.dialect)) {
    if (indexes.has(record.index)) byIndex.set(record.index, record);
    if (record.cells.length > 0 && !rejected.has(record.index)) {
      ordinal++;
      if (ordinals.has(ordinal)) byOrdinal.set(ordinal, record);
    }
    if (byIndex.size === indexes.size && byOrdinal.size === ordinals.size) break;
  }
  return {byIndex, byOrdinal};
}
