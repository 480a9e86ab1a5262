import type {Artifact} from '../artifact/artifact.ts';
import {chooseType} from './accept.ts';
import type {Prediction} from './predictor.ts';
import {countRowsPerSlice, type Sliced} from './slices.ts';

export const csvType = 'text/csv';

/**
 * Whether an answer begins with a line of names. SageMaker takes every line for a prediction, and its clients
 * compare the content type to the letter (sagemaker-python-sdk, `deserializers.py`): it must have no parameters.
 */
export type CsvShape = 'with names' | 'without names';

/** Whether an answer is better CSV than JSON, by the request's `Accept`. */
export function isCsvWanted(accept: string | null | undefined): boolean {
  return chooseType(accept, ['application/json', csvType]) === csvType;
}

/**
 * Writes predictions as CSV (RFC 4180): a column per target, each followed by `…_lower` and `…_upper` where an
 * interval was asked for. Lines end with LF: CRLF, which the RFC prefers, ends up inside the last cell of the many
 * tools that split at LF, while its readers take both.
 *
 * What has no place in a table, the number of inputs out of range, is in the header `x-out-of-range`.
 */
export function* writeCsv(
  targets: Artifact['targets'],
  {values, interval, outOfRange}: Prediction,
  shape: CsvShape,
): Sliced<{body: string; headers: Record<string, string>}> {
  const columns = interval === undefined ? [values] : [values, interval.lower, interval.upper];
  const lines: string[] = [];
  if (shape === 'with names') {
    const suffixes = interval === undefined ? [''] : ['', '_lower', '_upper'];
    lines.push(targets.flatMap(({name}) => suffixes.map(suffix => quoteCell(name + suffix))).join(','));
  }
  const linesPerSlice = countRowsPerSlice(targets.length);
  for (let i = 0; i < values.length; i++) {
    if (i % linesPerSlice === 0) yield;
    const cells = targets.flatMap((_, k) =>
      columns.map(column => {
        const value = column[i];
        return typeof value === 'object' ? value[k] : value;
      }),
    );
    lines.push(cells.join(','));
  }
  return {
    body: `${lines.join('\n')}\n`,
    headers: {
      'content-type': shape === 'with names' ? `${csvType}; charset=utf-8; header=present` : csvType,
      ...(outOfRange === 0 ? {} : {'x-out-of-range': String(outOfRange)}),
    },
  };
}

/** Quotes a name where it must be. */
export function quoteCell(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}
