/** One record of a CSV; or a number of empty lines; or why there is none: then it was the last. `line` is where it begins, the first being 1. */
export type CsvRecord =
  | {status: 'record'; line: number; cells: string[]}
  | {status: 'empty'; line: number; count: number}
  | {status: 'malformed'; line: number; column: number; expected: string};

/** The longest cell: a name or a number. */
const maxCellLength = 64 * 1024;

/**
 * Splits a CSV into records by the grammar of RFC 4180, 2. Lines may end with CRLF, LF or CR, and blanks may
 * surround a quoted cell; a quote inside a cell without quotes is refused.
 *
 * The grammar is regular, and each step here ends further right than it began. Papa Parse, the usual library,
 * goes back over what it has read: a body of 600 kB kept it busy for 22 s, one of 10 MB would for hours, and 9 MB of
 * stray quotes made 350 MB of its errors.
 *
 * @param maxCells a record with more is the last, cut behind the next one.
 */
export function* readCsvRecords(text: string, maxCells: number): Generator<CsvRecord, void> {
  let at = 0;
  let line = 1;
  while (at < text.length) {
    const empty = skipEmptyLines(text, at);
    if (empty.count > 0) {
      yield {status: 'empty', line, count: empty.count};
      line += empty.count;
      at = empty.next;
      continue;
    }
    const begin = line;
    const cells: string[] = [];
    for (let end = ','; end === ','; ) {
      const cell = readCell(text, at);
      if (typeof cell === 'string') {
        yield {status: 'malformed', line, column: cells.length + 1, expected: cell};
        return;
      }
      cells.push(cell.value);
      if (cells.length > maxCells) {
        yield {status: 'record', line: begin, cells};
        return;
      }
      line += cell.newlines;
      at = cell.next;
      end = cell.end;
    }
    line++;
    yield {status: 'record', line: begin, cells};
  }
}

/** `end` is what ended the cell: a comma, a line end, or nothing at the end of the text. */
type Cell = {value: string; newlines: number; next: number; end: string};

const ending = /(,|\r\n|\n|\r|$)/y;
const tooLong = `expected at most ${maxCellLength} characters in a cell`;

/** @returns what was expected where the cell is malformed. */
function readCell(text: string, at: number): Cell | string {
  const start = skipBlanks(text, at);
  if (text[start] === '"') return readQuoted(text, start + 1);
  // Looked for one by one: a regular expression takes memory for each character that it may have to go back over.
  let to = start;
  while (to < text.length && to - at <= maxCellLength && !isEnd(text.charCodeAt(to))) {
    if (text[to] === '"') return 'expected quotes around the whole cell, and each quote inside it twice';
    to++;
  }
  return to - at > maxCellLength ? tooLong : endCell(text, to, text.slice(at, to));
}

function readQuoted(text: string, start: number): Cell | string {
  let close = text.indexOf('"', start);
  while (close !== -1 && text[close + 1] === '"' && close - start <= maxCellLength) {
    close = text.indexOf('"', close + 2);
  }
  if (close === -1) return 'expected a quote at the end of the quoted cell';
  if (close - start > maxCellLength) return tooLong;
  const to = skipBlanks(text, close + 1);
  if (to < text.length && !isEnd(text.charCodeAt(to))) {
    return 'expected a comma or the end of the line after the quoted cell';
  }
  return endCell(text, to, text.slice(start, close).replaceAll('""', '"'));
}

function endCell(text: string, to: number, value: string): Cell {
  ending.lastIndex = to;
  const [end = ''] = ending.exec(text) ?? [];
  const newlines = /[\r\n]/.test(value) ? value.split(/\r\n|\n|\r/).length - 1 : 0;
  return {value, newlines, next: to + end.length, end};
}

/** Counts lines of nothing but blanks; not too many at a time. */
function skipEmptyLines(text: string, from: number): {count: number; next: number} {
  let count = 0;
  let next = from;
  while (count < maxCellLength) {
    const end = skipBlanks(text, next);
    if (text[end] === '\n') next = end + 1;
    else if (text[end] === '\r') next = end + (text[end + 1] === '\n' ? 2 : 1);
    else break;
    count++;
  }
  return {count, next};
}

/** @returns the position behind blanks, or behind more of them than a cell may have. */
function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at - from <= maxCellLength && (text[at] === ' ' || text[at] === '\t')) at++;
  return at;
}

/** Whether a character ends a cell: a comma, LF or CR. */
function isEnd(code: number): boolean {
  return code === 0x2c || code === 0x0a || code === 0x0d;
}
