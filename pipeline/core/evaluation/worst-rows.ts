import type {PredictedRows} from './error-scores.ts';
import type {ErrorScores, Evaluation} from './evaluation.ts';

const maxWorst = 10;

/**
 * Finds the predictions with the largest absolute errors in units of their target's rmse, the worst first and equal
 * ones in the order of the data; those without error are none.
 *
 * @param rowNumbers of the predicted rows in the data, the first being 1.
 */
export function findWorstRows(
  {actual, predicted, targetNames}: PredictedRows,
  targets: Record<string, ErrorScores>,
  rowNumbers: readonly number[],
): Evaluation['worst'] {
  return targetNames
    .flatMap((target, j) =>
      rowNumbers.map((row, i) => {
        const answer = {
          row,
          target,
          actual: actual[i]?.[j] as number,
          predicted: predicted[i]?.[j] as number,
        };
        return {answer, size: Math.abs(answer.predicted - answer.actual) / (targets[target]?.rmse as number)};
      }),
    )
    .filter(({size}) => size > 0)
    .sort((a, b) => b.size - a.size || a.answer.row - b.answer.row)
    .slice(0, maxWorst)
    .map(({answer}) => answer);
}
