import type {ErrorScores, Evaluation, FitStatistics} from '../evaluation/evaluation.ts';
import {nameGroup, scoreNames} from './metric-names.ts';

/** Every value of an evaluation that a gate rule can name, by the names of metric-names.ts; null where it is undefined. */
export function listMetricValues(evaluation: Evaluation): Map<string, number | null> {
  const {interval, crossValidation, groups, statistics, baseline} = evaluation;
  return new Map([
    ...listScoreValues(evaluation, evaluation.targets),
    ...groups.flatMap(({column, values}) =>
      values.flatMap(({value, scores, targets}) =>
        listScoreValues(scores, targets, nameGroup(column, value)),
      ),
    ),
    ...listFitValues(statistics),
    ['mse.ci.lower', interval?.lower ?? null],
    ['mse.ci.upper', interval?.upper ?? null],
    ['cv.mse.mean', crossValidation?.mse.mean ?? null],
    ['cv.mse.sd', crossValidation?.mse.sd ?? null],
    ['baseline.mse', baseline.mse],
    ['baseline.ratio', baseline.mse > 0 ? evaluation.mse / baseline.mse : null],
  ]);
}

type Entry = [name: string, value: number | null];

function listScoreValues(overall: ErrorScores, targets: Record<string, ErrorScores>, group = ''): Entry[] {
  return scoreNames.flatMap((score): Entry[] => [
    [score + group, overall[score]],
    ...Object.entries(targets).map(
      ([target, scores]): Entry => [`${score}.${target}${group}`, scores[score]],
    ),
  ]);
}

function listFitValues({conditionNumber, varianceInflation, targets}: FitStatistics): Entry[] {
  const [only, ...others] = targets;
  return [
    ['condition', conditionNumber],
    ['vif.max', Math.max(...varianceInflation.map(({value}) => value))],
    ...targets.flatMap(({target, adjustedR2, residualStandardError}): Entry[] => [
      [`adjustedR2.${target}`, adjustedR2],
      [`residualStandardError.${target}`, residualStandardError],
    ]),
    ...(only === undefined || others.length > 0
      ? []
      : ([
          ['adjustedR2', only.adjustedR2],
          ['residualStandardError', only.residualStandardError],
        ] satisfies Entry[])),
  ];
}
