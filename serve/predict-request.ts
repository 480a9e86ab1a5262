import {type FieldError, FieldErrors, kindOf, memberPath} from './field-errors.ts';

export type Rows = readonly (readonly number[])[];

/** Where the rows stood in the body; `rowPath` turns it into the path of one row. */
export type RowsForm = 'row' | 'features' | 'instances';

/** The body of `POST /predict`, read: either rows ready for the formula, or why not. Nothing of the input is repeated. */
export type PredictRequest =
  | {status: 'accepted'; rows: Rows; form: RowsForm}
  | {
      status: 'rejected';
      code: 'malformed_json' | 'invalid_input' | 'too_many_rows';
      message: string;
      fields: FieldError[];
    };

export type PredictLimits = {
  /** Names of the model's features, in its order. */
  features: readonly string[];
  maxRows: number;
};

/**
 * Reads `{"features": [[…], …]}`, `{"features": […]}` (a batch of one) or `{"instances": [{name: value}, …]}`.
 *
 * Every row comes out with one finite number per feature, in the model's order. Each wrong value is reported
 * with its path, the first 20 in full. JSON's own rules hold for repeated keys: the last one counts.
 */
export function parsePredictRequest(text: string, limits: PredictLimits): PredictRequest {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // Not passed on: the engine's message quotes the input.
    const what = text.trim() === '' ? 'empty' : 'not JSON';
    return reject('malformed_json', `The body is ${what}. Send ${shapes(limits.features)}.`);
  }
  if (!isObject(body)) {
    return reject('invalid_input', `The body must be a JSON object, such as ${shapes(limits.features)}.`);
  }
  const {features, instances, ...others} = body;
  const unknownKeys = Object.keys(others).length;
  if ((features === undefined) === (instances === undefined) || unknownKeys > 0) {
    const found = [
      ...(features === undefined ? [] : ['"features"']),
      ...(instances === undefined ? [] : ['"instances"']),
      ...(unknownKeys === 0 ? [] : [`${unknownKeys} unknown ${unknownKeys === 1 ? 'key' : 'keys'}`]),
    ];
    return reject('invalid_input', `The body must be ${shapes(limits.features)}.`, [
      {
        path: 'body',
        message: `expected exactly one key, "features" or "instances"; found ${found.join(' and ') || 'none'}`,
      },
    ]);
  }
  return features === undefined ? parseInstances(instances, limits) : parseFeatures(features, limits);
}

/** Names row `i` of a request as its sender wrote it. */
export function rowPath(form: RowsForm, i: number): string {
  return form === 'row' ? 'features' : `${form}[${i}]`;
}

function parseFeatures(value: unknown, {features, maxRows}: PredictLimits): PredictRequest {
  const errors = new FieldErrors();
  if (!Array.isArray(value) || value.length === 0) {
    errors.add(
      () => 'features',
      `expected a list of rows, each with ${countOf(features.length, 'number')} (${listNames(features)}); found ${
        Array.isArray(value) ? 'an empty one' : kindOf(value)
      }`,
    );
    return rejectFields(errors);
  }
  const form = value.some(Array.isArray) ? 'features' : 'row';
  const rows: unknown[] = form === 'row' ? [value] : value;
  if (rows.length > maxRows) return rejectRows('features', rows.length, maxRows);
  for (let i = 0; i < rows.length; i++) {
    if (!isRow(rows[i], features.length)) explainRow(rows[i], features, errors, () => rowPath(form, i));
  }
  // A cast instead of a copy: every cell was just seen to be a finite number, and batches are large.
  return errors.count > 0 ? rejectFields(errors) : {status: 'accepted', rows: rows as Rows, form};
}

function isRow(row: unknown, width: number): row is number[] {
  return Array.isArray(row) && row.length === width && row.every(Number.isFinite);
}

function explainRow(
  row: unknown,
  features: readonly string[],
  errors: FieldErrors,
  path: () => string,
): void {
  if (!Array.isArray(row) || row.length !== features.length) {
    errors.add(
      path,
      `expected ${countOf(features.length, 'number')} (${listNames(features)}), found ${
        Array.isArray(row) ? row.length : kindOf(row)
      }`,
    );
    return;
  }
  for (let j = 0; j < row.length; j++) {
    if (!Number.isFinite(row[j])) {
      errors.add(() => `${path()}[${j}]`, `expected a number (${features[j]}), found ${kindOf(row[j])}`);
    }
  }
}

function parseInstances(value: unknown, {features, maxRows}: PredictLimits): PredictRequest {
  const errors = new FieldErrors();
  if (!Array.isArray(value) || value.length === 0) {
    errors.add(
      () => 'instances',
      `expected a list of objects, each with ${listNames(features)}; found ${
        Array.isArray(value) ? 'an empty one' : kindOf(value)
      }`,
    );
    return rejectFields(errors);
  }
  if (value.length > maxRows) return rejectRows('instances', value.length, maxRows);
  const rows = value.map((instance: unknown, i) => {
    return readInstance(instance, features, errors, () => rowPath('instances', i));
  });
  return errors.count > 0 ? rejectFields(errors) : {status: 'accepted', rows, form: 'instances'};
}

function readInstance(
  instance: unknown,
  features: readonly string[],
  errors: FieldErrors,
  path: () => string,
): number[] {
  if (!isObject(instance)) {
    errors.add(path, `expected an object with ${listNames(features)}; found ${kindOf(instance)}`);
    return [];
  }
  let known = 0;
  const row = features.map(name => {
    // Own keys only: a feature may be called "constructor".
    const present = Object.hasOwn(instance, name);
    const value = present ? instance[name] : undefined;
    if (present) known++;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    const found = present ? `found ${kindOf(value)}` : 'found none';
    errors.add(() => path() + memberPath(name), `expected a number, ${found}`);
    return Number.NaN;
  });
  const unknown = Object.keys(instance).length - known;
  if (unknown > 0) {
    errors.add(
      path,
      `expected only ${listNames(features)}; found ${unknown} unknown ${unknown === 1 ? 'key' : 'keys'}`,
    );
  }
  return row;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reject(
  code: Extract<PredictRequest, {status: 'rejected'}>['code'],
  message: string,
  fields: FieldError[] = [],
): PredictRequest {
  return {status: 'rejected', code, message, fields};
}

function rejectFields(errors: FieldErrors): PredictRequest {
  return reject('invalid_input', errors.summary(), errors.fields);
}

function rejectRows(path: string, found: number, maxRows: number): PredictRequest {
  return reject('too_many_rows', `The request has too many rows. Send at most ${maxRows} at a time.`, [
    {path, message: `expected at most ${countOf(maxRows, 'row')}, found ${found}`},
  ]);
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function shapes(features: readonly string[]): string {
  const instance = listNames(features.map(name => `${JSON.stringify(name)}: number`));
  return `{"features": [[${listNames(features)}], …]} or {"instances": [{${instance}}, …]}`;
}

/** A message about a model with a thousand features names a few of them; GET /model has them all. */
function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown}, … ${names.length - 12} more` : shown;
}
