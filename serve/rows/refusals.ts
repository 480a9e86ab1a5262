import {type FieldErrors, formatMember, nameKind} from './field-errors.ts';
import {type Problem, refuse} from './problem.ts';
import type {Schemas} from './schemas.ts';
import {formatCount, listNames} from './wording.ts';

/**
 * Refuses values that are not what the model expects.
 *
 * @param isWhole whether all that was sent was read, so that there are no others.
 */
export function refuseFields(errors: FieldErrors, isWhole = true): Problem {
  return refuse(400, 'invalid_input', errors.summary(isWhole), {fields: errors.fields});
}

/**
 * Refuses a batch that is too long.
 *
 * @param found how many rows it has; `more` where they were not counted to the end.
 */
export function refuseRows(path: string, found: number | 'more', maxRows: number): Problem {
  return refuse(413, 'too_many_rows', `The request has too many rows. Send at most ${maxRows} at a time.`, {
    fields: [{path, message: `expected at most ${formatCount(maxRows, 'row')}, found ${found}`}],
  });
}

/** Says what is wrong with a row that its schema refused. */
export function explainRow(
  row: unknown,
  features: readonly string[],
  errors: FieldErrors,
  path: () => string,
): void {
  if (!Array.isArray(row) || row.length !== features.length) {
    errors.add(
      path,
      `expected ${formatCount(features.length, 'number')} (${listNames(features)}), found ${
        Array.isArray(row) ? row.length : nameKind(row)
      }`,
    );
    return;
  }
  for (let j = 0; j < row.length; j++) {
    if (!Number.isFinite(row[j])) {
      errors.add(() => `${path()}[${j}]`, `expected a number (${features[j]}), found ${nameKind(row[j])}`);
    }
  }
}

/** Says what is wrong with an object that its schema refused. */
export function explainInstance(
  instance: Record<string, unknown>,
  {features, ignoresUnknown}: Pick<Schemas, 'features' | 'ignoresUnknown'>,
  errors: FieldErrors,
  path: () => string,
): void {
  let known = 0;
  for (const name of features) {
    const present = Object.hasOwn(instance, name);
    const value = present ? instance[name] : undefined;
    if (present) known++;
    if (Number.isFinite(value)) continue;
    const found = present ? `found ${nameKind(value)}` : 'found none';
    errors.add(() => path() + formatMember(name), `expected a number, ${found}`);
  }
  const unknown = Object.keys(instance).length - known;
  if (unknown > 0 && !ignoresUnknown) {
    errors.add(
      path,
      `expected only ${listNames(features)}; found ${unknown} unknown ${unknown === 1 ? 'key' : 'keys'}`,
    );
  }
}
