import {padCells} from './text-table.ts';
import {measureWidth} from './text-width.ts';

// GitHub-flavoured Markdown that reads well raw, too.

/** Text in which no character means anything to Markdown or HTML; within a word an underscore does not anyway. */
export function escapeMarkdown(text: string): string {
  return flatten(text).replace(/[\\`*[\]>&|~#]|<(?! )|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&');
}

/** A code span that shows the text as it is: names, digests, paths. */
export function codeSpan(text: string): string {
  const flat = flatten(text);
  const fence = '`'.repeat(longestRun(flat) + 1);
  const padding = /^`|`$|^ .* $/.test(flat) ? ' ' : '';
  return flat.trim() === '' ? '' : `${fence}${padding}${flat}${padding}${fence}`;
}

/** A fenced block of code; lines stay lines. */
export function codeBlock(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text.replace(/\r\n?/g, '\n').replace(/\n$/, '')}\n${fence}`;
}

/**
 * A table with its columns padded to one width.
 *
 * @param rows cells of Markdown, as many as columns; pipes in them are escaped here.
 */
export function renderTable(
  columns: readonly {name: string; align: 'left' | 'right'}[],
  rows: readonly (readonly string[])[],
): string {
  const header = columns.map(({name}) => name);
  const [first = [], ...rest] = padCells(
    columns,
    [header, ...rows].map(row => row.map(escapePipes)),
    3,
  );
  const rule = columns.map(({align}, j) => {
    const dashes = '-'.repeat(measureWidth(first[j] ?? '') - 1);
    return align === 'right' ? `${dashes}:` : `${dashes}-`;
  });
  return [first, rule, ...rest].map(line => `| ${line.join(' | ')} |`).join('\n');
}

/** A pipe ends a cell even inside a code span, unless an odd number of backslashes stands before it. */
function escapePipes(cell: string): string {
  return cell.replace(/(?<!\\)((?:\\\\)*)\|/g, '$1\\|');
}

function flatten(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ');
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
