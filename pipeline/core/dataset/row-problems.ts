import {Failure} from '../failure.ts';
import {suggestName} from './nearest.ts';

/** A fault of one cell or one row, with all that its message needs. */
export type RowProblem =
  | {kind: 'text' | 'infinite'; column: string; found: string}
  | {kind: 'missing'; column: string; found: string}
  | {kind: 'range'; column: string; found: string; min: number | undefined; max: number | undefined}
  | {kind: 'category'; column: string; found: string; values: string[]}
  | {kind: 'cells'; expected: number; found: number}
  | {kind: 'quote' | 'encoding'}
  | {kind: 'other'; reason: string};

export interface PlacedProblem {
  /** `data/iris.data:17` for a line of a text file, `data/iris.parquet row 16` otherwise. */
  place: string;
  problem: RowProblem;
}

/** How many problems are listed; the rest is only counted. */
export const listedProblems = 20;

/** How messages name a file. */
export interface ShownFile {
  shownAs: string;
  /** How a command names it, where that is another name: a downloaded file is shown by its address. */
  typedAs?: string | undefined;
}

/** Writes a number with its noun: `1 row`, `2 rows`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Makes the Failure for a file with fewer than the two rows that a training and a test set need. */
export function failForFewRows(shownAs: string, rows: number, dropped: number): Failure {
  const rest =
    dropped === 0 ? '' : ` after ${dropped} with missing cells ${dropped === 1 ? 'was' : 'were'} dropped`;
  return new Failure('data', {
    code: 'DATA_TOO_FEW_ROWS',
    message: `${shownAs}: expected at least 2 rows of data, one to train on and one to test on, found ${rows === 0 ? 'none' : rows}${rest}`,
    fix: 'Get a file with more rows. A CSV without a header row needs a descriptor with "header": false under "format".',
  });
}

/** Makes the Failure that lists the first problems (already in file order), and says how many there are in all. */
export function failForRows(
  file: ShownFile,
  total: number,
  listed: PlacedProblem[],
  missing: string[],
): Failure {
  const rest = total > listed.length ? `; the first ${listed.length}` : '';
  const lines = listed.map(({place, problem}) => `  ${place}${describe(problem)}`);
  const kinds = new Set(listed.map(({problem}) => problem.kind));
  const texts = [
    ...new Set(listed.flatMap(({problem}) => (problem.kind === 'text' ? [problem.found.trim()] : []))),
  ];
  const onlyMissing = kinds.size === 1 && kinds.has('missing');
  return new Failure('data', {
    code: kinds.has('encoding') ? 'DATA_ENCODING' : onlyMissing ? 'DATA_MISSING_CELLS' : 'DATA_BAD_ROWS',
    message: `${file.shownAs}: ${countOf(total, 'problem')}${rest}:\n${lines.join('\n')}`,
    fix: [
      ...new Set(
        listed.flatMap(({problem}) => adviseFor(problem, file)).concat(adviseForTexts(texts, missing)),
      ),
    ].join('\n'),
  });
}

/** Says which of a number column's limits are declared: `from 0 to 30`. */
function describeLimits({min, max}: {min: number | undefined; max: number | undefined}): string {
  if (min === undefined) return `of at most ${max}`;
  return max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
}

function describe(problem: RowProblem): string {
  switch (problem.kind) {
    case 'text':
      return ` "${problem.column}": expected a number, found ${show(problem.found)}`;
    case 'infinite':
      return ` "${problem.column}": expected a finite number, found ${show(problem.found)}`;
    case 'missing':
      return ` "${problem.column}": expected a number, found ${problem.found === '' ? 'nothing' : `${show(problem.found)}, which means "no value"`}`;
    case 'range':
      return ` "${problem.column}": expected a number ${describeLimits(problem)}, found ${show(problem.found)}`;
    case 'category':
      return ` "${problem.column}": expected one of ${problem.values.map(show).join(', ')}; found ${show(problem.found)}.${suggestName(problem.found, problem.values)}`;
    case 'cells':
      return `: expected ${countOf(problem.expected, 'cell')}, found ${problem.found}`;
    case 'quote':
      return ': expected every quoted cell to end with a quote and a delimiter; this row has one that does not, and nothing after it was checked';
    case 'encoding':
      return ': expected UTF-8 text, found other bytes';
    case 'other':
      return `: ${problem.reason}`;
  }
}

function adviseForTexts(texts: string[], missing: string[]): string[] {
  if (texts.length === 0) return [];
  if (texts.every(text => /^[+-]?\d+,\d+$/.test(text))) {
    return ['For numbers with a decimal comma, set "decimal": "," under "format" in the descriptor.'];
  }
  // many different texts are no mark for "no value"
  if (texts.length > 3) return ['Fix the cells, or do not use a column of texts as a feature or target.'];
  const marks = show([...missing.filter(text => text !== ''), ...texts].join(','));
  return [
    `Fix the cells, or declare what stands for "no value": --missing ${marks}, or "missing" under "format" in the descriptor.`,
  ];
}

function adviseFor(problem: RowProblem, {shownAs, typedAs = shownAs}: ShownFile): string[] {
  switch (problem.kind) {
    case 'text':
      return [];
    case 'infinite':
      return ['Replace values that are not finite: no model can be fitted to them.'];
    case 'missing':
      return ['Fill the missing cells, or leave their rows out with --drop-missing.'];
    case 'range':
      return [`Fix the cell, or change "min" and "max" of column "${problem.column}" in the descriptor.`];
    case 'category':
      return [`Fix the cell, or add the value to "values" of column "${problem.column}" in the descriptor.`];
    case 'cells':
      return [
        problem.found === 1
          ? `Give every row ${countOf(problem.expected, 'cell')}; when another character separates them, set "delimiter" under "format" in the descriptor.`
          : `Give every row ${countOf(problem.expected, 'cell')}; a cell that holds the delimiter needs quotes.`,
      ];
    case 'quote':
      return [
        'Close the quote; write a quote inside a quoted cell twice. When another character encloses cells, set "quote" under "format" in the descriptor.',
      ];
    case 'encoding':
      return [
        `Convert the file: iconv -f latin1 -t utf-8 ${typedAs} > converted.csv — or set "encoding": "latin-1" under "format" in the descriptor.`,
      ];
    case 'other':
      return ['Fix the row.'];
  }
}

function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);
}
