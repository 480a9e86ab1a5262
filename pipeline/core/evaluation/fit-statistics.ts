import type {FittedModel, FittedTarget} from '../fit/fitted-model.ts';
import {findConditionNumber, findVarianceInflation} from './collinearity.ts';
import {findFTail, findStudentTQuantile, findStudentTTail} from './distributions.ts';
import type {CoefficientStatistics, FitStatistics, TargetStatistics} from './evaluation.ts';

/**
 * The statistics of a least-squares fit, for each target what R's `summary(lm(…))` prints.
 *
 * Standard errors are s · √(cᵀ(AᵀA)⁻¹c) = s · |R⁻ᵀc| of the linear combination c of the standardised coefficients
 * that an estimate is: Draper & Smith, "Applied Regression Analysis", 3rd ed., 5.1. A target that does not vary
 * has an r2 of 1, as in scikit-learn's `force_finite`.
 */
export function computeFitStatistics(model: FittedModel): FitStatistics {
  const {degreesOfFreedom, features, targets} = model;
  return {
    rows: degreesOfFreedom + features.length + 1,
    degreesOfFreedom,
    conditionNumber: findConditionNumber(model),
    varianceInflation: findVarianceInflation(model),
    targets: degreesOfFreedom === 0 ? [] : describeTargets(model, targets),
  };
}

function describeTargets(model: FittedModel, targets: FittedTarget[]): TargetStatistics[] {
  const {degreesOfFreedom, features} = model;
  const bound = findStudentTQuantile(0.975, degreesOfFreedom);
  const relativeErrors = findRelativeErrors(model);
  return targets.map(target => {
    const {residualStandardError, intercept, coefficients, spread} = target;
    const r2 = computeR2(spread);
    const estimates = [intercept, ...coefficients];
    return {
      target: target.name,
      residualStandardError,
      r2,
      adjustedR2: 1 - (1 - r2) * ((degreesOfFreedom + features.length) / degreesOfFreedom),
      f: testAll(spread, features.length, degreesOfFreedom),
      coefficients: estimates.map((estimate, j): CoefficientStatistics => {
        const feature = features[j - 1];
        const standardError = residualStandardError * (relativeErrors[j] as number);
        return {
          feature: feature?.name ?? null,
          estimate,
          standardError,
          ...testOne(estimate, standardError, degreesOfFreedom),
          lower: estimate - bound * standardError,
          upper: estimate + bound * standardError,
          standardised:
            feature === undefined || spread.total === 0 ? null : estimate * (feature.scale / spread.total),
        };
      }),
    };
  });
}

/** Standard errors of the raw intercept and coefficients in units of the residual standard error. */
function findRelativeErrors({features, inverseFactor}: FittedModel): number[] {
  // raw intercept = standardised intercept − Σ standardised coefficient · mean / scale
  const combinations = [
    [1, ...features.map(({mean, scale}) => -mean / scale)],
    ...features.map(({scale}, j) => [0, ...features.map((_, k) => (k === j ? 1 / scale : 0))]),
  ];
  return combinations.map(combination => {
    const parts = inverseFactor.map(row =>
      row.reduce((sum, value, j) => sum + value * (combination[j] as number), 0),
    );
    return Math.hypot(...parts);
  });
}

function computeR2({explained, residual}: FittedTarget['spread']): number {
  return residual === 0 ? 1 : 1 / (1 + (residual / explained) ** 2);
}

/** The F test that all coefficients but the intercept are 0; null where f has no finite value. */
function testAll(
  {explained, residual}: FittedTarget['spread'],
  numerator: number,
  denominator: number,
): TargetStatistics['f'] {
  const value = (explained / residual) ** 2 * (denominator / numerator);
  return Number.isFinite(value)
    ? {value, numerator, denominator, p: findFTail(value, numerator, denominator)}
    : null;
}

function testOne(estimate: number, standardError: number, degreesOfFreedom: number) {
  const t = estimate / standardError;
  return Number.isFinite(t) ? {t, p: findStudentTTail(t, degreesOfFreedom)} : {t: null, p: null};
}
