import {type FieldErrors, nameKind} from './field-errors.ts';
import type {Schemas} from './schemas.ts';
import {listNames} from './wording.ts';

/**
 * Finds each feature among the named columns of a table, which may stand in any order.
 *
 * Unknown, repeated and missing names are added to `errors`, without repeating a name that is not the model's. Where
 * the schemas ignore unknown names, their columns are left out.
 *
 * @param path names column `k`, or all of them.
 * @returns the column of each feature, in the model's order.
 */
export function matchColumns(
  names: readonly unknown[],
  {features, ignoresUnknown}: Pick<Schemas, 'features' | 'ignoresUnknown'>,
  errors: FieldErrors,
  path: (k?: number) => string,
): number[] {
  const indexes = new Map(features.map((name, j) => [name, j]));
  const columns = features.map(() => -1);
  const expected = `expected the name of a feature (${listNames(features)})`;
  names.forEach((name, k) => {
    const j = typeof name === 'string' ? indexes.get(name) : undefined;
    if (j === undefined) {
      if (ignoresUnknown && typeof name === 'string') return;
      const found = typeof name === 'string' ? 'another name' : nameKind(name);
      errors.add(() => path(k), `${expected}, found ${found}`);
    } else if (columns[j] !== -1) {
      errors.add(() => path(k), 'expected each feature once, found it again');
    } else {
      columns[j] = k;
    }
  });
  const missing = features.filter((_, j) => columns[j] === -1);
  if (missing.length > 0)
    errors.add(() => path(), `expected every feature, found none of ${listNames(missing)}`);
  return columns;
}
