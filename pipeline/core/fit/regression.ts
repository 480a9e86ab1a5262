import MultivariateLinearRegression from 'ml-regression-multivariate-linear';
import {mean} from './compensated.ts';
import {refuseDependentFeatures, refuseFewRows, refuseNonFinite, refuseOverflow} from './fit-refusals.ts';
import type {FittedFeature, FittedModel, FittedTarget, TrainingData} from './fitted-model.ts';
import {type DesignColumn, dot, invertTransposed, orthonormalise} from './orthonormal.ts';
import {refineCoefficients} from './refinement.ts';

/**
 * Fits each target by least squares on an intercept and all features.
 *
 * The library inverts XᵀX, which squares the condition number, so it gets the orthonormal Q of the standardised
 * columns instead; its coefficients are mapped back through R, then refined. They end as the exact solution
 * rounded to doubles, unless the data is too ill-conditioned for twice the precision of a double.
 *
 * @throws Failure `data` for values that are not finite, fewer rows than coefficients, features that are
 * constant or collinear (see `dependenceTolerance`), and coefficients too large for a double; it names every
 * column at fault.
 */
export function fitLinearRegression(data: TrainingData): FittedModel {
  refuseNonFinite(data);
  refuseFewRows(data);
  const features = data.featureNames.map((name, j) => readColumn(name, data.x, j));
  const targets = data.targetNames.map((name, j) => readColumn(name, data.y, j));
  const ones = new Float64Array(data.x.length).fill(1);
  const {q, r, dependences} = orthonormalise([{values: ones, sourceLength: 0}, ...features.map(standardise)]);
  const summaries = features.map(summarise);
  refuseDependentFeatures(summaries, dependences);
  const regression = new MultivariateLinearRegression(toRows(q), toRows(targets.map(centre)), {
    intercept: false,
    statistics: false,
  });
  const columns = [{values: ones, mean: 0, scale: 1, unit: 1}, ...features];
  const degreesOfFreedom = data.x.length - columns.length;
  const fitted = targets.map((target, t) => {
    const weights = regression.weights.map(row => row[t] as number);
    const refined = refineCoefficients({columns, q, r}, target, weights);
    const [intercept, ...coefficients] = refined.coefficients.map(
      ({hi}, j) => hi * (target.unit / (columns[j] as Column).unit),
    );
    const residualStandardError =
      degreesOfFreedom === 0
        ? 0
        : target.unit * Math.sqrt(dot(refined.residuals, refined.residuals) / degreesOfFreedom);
    return {
      name: target.name,
      intercept: intercept as number,
      coefficients,
      residualStandardError,
      spread: describeSpread(target, refined.residuals),
      residuals: refined.residuals.map(residual => residual * target.unit),
    };
  });
  refuseOverflow(summaries, fitted);
  return {features: summaries, targets: fitted, degreesOfFreedom, inverseFactor: invertTransposed(r), q};
}

/** A column of the data in a unit of its own, so that no later square or product can overflow. */
interface Column {
  name: string;
  /** The source values divided by `unit`: at most 2 in size. */
  values: Float64Array;
  /** A power of two, so that dividing by it is exact. */
  unit: number;
  /** Mean of `values`. */
  mean: number;
  /** Population standard deviation of `values`. */
  scale: number;
}

function readColumn(name: string, rows: number[][], index: number): Column {
  const source = new Float64Array(rows.length);
  // Float64Array.from with a mapping takes several times as long.
  for (const [i, row] of rows.entries()) source[i] = row[index] as number;
  const unit = powerOfTwoBelow(source.reduce((most, value) => Math.max(most, Math.abs(value)), 0));
  const values = source.map(value => value / unit);
  const column = {name, values, unit, mean: mean(values)};
  return {...column, scale: measureSpread(centre(column))};
}

/** The population standard deviation of values whose mean is 0 but for rounding. */
function measureSpread(centred: Float64Array): number {
  // Not 0 where the values hardly vary: the mean they were centred by is a rounded number.
  const offset = mean(centred);
  return Math.sqrt(mean(centred.map(value => (value - offset) ** 2)));
}

/** What is explained is measured itself: as total² − residual² it would lose its digits where it is small. */
function describeSpread(target: Column, residuals: Float64Array): FittedTarget['spread'] {
  const explained = centre(target).map((value, i) => value - (residuals[i] as number));
  return {
    total: target.scale * target.unit,
    explained: measureSpread(explained) * target.unit,
    residual: Math.sqrt(mean(residuals.map(residual => residual ** 2))) * target.unit,
  };
}

function centre({values, mean}: {values: Float64Array; mean: number}): Float64Array {
  return values.map(value => value - mean);
}

function standardise(column: Column): DesignColumn {
  // A scale of 0 is a constant column: any divisor leaves it zero, to be refused as dependent.
  const divisor = column.scale || 1;
  return {
    values: centre(column).map(value => value / divisor),
    sourceLength: Math.sqrt(dot(column.values, column.values)) / divisor,
  };
}

function summarise({name, values, unit, mean, scale}: Column): FittedFeature {
  return {
    name,
    mean: mean * unit,
    scale: scale * unit,
    min: values.reduce((least, value) => Math.min(least, value)) * unit,
    max: values.reduce((most, value) => Math.max(most, value)) * unit,
  };
}

function toRows(columns: Float64Array[]): number[][] {
  const [first] = columns;
  return Array.from({length: first?.length ?? 0}, (_, i) => columns.map(column => column[i] as number));
}

/** The largest power of two up to a value not below zero: its exponent bits alone (at least 2⁻¹⁰²²). */
function powerOfTwoBelow(value: number): number {
  const [bits] = new BigUint64Array(Float64Array.of(value).buffer);
  const exponent = (bits as bigint) & 0x7ff0_0000_0000_0000n;
  const [power] = new Float64Array(BigUint64Array.of(exponent).buffer);
  return power || 2 ** -1022;
}
