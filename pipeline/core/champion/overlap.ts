import * as z from 'zod';
import type {Artifact} from '../../../serve/artifact/artifact.ts';
import {splitRows} from '../dataset/split.ts';

/** How many of today's test rows the champion was trained on, or why that cannot be told. */
export const Overlap = z.union([
  z.strictObject({rows: z.int(), reason: z.null()}),
  z.strictObject({rows: z.null(), reason: z.string()}),
]);
export type Overlap = z.infer<typeof Overlap>;

/**
 * Counts the test rows that were among the champion's training rows: its split is drawn again from what it recorded.
 *
 * @param testIndices of the challenger's test rows in the table, the first row being 0.
 */
export function countOverlap(
  champion: Artifact['provenance'],
  challenger: Artifact['provenance'],
  testIndices: readonly number[],
): Overlap {
  const [before, today] = [champion.dataset, challenger.dataset];
  if (before.sha256 !== today.sha256) {
    const shas = [before, today].map(({sha256}) => `sha256 ${sha256.slice(0, 12)}…`);
    return {rows: null, reason: `the champion was trained on other data (${shas[0]}; today's: ${shas[1]})`};
  }
  if (before.rows !== today.rows) {
    const counts = `${before.rows} rows before, ${today.rows} today`;
    return {rows: null, reason: `other rows of the same data were used (${counts})`};
  }
  const training = drawTrainingRows(champion);
  if (training === null) {
    return {rows: null, reason: "the champion's recorded split is not one that this program makes"};
  }
  return {rows: testIndices.filter(index => training.has(index)).length, reason: null};
}

function drawTrainingRows({dataset, split}: Artifact['provenance']): Set<number> | null {
  const {testSize, seed, train, test} = split;
  const isDrawable =
    testSize > 0 && testSize < 1 && seed < 2 ** 32 && test === Math.ceil(dataset.rows * testSize);
  if (!isDrawable || train < 1 || train + test !== dataset.rows) return null;
  return new Set(splitRows(dataset.rows, {testSize, seed}).train);
}
