import querystring from 'node:querystring';
import {
  checkDescriptor,
  type Descriptor,
  isColumnName,
  type Source,
  stripUserinfo,
} from '../../core/dataset/descriptor.ts';
import {listNames} from '../../core/dataset/header.ts';
import {suggestName} from '../../core/dataset/nearest.ts';
import {countOf, failForFewRows} from '../../core/dataset/row-problems.ts';
import {Failure} from '../../core/failure.ts';
import {type ColumnProfile, type FileProfile, profileFile} from './duckdb/rows.ts';
import type {DataFile} from './file-kind.ts';

export interface InferOptions {
  /** Where the file came from; its last part gives the default name. */
  source: Source;
  targets: string[];
  /** Default: every other column whose cells are mostly numbers. */
  features?: string[] | undefined;
  name?: string | undefined;
  /** Texts that mean "no value", besides the empty cell. */
  missing?: string[] | undefined;
  /** Gets a line for each numeric column that its name keeps from being a feature. */
  report?: ((line: string) => void) | undefined;
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
  const profile = await profileFile(file, {missing: options.missing ?? []});
  const {format, columns} = profile;
  const names = columns.map(({name}) => name);
  checkFirstRow(file, columns);
  checkNames(file, options, names);
  const features = options.features ?? chooseFeatures(file, profile, options);
  const used = new Set([...features, ...targets]);
  return checkDescriptor(
    {
      name: options.name ?? nameDataset(options.source),
      source: withoutUserinfo(options.source),
      format,
      columns: names.filter(name => used.has(name)).map(name => ({name, type: 'number'})),
      features,
      targets,
    },
    `the options for ${file.shownAs}`,
    'Correct --name, --target or --features.',
  );
}

/** A descriptor is kept and shown: what it takes to get the file is not. */
function withoutUserinfo(source: Source): Source {
  return source.url === undefined ? source : {...source, url: stripUserinfo(source.url)};
}

function chooseFeatures(
  file: DataFile,
  {format, columns, rows, uncounted}: FileProfile,
  {targets, report}: InferOptions,
): string[] {
  if (uncounted !== null) throw uncounted;
  if (rows === 0) throw failForFewRows(file.shownAs, rows, 0);
  checkDecimalCommas(file, format, columns);
  const others = columns.filter(({name}) => !targets.includes(name));
  const numeric = others.filter(({present, numbers}) => present > 0 && numbers * 2 >= present);
  for (const {name} of numeric.filter(column => !isColumnName(column.name))) {
    const place = columns.findIndex(column => column.name === name) + 1;
    const why =
      name === '' ? 'has no name' : `is named ${JSON.stringify(name)}, which no feature can be called`;
    report?.(`${file.shownAs}: column ${place} ${why}: it is left out. To learn from it, rename it.`);
  }
  const features = numeric.map(({name}) => name).filter(isColumnName);
  if (features.length === 0) throw failForNoFeatures(file, others, targets);
  return features;
}

/** A column of such numbers is neither taken for texts nor guessed at: 1,234 may be a thousand. */
function checkDecimalCommas(file: DataFile, format: Descriptor['format'], columns: ColumnProfile[]): void {
  const found = columns.filter(
    ({present, numbers, decimalCommas}) =>
      decimalCommas.count > 0 && (numbers + decimalCommas.count) * 2 >= present && numbers * 2 < present,
  );
  if (found.length === 0) return;
  const cells = found.slice(0, 30).map(({name, decimalCommas}) => {
    return `${JSON.stringify(decimalCommas.first)} in ${JSON.stringify(name)}`;
  });
  const rest = found.length > 30 ? ` and ${countOf(found.length - 30, 'more column')}` : '';
  // a descriptor refuses a decimal comma where the comma separates cells
  const descriptor =
    format.type === 'csv' && format.delimiter !== undefined
      ? `, or write a descriptor with "delimiter": ${JSON.stringify(format.delimiter)} and "decimal": "," under "format" and run with --dataset FILE`
      : '';
  throw new Failure('data', {
    code: 'DATA_DECIMAL_COMMA',
    message: `${file.shownAs}: expected numbers with a decimal point, found commas: ${cells.join(', ')}${rest}`,
    fix: `Write the numbers with a point, and without marks between thousands${descriptor}. To leave such columns out, name those to learn from: --features a,b,c`,
  });
}

function failForNoFeatures(file: DataFile, others: ColumnProfile[], targets: string[]): Failure {
  const besides = targets.length === 1 ? 'the target' : 'the targets';
  const code = 'DATA_NO_FEATURES';
  if (others.length === 0) {
    return new Failure('data', {
      code,
      message: `${file.shownAs}: expected columns besides ${besides} ${listNames(targets)}, found none`,
      fix: 'Get a file that also has the columns to predict from.',
    });
  }
  const mixed = others.filter(({name, numbers}) => numbers > 0 && isColumnName(name));
  return new Failure('data', {
    code,
    message: `${file.shownAs}: expected a numeric column besides ${besides}, found ${listNames(others.map(({name}) => name))}`,
    fix:
      mixed.length === 0
        ? 'A model learns from numbers: get a file with a named column of them.'
        : `Name the columns to learn from, and the cells that are no numbers are listed: --features ${mixed[0]?.name}`,
  });
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
      .map(
        name =>
          `  ${option} ${JSON.stringify(name)}: no such column.${suggestRepeating(option, name, names) || suggestName(name, names)}`,
      );
  const lines = [...findUnknown('--target', targets), ...findUnknown('--features', features)];
  if (lines.length > 0) {
    throw new Failure('usage', {
      code: 'COLUMN_UNKNOWN',
      message: `${file.shownAs} has the columns ${listNames(names)}:\n${lines.join('\n')}`,
      fix: 'Name columns of the file.',
    });
  }
  const odd = [...targets, ...features].find(name => !isColumnName(name));
  if (odd !== undefined) {
    throw new Failure('usage', {
      code: 'COLUMN_NAME',
      message: `${file.shownAs}: no feature or target can be called ${JSON.stringify(odd)}`,
      fix: `Rename column ${names.indexOf(odd) + 1} of the file.`,
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

/** Says how several targets are named, where one was given as a list of columns. */
function suggestRepeating(option: string, text: string, names: string[]): string {
  const parts = text.split(',').map(part => part.trim());
  if (option !== '--target' || parts.length < 2 || !parts.every(part => names.includes(part))) return '';
  const typed = parts.map(part => `--target ${/^[\w.-]+$/.test(part) ? part : JSON.stringify(part)}`);
  return ` To predict several, repeat the option: ${typed.join(' ')}`;
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
