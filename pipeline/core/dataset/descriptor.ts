import type * as z from 'zod';
import {Failure} from '../failure.ts';
import {hideUserinfo} from './descriptor-address.ts';
import {listContradictions, type Parts} from './descriptor-contradictions.ts';
import {Descriptor, keysOf} from './descriptor-schema.ts';
import {findDuplicateKeys, parseJsonText} from './json-text.ts';
import {suggestName} from './nearest.ts';
import {countOf} from './row-problems.ts';

export {stripUserinfo} from './descriptor-address.ts';
export {Descriptor, isColumnName, makeJsonSchema, type Source} from './descriptor-schema.ts';

/**
 * Parses the text of a descriptor file; `where` names it in messages.
 *
 * @param listGateProblems finds what is wrong with its gate: core/gate knows the metrics.
 * @throws Failure `usage` that lists every problem.
 */
export function parseDescriptor(
  text: string,
  where: string,
  listGateProblems: (parts: Parts) => string[],
): Descriptor {
  const json = parseJsonText(text);
  if (json.status === 'malformed') {
    throw new Failure('usage', {
      code: 'DESCRIPTOR_NOT_JSON',
      message: `${where}:${json.line}:${json.column}: expected JSON, found: ${json.reason}`,
      fix: `Correct ${where} at line ${json.line}, column ${json.column}.`,
    });
  }
  const duplicates = findDuplicateKeys(text).map(
    ({path, firstLine, line}) =>
      `${showPath(path)}: listed twice, ${firstLine === line ? `on line ${line}` : `on lines ${firstLine} and ${line}`}`,
  );
  return checkAll(json.value, {where, fix: descriptorFix(where), duplicates, listGateProblems});
}

/**
 * Checks a descriptor that is already a value and asks nothing of the gate, and fills in its defaults.
 *
 * @throws Failure `usage` that lists every problem.
 */
export function checkDescriptor(value: unknown, where: string, fix = descriptorFix(where)): Descriptor {
  return checkAll(value, {where, fix, duplicates: [], listGateProblems: () => []});
}

function descriptorFix(where: string): string {
  return `Correct ${where}. data/dataset.schema.json describes every key; editors complete it for a file that names it as "$schema".`;
}

function checkAll(
  value: unknown,
  {
    where,
    fix,
    duplicates,
    listGateProblems,
  }: {where: string; fix: string; duplicates: string[]; listGateProblems: (parts: Parts) => string[]},
): Descriptor {
  const result = Descriptor.safeParse(value);
  const shapeProblems = result.success
    ? []
    : result.error.issues.flatMap(issue => describeIssue(issue, value));
  const parts = parseParts(value);
  const problems = [
    ...new Set([...duplicates, ...shapeProblems, ...listContradictions(parts), ...listGateProblems(parts)]),
  ];
  if (result.success && problems.length === 0) return result.data;
  throw new Failure('usage', {
    code: 'DESCRIPTOR_INVALID',
    message: `${where}: ${countOf(problems.length, 'problem')}:\n${problems.map(problem => `  ${problem}`).join('\n')}`,
    fix,
  });
}

function describeIssue(issue: z.core.$ZodIssue, root: unknown): string[] {
  const at = showPath(issue.path);
  const holder = issue.path.findLast(part => typeof part === 'string') ?? '';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      key =>
        `${showPath([...issue.path, key])}: unknown key.${suggestName(key, keysOf[String(holder)] ?? [])}`,
    );
  }
  const found = valueAt(root, issue.path);
  if (found === undefined) return [`${at}: expected ${issue.message}, but it is missing`];
  return [`${at === '' ? 'the file' : at}: expected ${issue.message}, found ${show(found)}`];
}

/** Parses each part by itself, so that contradictions are found also in a file with other problems. */
function parseParts(root: unknown): Parts {
  const {source, format, columns, features, targets, gate} = Descriptor.shape;
  return {
    source: source.safeParse(valueAt(root, ['source'])).data,
    format: format.safeParse(valueAt(root, ['format'])).data,
    columns: columns.safeParse(valueAt(root, ['columns'])).data,
    features: features.safeParse(valueAt(root, ['features'])).data,
    targets: targets.safeParse(valueAt(root, ['targets'])).data,
    gate: gate.safeParse(valueAt(root, ['gate'])).data,
  };
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    root,
  );
}

function showPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function show(value: unknown): string {
  const text = hideUserinfo(JSON.stringify(value));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
