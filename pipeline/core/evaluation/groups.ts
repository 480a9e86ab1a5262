import {type PredictedRows, scorePredictions} from './error-scores.ts';
import type {GroupScores} from './evaluation.ts';

/** The most values that a column may have on the test rows and be one of groups, unless it declares its values. */
const maxGroups = 100;

/** A category column on the rows that were predicted; null where it is missing. */
export interface CategoryColumn {
  name: string;
  values: readonly (string | null)[];
  /** The values that the descriptor declares, if it does. */
  declared?: readonly string[] | undefined;
}

/**
 * Scores the rows of each value of each category column, in the order of the descriptor or else of the text.
 *
 * A column that does not declare its values and has more than 100 on these rows names rows rather than groups, and
 * is left out.
 */
export function scoreGroups(predictions: PredictedRows, columns: readonly CategoryColumn[]): GroupScores[] {
  return columns.flatMap(({name, values, declared}) => {
    const rowsOf = Map.groupBy(values.keys(), i => values[i] ?? null);
    const present = [...rowsOf.keys()].filter(value => value !== null).sort();
    if (declared === undefined && present.length > maxGroups) return [];
    const order = declared?.filter(value => rowsOf.has(value)) ?? present;
    return [
      {column: name, values: order.map(value => scoreGroup(value, rowsOf.get(value) ?? [], predictions))},
    ];
  });
}

function scoreGroup(value: string, rows: number[], {actual, predicted, ...predictions}: PredictedRows) {
  const pick = (all: number[][]) => rows.map(row => all[row] as number[]);
  const {targets, ...scores} = scorePredictions({
    actual: pick(actual),
    predicted: pick(predicted),
    ...predictions,
  });
  return {value, rows: rows.length, scores, targets};
}
