import type {Artifact} from '../artifact/artifact.ts';
import {quoteCell} from '../rows/write-csv.ts';

/** The held-out examples of a model as requests have them, and as its server answers them. */
export type HeldOutRows = {
  /** Lists in the order of the features. */
  rows: number[][];
  /** Objects. */
  instances: Record<string, number>[];
  /** A number a row, or a list where the model has several targets. */
  predictions: (number | number[])[];
  /** The same rows with their columns in the opposite order. */
  backwards: {columns: string[]; rows: number[][]};
};

/** Arranges the held-out examples for questions of the smoke test. */
export function arrangeHeldOut({features, targets, heldOut}: Artifact): HeldOutRows {
  const rows = heldOut.map(example => example.features);
  const names = features.map(({name}) => name);
  return {
    rows,
    instances: rows.map(row => Object.fromEntries(names.map((name, j) => [name, row[j] ?? Number.NaN]))),
    predictions: heldOut.map(({prediction}) =>
      targets.length === 1 ? (prediction[0] ?? Number.NaN) : prediction,
    ),
    backwards: {columns: names.toReversed(), rows: rows.map(row => row.toReversed())},
  };
}

/** Writes lines of CSV. */
export function writeLines(lines: readonly (readonly (string | number)[])[]): string {
  return lines.map(cells => `${cells.map(cell => quoteCell(String(cell))).join(',')}\n`).join('');
}

/** Reads lines of numbers, each as a server with one target, or with several, would write it in JSON. */
export function readNumbers(text: string): (number | number[])[] {
  return text
    .trimEnd()
    .split('\n')
    .map(line => {
      const [first = Number.NaN, ...others] = line.split(',').map(Number);
      return others.length === 0 ? first : [first, ...others];
    });
}
