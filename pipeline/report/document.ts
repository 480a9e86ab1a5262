import type {Figure, FigureSet} from './figures/figure-set.ts';

/** A part of a report without a form: what is said of a run or a model, for writers that lay it out. */
export interface Section {
  /** Unique in its report. */
  id: string;
  title: string;
  blocks: readonly Block[];
  extent?: Extent | undefined;
}

/** Left out: for every writer; `full`: where there is room for all; `brief`: where there is room for little. */
export type Extent = 'full' | 'brief';

export type Block = {extent?: Extent | undefined} & (
  | {type: 'paragraph'; text: Text}
  | {type: 'list'; items: readonly Text[]}
  | {type: 'facts'; facts: readonly Fact[]}
  /** Numbers that a page shows large, each with what it is and what else there is to say. */
  | {type: 'numbers'; numbers: readonly {label: string; value: string; note: string}[]}
  | Table
  | {type: 'code'; language: string; code: string}
  /** Why a run did not do what it was asked to, and what helps. */
  | {type: 'problem'; code: string; message: string; fix: string}
  | {type: 'figure'; figure: Figure}
  /** Blocks that stand beside each other where they have room. */
  | {type: 'row'; blocks: readonly Block[]}
);

/** A name and what is known of it. */
export interface Fact {
  label: string;
  text: Text;
  extent?: Extent | undefined;
}

export interface Table {
  type: 'table';
  name: string;
  /** The most telling first: where they have no room, the last are left out. */
  columns: readonly Column[];
  /** As many cells as columns; the first names its row. */
  rows: readonly (readonly Text[])[];
  /** The most rows where there is room for little. */
  mostBrief: number;
}

export interface Column {
  name: string;
  align: 'left' | 'right';
}

/** Words, some of which are more than words. */
export type Text = string | Mark | readonly (string | Mark)[];

/** `code`: a name, digest or path as it is; `soft`: said in passing. */
export interface Mark {
  as: 'code' | 'good' | 'bad' | 'soft';
  text: string;
}

/** The most rows of a table where there is room for all; metrics.json has the others. */
const mostFull = 50;

/** Marks a name, digest or path. */
export function code(text: string): Mark {
  return {as: 'code', text};
}

/** Adds a unit in passing; empty for none. */
export function withUnit(name: string | Mark, unit: string): Text {
  return unit === '' ? name : [name, ' ', {as: 'soft', text: unit}];
}

/** Puts words and marks together: say`The channel ${code(channel)} is empty.` */
export function say(words: TemplateStringsArray, ...values: Text[]): Text {
  return words.flatMap((word, i) => [word, ...listParts(values[i] ?? '')]).filter(part => part !== '');
}

/** Puts texts into a row, separated by commas. */
export function joinTexts(texts: readonly Text[]): Text {
  return texts.flatMap((text, i) => [...(i > 0 ? [', '] : []), ...listParts(text)]);
}

/** Takes a text apart. */
export function listParts(text: Text): readonly (string | Mark)[] {
  return typeof text === 'string' || 'as' in text ? [text] : text;
}

/** Makes a block of words. */
export function paragraph(text: Text, extent?: Extent): Block {
  return {type: 'paragraph', text, extent};
}

/** Makes a block of a figure; undefined where it was not drawn. */
export function showFigure(
  set: FigureSet | null | undefined,
  kind: Figure['kind'],
  target: string | null = null,
): Block | undefined {
  const figure = set?.figures.find(known => known.kind === kind && known.target === target);
  return figure && {type: 'figure', figure};
}

/** Makes a table. */
export function tabulate(name: string, columns: Column[], rows: readonly Text[][], mostBrief = 12): Table {
  return {type: 'table', name, columns, rows, mostBrief};
}

/** Makes columns of words. */
export function left(...names: string[]): Column[] {
  return names.map(name => ({name, align: 'left'}));
}

/** Makes columns of numbers. */
export function right(...names: string[]): Column[] {
  return names.map(name => ({name, align: 'right'}));
}

/** Picks those of the parts that there are. */
export function keep<Part>(...parts: readonly (Part | null | undefined | false | '')[]): Part[] {
  return parts.filter(part => Boolean(part)) as Part[];
}

/** Picks what a writer with so much room shows. */
export function pickVisible<Part extends {extent?: Extent | undefined}>(
  parts: readonly Part[],
  room: Extent,
): Part[] {
  return parts.filter(({extent = room}) => extent === room);
}

/** Picks the rows of a table that a writer with so much room shows, and says how many it leaves out. */
export function fitRows({rows, mostBrief}: Table, room: Extent): {shown: Table['rows']; more: string} {
  const most = room === 'full' ? mostFull : mostBrief;
  const others = room === 'full' ? 'metrics.json' : 'report.html';
  const more = rows.length > most ? `And ${rows.length - most} more in ${others}.` : '';
  return {shown: rows.slice(0, most), more};
}
