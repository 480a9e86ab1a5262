import type {ErrorScores, Evaluation, TargetStatistics} from '../core/evaluation/evaluation.ts';
import {formatInterval, formatNumber, formatProbability} from './number-text.ts';

/** One line of a table of scores. */
export interface ScoreLine {
  /** As a gate rule names it: `mse`, `cv.mse.mean`, `mse@class=Iris-setosa`. */
  name: string;
  value: number | null;
  /** What predicting the training mean scores; null where nobody asks. */
  baseline: number | null;
  /** What the number does not say of itself; empty for nothing. */
  note: string;
}

/** One line of a table of coefficients, every number as text. */
export interface CoefficientLine {
  target: string;
  /** The feature; null for the intercept. */
  name: string | null;
  estimate: string;
  /** 95 % confidence interval. */
  interval: string;
  p: string;
  /** Variance inflation factor; empty for the intercept. */
  inflation: string;
}

/** The scores of a target or of all, in the order of every report. */
export const scoreNames = [
  'mse',
  'rmse',
  'mae',
  'medianAbsoluteError',
  'maxError',
  'r2',
  'bias',
] as const satisfies (keyof ErrorScores)[];

/**
 * Lists the scores on the test rows over all targets, the mse's interval, the mse of each of several targets, that of
 * the cross-validation and that of each category.
 */
export function listScoreLines(evaluation: Evaluation): ScoreLine[] {
  const {targets, baseline, interval, crossValidation, groups} = evaluation;
  const several = Object.entries(targets).length > 1 ? Object.entries(targets) : [];
  const line = (name: string, value: number | null, note = '') => ({name, value, baseline: null, note});
  const [mse, ...others] = scoreNames.map(name => line(name, evaluation[name]));
  return [
    ...(mse === undefined ? [] : [{...mse, baseline: baseline.mse}]),
    ...(interval === null
      ? []
      : [
          line('mse.ci.lower', interval.lower, `${formatNumber(100 * interval.level)} % interval`),
          line('mse.ci.upper', interval.upper),
        ]),
    ...others,
    ...several.map(([target, scores]) => line(`mse.${target}`, scores.mse)),
    ...(crossValidation === null
      ? []
      : [
          line('cv.mse.mean', crossValidation.mse.mean, `${crossValidation.folds} folds`),
          line('cv.mse.sd', crossValidation.mse.sd),
        ]),
    ...groups.flatMap(({column, values}) =>
      values.map(({value, rows, scores}) =>
        line(
          `mse@${column}=${value}`,
          scores.mse,
          `${rows} ${rows === 1 ? 'row' : 'rows'}, bias ${formatNumber(scores.bias)}`,
        ),
      ),
    ),
  ];
}

/** Lists the coefficients of each target, the intercept first; none where no degree of freedom is left to judge them. */
export function listCoefficientLines({
  statistics: {targets, varianceInflation},
}: Evaluation): CoefficientLine[] {
  const inflation = new Map(varianceInflation.map(({feature, value}) => [feature, formatNumber(value)]));
  return targets.flatMap(({target, coefficients}) =>
    coefficients.map(({feature, estimate, p, ...bounds}) => {
      return {
        target,
        name: feature,
        estimate: formatNumber(estimate),
        interval: formatInterval(bounds),
        p: formatProbability(p),
        inflation: feature === null ? '' : (inflation.get(feature) ?? ''),
      };
    }),
  );
}

/** How well a target's fit describes the training rows, in the terms of R's `summary(lm)`. */
export function describeFit(
  {residualStandardError, r2, adjustedR2, f}: TargetStatistics,
  degreesOfFreedom: number,
): string {
  const test =
    f === null
      ? ''
      : `; F ${formatNumber(f.value)} on ${f.numerator} and ${f.denominator}, p ${formatProbability(f.p)}`;
  return `residual standard error ${formatNumber(residualStandardError)} on ${degreesOfFreedom} degrees of freedom; r2 ${formatNumber(r2)}, adjusted ${formatNumber(adjustedR2)}${test}`;
}

/** The worst test rows: “row 107, 4.5 predicted as 5.4”. */
export function describeWorst({targets, worst}: Evaluation, count: number): string[] {
  const isOne = Object.keys(targets).length === 1;
  return worst.slice(0, count).map(({row, target, actual, predicted}) => {
    const of = isOne ? '' : ` ${target}`;
    return `row ${row},${of} ${formatNumber(actual)} predicted as ${formatNumber(predicted)}`;
  });
}
