import {stripUserinfo} from './descriptor-address.ts';
import type {Column, Descriptor, Source} from './descriptor-schema.ts';
import {suggestName} from './nearest.ts';

/** The parts of a descriptor; undefined where a part is not well-formed. */
export type Parts = {
  [Key in 'source' | 'format' | 'columns' | 'features' | 'targets' | 'gate']: Descriptor[Key] | undefined;
};

/** Lists what a schema cannot see: names that refer to nothing, duplicates, limits the wrong way round. One line each. */
export function listContradictions(parts: Parts): string[] {
  const {columns: known, features: chosen, targets: wanted} = parts;
  return [
    ...checkSource(parts.source),
    ...checkFormat(parts.format),
    ...checkColumns(known),
    ...checkChoice('features', chosen, known),
    ...checkChoice('targets', wanted, known),
    ...(wanted ?? []).flatMap((name, i) =>
      chosen?.includes(name)
        ? [`targets[${i}]: "${name}" is also a feature; a target cannot predict itself`]
        : [],
    ),
  ];
}

/** Says that limits are the wrong way round, if they are. */
export function listLimitProblems(
  limits: {min?: number | undefined; max?: number | undefined},
  at: string,
): string[] {
  if (limits.min === undefined || limits.max === undefined || limits.min <= limits.max) return [];
  return [`${at}: expected min to be at most max, found min ${limits.min} and max ${limits.max}`];
}

function checkSource(source: Source | undefined): string[] {
  if (source === undefined) return [];
  if ((source.url === undefined) === (source.file === undefined)) {
    return [
      `source: expected either "url" or "file", found ${source.url === undefined ? 'neither' : 'both'}`,
    ];
  }
  if (source.url !== undefined && stripUserinfo(source.url) !== source.url) {
    return [
      `source.url: expected an address without a user name and password, as a descriptor is shared, found them before ${JSON.stringify(new URL(source.url).host)}; name such an address with --csv, or a local copy with "file"`,
    ];
  }
  return source.file !== undefined && source.snapshot !== undefined
    ? ['source.snapshot: only for a source with a "url"']
    : [];
}

function checkFormat(format: Descriptor['format'] | undefined): string[] {
  if (format === undefined) return [];
  const {delimiter = ',', quote = '"', decimal = '.'} = format;
  const csvOnly = (['delimiter', 'quote', 'decimal', 'encoding'] as const).filter(
    key => format[key] !== undefined,
  );
  if (format.type !== 'csv')
    return csvOnly.map(key => `format.${key}: only for type "csv", and the type is "${format.type}"`);
  return [
    ...(delimiter === quote
      ? [`format.quote: expected another character than the delimiter, found ${show(quote)}`]
      : []),
    ...(delimiter === decimal
      ? [`format.decimal: expected another character than the delimiter, found ${show(decimal)}`]
      : []),
  ];
}

function checkColumns(columns: Column[] | undefined): string[] {
  return (columns ?? []).flatMap((column, i) => {
    const problems = duplicateOf(
      (columns ?? []).map(other => other.name),
      i,
      `columns[${i}].name`,
    );
    if (column.type === 'category') {
      const values = column.values ?? [];
      problems.push(...values.flatMap((_, j) => duplicateOf(values, j, `columns[${i}].values[${j}]`)));
    } else problems.push(...listLimitProblems(column, `columns[${i}]`));
    return problems;
  });
}

function checkChoice(key: string, names: string[] | undefined, columns: Column[] | undefined): string[] {
  if (names === undefined) return [];
  return names.flatMap((name, i) => {
    const problems = duplicateOf(names, i, `${key}[${i}]`);
    const column = columns?.find(candidate => candidate.name === name);
    if (columns !== undefined && column === undefined) {
      const numbers = columns
        .filter(candidate => candidate.type === 'number')
        .map(candidate => candidate.name);
      problems.push(`${key}[${i}]: "${name}" is not among the columns.${suggestName(name, numbers)}`);
    }
    if (column?.type === 'category') {
      problems.push(`${key}[${i}]: expected a column of type "number", found "${name}" of type "category"`);
    }
    return problems;
  });
}

function duplicateOf(names: readonly string[], index: number, at: string): string[] {
  const name = names[index] ?? '';
  return names.indexOf(name) < index ? [`${at}: "${name}" is listed twice`] : [];
}

function show(value: unknown): string {
  return JSON.stringify(value);
}
