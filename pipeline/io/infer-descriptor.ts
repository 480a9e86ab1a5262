import querystring from 'node:querystring';
import {checkDescriptor, type Descriptor, type Source} from '../core/descriptor.ts';
import {Failure} from '../core/failure.ts';
import {listNames} from '../core/header.ts';
import {suggestName} from '../core/nearest.ts';
import type {DataFile} from './file-kind.ts';
import {type ColumnProfile, profileFile} from './rows.ts';

export interface InferOptions {
  /** Where the file came from; its last part gives the default name. */
  source: Source;
  targets: string[];
  /** Default: every other column whose cells are mostly numbers. */
  features?: string[] | undefined;
  name?: string | undefined;
  /** Texts that mean "no value", besides the empty cell. */
  missing?: string[] | undefined;
}

/**
 * Makes the descriptor of a file with named columns, for `--csv FILE --target COLUMN`.
 *
 * Only the features and targets become columns. A column counts as numeric when at least half of its cells
 * that hold something are numbers, so that a stray text is reported as a bad cell rather than its column left out.
 * @throws Failure of kind `usage` for unknown names, `data` when the file cannot be read or has no features.
 */
export async function inferDescriptor(file: DataFile, options: InferOptions): Promise<Descriptor> {
  const {targets} = options;
  const {format, columns} = await profileFile(file, {missing: options.missing ?? []});
  const names = columns.map(({name}) => name);
  checkFirstRow(file, columns);
  checkNames(file, options, names);
  const features = options.features ?? chooseFeatures(columns, targets);
  if (features.length === 0) {
    throw new Failure('data', {
      code: 'DATA_NO_FEATURES',
      message: `${file.shownAs}: expected a numeric column besides the target, found ${listNames(names)}`,
      fix: 'Name the columns to learn from: --features a,b,c',
    });
  }
  const used = new Set([...features, ...targets]);
  return checkDescriptor(
    {
      name: options.name ?? nameDataset(options.source),
      source: options.source,
      format,
      columns: names.filter(name => used.has(name)).map(name => ({name, type: 'number'})),
      features,
      targets,
    },
    `the options for ${file.shownAs}`,
    'Correct --name, --target or --features.',
  );
}

function chooseFeatures(columns: ColumnProfile[], targets: string[]): string[] {
  return columns
    .filter(
      ({name, present, numbers}) =>
        name !== '' && !targets.includes(name) && present > 0 && numbers * 2 >= present,
    )
    .map(({name}) => name);
}

function checkFirstRow(file: DataFile, columns: ColumnProfile[]): void {
  if (!columns.every(({name}) => name !== '' && Number.isFinite(Number(name)))) return;
  throw new Failure('data', {
    code: 'DATA_HEADER',
    message: `${file.shownAs}: expected column names in the first row, found only numbers: ${listNames(columns.map(({name}) => name))}`,
    fix: 'Put a row with the column names first, or write a descriptor with "header": false under "format" and run with --dataset FILE.',
  });
}

function checkNames(file: DataFile, {targets, features = []}: InferOptions, names: string[]): void {
  const findUnknown = (option: string, wanted: string[]) =>
    wanted
      .filter(name => !names.includes(name))
      .map(name => `  ${option} ${JSON.stringify(name)}: no such column.${suggestName(name, names)}`);
  const lines = [...findUnknown('--target', targets), ...findUnknown('--features', features)];
  if (lines.length > 0) {
    throw new Failure('usage', {
      code: 'COLUMN_UNKNOWN',
      message: `${file.shownAs} has the columns ${listNames(names)}:\n${lines.join('\n')}`,
      fix: 'Name columns of the file.',
    });
  }
  const both = targets.filter(name => features.includes(name));
  if (both.length === 0) return;
  throw new Failure('usage', {
    code: 'TARGET_AMONG_FEATURES',
    message: `${both.map(name => JSON.stringify(name)).join(', ')}: named by --target and by --features; a target cannot predict itself`,
    fix: 'Take it out of one of the two.',
  });
}

/** Names a dataset after its file, without folder and extension, in the characters that a folder and an image may have. */
export function nameDataset(source: Source): string {
  const place =
    source.url === undefined ? (source.file ?? '') : querystring.unescape(new URL(source.url).pathname);
  const base = place.split(/[/\\]/).findLast(part => part !== '') ?? '';
  const stem = base.replace(/(\.(csv|tsv|txt|data|parquet|json|jsonl|ndjson))?(\.gz)?$/i, '');
  const safe = stem
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 100)
    .replace(/^-+|-+$/g, '');
  return safe === '' ? 'dataset' : safe;
}
