import {Failure} from '../failure.ts';
import type {FittedFeature, FittedTarget, TrainingData} from './fitted-model.ts';
import type {Dependence} from './orthonormal.ts';

/** @throws Failure VALUE_NOT_FINITE that shows the NaN, infinite or absent values: the first 20 and the count. */
export function refuseNonFinite({featureNames, targetNames, x, y, rowNumbers}: TrainingData): void {
  const shown: string[] = [];
  let count = 0;
  const check = (names: string[], values: number[] | undefined, row: number) => {
    for (const [j, name] of names.entries()) {
      if (Number.isFinite(values?.[j])) continue;
      count++;
      if (count <= 20) shown.push(`row ${rowNumbers?.[row] ?? row + 1} "${name}": ${values?.[j]}`);
    }
  };
  for (const [row, values] of x.entries()) {
    check(featureNames, values, row);
    check(targetNames, y[row], row);
  }
  if (count === 0) return;
  const more = count > shown.length ? `; and ${count - shown.length} more` : '';
  throw new Failure('data', {
    code: 'VALUE_NOT_FINITE',
    message: `Only finite numbers can be fitted, found ${count} ${count === 1 ? 'value that is' : 'values that are'} not: ${shown.join('; ')}${more}.`,
    fix: 'Correct these values, or leave their rows out.',
  });
}

/** @throws Failure TOO_FEW_ROWS when the rows cannot determine one coefficient per feature and the intercept. */
export function refuseFewRows({featureNames, x}: TrainingData): void {
  const needed = featureNames.length + 1;
  if (x.length >= needed) return;
  throw new Failure('data', {
    code: 'TOO_FEW_ROWS',
    message: `Fitting an intercept and ${featureNames.length} features (${list(featureNames)}) needs at least ${needed} training rows, found ${x.length}.`,
    fix: 'Give more rows, a smaller --test-size, or fewer features with --features.',
  });
}

/**
 * @param dependences found among the columns of a design whose column 0 is the intercept's.
 * @throws Failure CONSTANT_FEATURES when they are all dependent on the intercept alone, else COLLINEAR_FEATURES.
 */
export function refuseDependentFeatures(features: FittedFeature[], dependences: Dependence[]): void {
  if (dependences.length === 0) return;
  const feature = (column: number) => features[column - 1] as FittedFeature;
  const found = dependences.map(({column, on}) => {
    const {name, min, max} = feature(column);
    const sources = on.filter(index => index > 0).map(index => feature(index).name);
    if (sources.length > 0) return {name, constant: false, why: `is a linear function of ${list(sources)}`};
    if (min === max) return {name, constant: true, why: `is constant (every value is ${min})`};
    return {name, constant: true, why: `is constant but for rounding (from ${min} to ${max})`};
  });
  const names = found.map(({name}) => name);
  throw new Failure('data', {
    code: found.every(({constant}) => constant) ? 'CONSTANT_FEATURES' : 'COLLINEAR_FEATURES',
    message: `The training rows do not determine a coefficient for ${list(names)}: ${found
      .map(({name, why}) => `"${name}" ${why}`)
      .join('; ')}.`,
    fix: `Leave ${list(names)} out of the features (--features, or "features" in the descriptor).`,
  });
}

/** @throws Failure COEFFICIENT_OVERFLOW when units so far apart were mixed that a coefficient exceeds a double. */
export function refuseOverflow(features: FittedFeature[], targets: FittedTarget[]): void {
  const found = targets.flatMap(target =>
    [target.intercept, ...target.coefficients].flatMap((value, j) =>
      Number.isFinite(value)
        ? []
        : [`${j === 0 ? 'the intercept' : `"${features[j - 1]?.name}"`} for "${target.name}"`],
    ),
  );
  if (found.length === 0) return;
  throw new Failure('data', {
    code: 'COEFFICIENT_OVERFLOW',
    message: `Coefficients are too large for a double (above 1.8e308): ${found.join('; ')}.`,
    fix: 'Give the columns in units that bring their values closer to 1.',
  });
}

function list(names: string[]): string {
  const quoted = names.map(name => `"${name}"`);
  const last = quoted.pop() ?? '';
  return quoted.length > 0 ? `${quoted.join(', ')} and ${last}` : last;
}
