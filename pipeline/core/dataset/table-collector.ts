import type {Column, Descriptor} from './descriptor-schema.ts';
import {failForFewRows, listedProblems, type RowProblem} from './row-problems.ts';

export interface Table {
  /** Number of each row in the file, the first data row being 1. */
  rowNumbers: number[];
  /** n × p, columns in the descriptor's order of features. */
  features: number[][];
  /** n × m, columns in the descriptor's order of targets. */
  targets: number[][];
  /** The descriptor's category columns, one value a row; null where it is missing. */
  categories: {name: string; values: (string | null)[]}[];
  /** The descriptor's number columns that are neither feature nor target; null where a cell is missing. */
  others: {name: string; values: (number | null)[]}[];
  /** Rows left out because a feature or a target was missing. */
  dropped: number;
}

/** A cell as it comes out of the file: null is missing, NaN a text where a number should be. */
export type Cell = number | string | null;

/** A cell that is wrong; its text is looked up only for those that are listed. */
export interface CellProblem {
  /** Number of the data row, the first being 1, counted over the rows that could be taken apart. */
  ordinal: number;
  /** Index of the column in the descriptor. */
  column: number;
  describe(found: string): RowProblem;
}

/** Collects rows of cells, in the order of the descriptor's columns, into a table, and what is wrong with them. */
export class TableCollector {
  readonly #columns: {column: Column; used: boolean; values: Set<string> | null}[];
  readonly #features: number[];
  readonly #targets: number[];
  readonly #dropMissing: boolean;
  readonly #decimalMark: string;
  readonly #table: Table;
  readonly #categoryColumns: number[];
  readonly #otherColumns: number[];
  /** The first problems, in the order of the file. */
  readonly problems: CellProblem[] = [];
  problemCount = 0;
  #ordinal = 0;

  constructor(descriptor: Descriptor, dropMissing: boolean) {
    const {columns, features, targets, format} = descriptor;
    const used = new Set([...features, ...targets]);
    const indexOf = (name: string) => columns.findIndex(column => column.name === name);
    this.#columns = columns.map(column => ({
      column,
      used: used.has(column.name),
      values: column.type === 'category' && column.values !== undefined ? new Set(column.values) : null,
    }));
    this.#features = features.map(indexOf);
    this.#targets = targets.map(indexOf);
    this.#dropMissing = dropMissing;
    this.#decimalMark = format.decimal ?? '.';
    this.#categoryColumns = columns.flatMap((column, i) => (column.type === 'category' ? [i] : []));
    this.#otherColumns = columns.flatMap((column, i) =>
      column.type === 'number' && !used.has(column.name) ? [i] : [],
    );
    this.#table = {
      rowNumbers: [],
      features: [],
      targets: [],
      categories: this.#categoryColumns.map(i => ({name: columns[i]?.name ?? '', values: []})),
      others: this.#otherColumns.map(i => ({name: columns[i]?.name ?? '', values: []})),
      dropped: 0,
    };
  }

  /** Takes the next data row; `cells` may be reused by the caller. */
  add(cells: readonly Cell[]): void {
    this.#ordinal++;
    let missing = false;
    for (let i = 0; i < this.#columns.length; i++) {
      const cell = cells[i] ?? null;
      if (cell === null) missing ||= this.#checkMissing(i);
      else this.#checkValue(cell, i);
    }
    if (missing) {
      this.#table.dropped++;
      return;
    }
    if (this.problemCount > 0) return;
    this.#table.rowNumbers.push(this.#ordinal);
    this.#table.features.push(this.#features.map(i => cells[i] as number));
    this.#table.targets.push(this.#targets.map(i => cells[i] as number));
    for (const [k, {values}] of this.#table.categories.entries()) {
      values.push((cells[this.#categoryColumns[k] ?? 0] ?? null) as string | null);
    }
    for (const [k, {values}] of this.#table.others.entries()) {
      values.push((cells[this.#otherColumns[k] ?? 0] ?? null) as number | null);
    }
  }

  /** The table of the rows that were added, none of which had a problem. Throws a data Failure for fewer than two rows. */
  finish(shownAs: string): Table {
    const rows = this.#table.rowNumbers.length;
    if (rows >= 2) return this.#table;
    throw failForFewRows(shownAs, rows, this.#table.dropped);
  }

  /** Whether the row is to be left out for this missing cell. */
  #checkMissing(i: number): boolean {
    const entry = this.#columns[i];
    if (entry === undefined || !entry.used) return false;
    const {name} = entry.column;
    if (!this.#dropMissing) this.#addProblem(i, found => ({kind: 'missing', column: name, found}));
    return this.#dropMissing;
  }

  #checkValue(cell: number | string, i: number): void {
    const entry = this.#columns[i];
    if (entry === undefined) return;
    const {column, values} = entry;
    const {name} = column;
    if (column.type === 'category') {
      if (values === null || values.has(String(cell))) return;
      this.#addProblem(i, found => ({
        kind: 'category',
        column: name,
        found: found.trim(),
        values: [...values],
      }));
    } else if (!Number.isFinite(cell)) {
      this.#addProblem(i, found => ({
        kind: isInfinite(found, this.#decimalMark) ? 'infinite' : 'text',
        column: name,
        found,
      }));
    } else if (Number(cell) < (column.min ?? -Infinity) || Number(cell) > (column.max ?? Infinity)) {
      this.#addProblem(i, found => ({kind: 'range', column: name, found, min: column.min, max: column.max}));
    }
  }

  #addProblem(column: number, describe: CellProblem['describe']): void {
    this.problemCount++;
    if (this.problems.length < listedProblems) this.problems.push({ordinal: this.#ordinal, column, describe});
  }
}

/** Whether a text that is no finite number is written as a number all the same: NaN, an infinity, 1e999. */
function isInfinite(text: string, decimalMark: string): boolean {
  const trimmed = text.trim();
  if (/^[+-]?(nan|inf|infinity)$/i.test(trimmed)) return true;
  const number = trimmed.includes(decimalMark) ? trimmed.replace(decimalMark, '.') : trimmed;
  return /^[+-]?\d+(\.\d*)?e\+?\d+$/i.test(number) && !Number.isFinite(Number(number));
}
