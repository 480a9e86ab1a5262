import type {Report} from './describe-run.ts';
import {type Block, fitRows, keep, listParts, pickVisible, type Table, type Text} from './document.ts';
import {layOutTable} from './text-table.ts';
import {measureWidth} from './text-width.ts';

/** Gives a text its colour, or leaves it as it is where there are none. */
export type Paint = (style: 'good' | 'bad' | 'title' | 'faint', text: string) => string;

/** Sections that come first, without a title. */
const summary = ['outcome', 'evidence'];
/** Sections that a terminal shows already, or has no room for. */
const leftOut = [...summary, 'worst', 'reproduce'];
const longestName = 40;
/** What names are cut to in a table that would be too wide. */
const shortestName = 20;

/**
 * Lays out a report for a terminal: how the run ended with a few facts, then tables.
 *
 * @param width of the terminal in columns, which no table exceeds.
 */
export function formatTerminal(report: Report, paint: Paint, width: number): string {
  const {title, isGood, name, version, sections} = report;
  const subject = [name, version].filter(part => part !== null).map(part => ` ${hideControls(part)}`);
  const facts = sections.filter(({id}) => summary.includes(id)).flatMap(({blocks}) => blocks);
  const others = pickVisible(sections, 'brief').filter(({id}) => !leftOut.includes(id));
  return [
    `${paint(isGood ? 'good' : 'bad', title.toUpperCase())}${subject.join('')}`,
    ...writeBlocks(facts, paint, width),
    ...others.flatMap(section => {
      const lines = writeBlocks(section.blocks, paint, width);
      return lines.length === 0 ? [] : ['', paint('title', hideControls(section.title)), ...lines];
    }),
  ].join('\n');
}

function writeBlocks(blocks: readonly Block[], paint: Paint, width: number): string[] {
  return pickVisible(blocks, 'brief').flatMap(block => {
    switch (block.type) {
      case 'paragraph':
        return wrap('  ', show(block.text, paint), width);
      case 'list':
        return block.items.flatMap(item => wrap('  - ', show(item, paint), width));
      case 'facts': {
        const facts = pickVisible(block.facts, 'brief');
        const room = Math.max(...facts.map(({label}) => label.length));
        return facts.flatMap(({label, text}) =>
          wrap(`  ${paint('faint', label.padEnd(room))}  `, show(text, paint), width),
        );
      }
      case 'table':
        return writeTable(block, paint, width);
      case 'row':
        return writeBlocks(block.blocks, paint, width);
      default:
        // why a run failed is told on stderr
        return [];
    }
  });
}

/** Cuts long names, and then leaves out the last columns, until a table is narrow enough. */
function writeTable(table: Table, paint: Paint, width: number): string[] {
  const {shown, more} = fitRows(table, 'brief');
  const layOut = (count: number, mostOfName: number) => {
    const [name, ...others] = table.columns.slice(0, count);
    const header = keep(name && {...name, name: cutText(hideControls(name.name), mostOfName)}, ...others);
    const rows = shown.map(([name = '', ...cells]) => [
      cutText(
        show(name, (_, text) => text),
        mostOfName,
      ),
      ...cells.map(cell => show(cell, paint)),
    ]);
    return layOutTable(header, rows).map(line => `  ${line}`);
  };
  const isTooWide = (lines: string[]) => lines.some(line => measureWidth(line) > width);
  let count = table.columns.length;
  let lines = layOut(count, longestName);
  while (isTooWide(lines) && count > 1) lines = layOut(count--, shortestName);
  const [first = '', ...rest] = lines;
  return [paint('faint', first), ...rest, ...(more === '' ? [] : [`  ${paint('faint', more)}`])];
}

/** Breaks a text at its blanks; further lines begin below the end of `start`. */
function wrap(start: string, text: string, width: number): string[] {
  const lines: string[] = [];
  let line = start;
  for (const word of text.split(' ')) {
    if (measureWidth(line) > measureWidth(start) && measureWidth(line + word) > width) {
      lines.push(line.trimEnd());
      line = ' '.repeat(measureWidth(start));
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

function show(text: Text, paint: Paint): string {
  const words = listParts(text).map(part => {
    if (typeof part === 'string') return hideControls(part);
    // as many digits of a digest as tell it from others; report.md has all
    if (part.as === 'code') return hideControls(part.text).replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/, '$1…');
    return paint(part.as === 'soft' ? 'faint' : part.as, hideControls(part.text));
  });
  return words.join('');
}

/** A text on one line, without anything that a terminal obeys; a category may hold any text. */
function hideControls(text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd');
}

function cutText(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
