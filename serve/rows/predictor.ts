import type {Artifact} from '../artifact/artifact.ts';
import {createHalfWidth, type HalfWidth, type Interval} from '../model/interval.ts';
import {predictRows} from '../model/predict.ts';
import {type FieldError, FieldErrors} from './field-errors.ts';
import {type Problem, refuse} from './problem.ts';
import type {RowsRead} from './read-rows.ts';
import {countRowsPerSlice, finishNow, type Sliced} from './slices.ts';

/** The model's answer to a batch of rows. */
export type Prediction = {
  status: 'predicted';
  /** One number per row when the model has one target, else one list per row with a number per target. */
  values: number[] | number[][];
  interval: Interval | undefined;
  /** The inputs outside the training range; the first 20 in full, then how many there are. */
  warnings: FieldError[];
  /** The number of inputs outside the training range. */
  outOfRange: number;
};

/** The one way from rows to predictions, whatever the client's dialect. */
export type Predictor = {
  /** @param level of the prediction interval, greater than 0 and at most `maxLevel`; undefined for none. */
  predict(asked: RowsRead, level: number | undefined): Prediction | Problem;
  /** The same for a batch that may be large. */
  predictInSlices(asked: RowsRead, level: number | undefined): Sliced<Prediction | Problem>;
  /** Counts of the predictions so far, for the metrics. */
  tally: Tally;
};

export type Tally = {
  rows: number;
  /** Columns and params that the model does not know, and that were ignored. */
  ignored: number;
  /** One per feature: rows in which it was below or above its training range. */
  outOfRange: number[];
};

/** Creates the predictor of a model. It refuses rows whose prediction or interval no double can hold. */
export function createPredictor(artifact: Artifact): Predictor {
  const {features} = artifact;
  const tally: Tally = {rows: 0, ignored: 0, outOfRange: features.map(() => 0)};
  const ranges = features.map(feature => ({
    min: feature.min,
    max: feature.max,
    below: describeRange(feature, 'below'),
    above: describeRange(feature, 'above'),
  }));
  let latest: {level: number; halfWidth: HalfWidth | undefined} | undefined;

  return {
    tally,
    predict: (asked, level) => finishNow(predictParts(asked, level, Math.max(1, asked.rows.length))),
    predictInSlices: (asked, level) => {
      const width = features.length;
      return predictParts(asked, level, countRowsPerSlice(level === undefined ? width : width * width));
    },
  };

  function* predictParts(
    asked: RowsRead,
    level: number | undefined,
    rowsPerPart: number,
  ): Sliced<Prediction | Problem> {
    const {rows} = asked;
    const partOf = (from: number) =>
      rows.length <= rowsPerPart ? rows : rows.slice(from, from + rowsPerPart);
    const parts: Values[] = [];
    const overflowed: number[] = [];
    for (let from = 0; from === 0 || from < rows.length; from += rowsPerPart) {
      const predictions = predictRows(artifact, partOf(from));
      if (predictions.status === 'predicted') parts.push(predictions.values);
      else for (const row of predictions.rows) overflowed.push(from + row);
      yield;
    }
    if (overflowed.length > 0) return refuseOverflow(overflowed, asked);
    const values = join(parts);
    let interval: Interval | undefined;
    if (level !== undefined) {
      // Clients ask for one level again and again.
      if (latest?.level !== level) latest = {level, halfWidth: createHalfWidth(artifact, level)};
      const {halfWidth} = latest;
      if (halfWidth === undefined) return refuseInterval();
      const lower: Values[] = [];
      const upper: Values[] = [];
      for (let i = 0, from = 0; i < parts.length; i++, from += rowsPerPart) {
        const part = addInterval(parts[i] ?? [], partOf(from), level, halfWidth);
        for (const row of findOverflowed(part)) overflowed.push(from + row);
        lower.push(part.lower);
        upper.push(part.upper);
        yield;
      }
      if (overflowed.length > 0) return refuseOverflow(overflowed, asked);
      interval = {level, lower: join(lower), upper: join(upper)};
    }
    tally.rows += rows.length;
    tally.ignored += asked.ignored ?? 0;
    return {status: 'predicted', values, interval, ...(yield* warn(asked, rowsPerPart))};
  }

  function* warn(
    {rows, rowPath, cellPath, batchPath}: RowsRead,
    rowsPerPart: number,
  ): Sliced<Pick<Prediction, 'warnings' | 'outOfRange'>> {
    let warnings: FieldErrors | undefined;
    for (let i = 0; i < rows.length; i++) {
      if (i > 0 && i % rowsPerPart === 0) yield;
      const row = rows[i] ?? [];
      for (let j = 0; j < ranges.length; j++) {
        const range = ranges[j];
        const value = row[j] ?? Number.NaN;
        if (range === undefined || (value >= range.min && value <= range.max)) continue;
        tally.outOfRange[j] = (tally.outOfRange[j] ?? 0) + 1;
        warnings ??= new FieldErrors();
        warnings.add(() => cellPath(i, j), value < range.min ? range.below : range.above);
      }
    }
    if (warnings === undefined) return {warnings: [], outOfRange: 0};
    const {fields, count} = warnings;
    if (count === fields.length) return {warnings: fields, outOfRange: count};
    const path = batchPath ?? rowPath(0).replace(/\[\d+\]$/, '');
    const message = `${count} values are outside the training range; the first ${fields.length} are listed`;
    return {warnings: [...fields, {path, message}], outOfRange: count};
  }
}

/** One number per row when the model has one target, else one list per row. */
type Values = number[] | number[][];

function join(parts: readonly Values[]): Values {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : (parts.flat(1) as Values);
}

function describeRange(
  {name, unit, min, max}: Artifact['features'][number],
  side: 'below' | 'above',
): string {
  return `${name} is ${side} its training range, ${min} to ${max}${unit === null ? '' : ` ${unit}`}`;
}

function addInterval(
  values: number[] | number[][],
  rows: RowsRead['rows'],
  level: number,
  halfWidth: HalfWidth,
): Interval {
  const widths = rows.map(halfWidth);
  const shift = (sign: 1 | -1) =>
    values.map((value, i) =>
      typeof value === 'number'
        ? value + sign * (widths[i]?.[0] ?? Number.NaN)
        : value.map((of, k) => of + sign * (widths[i]?.[k] ?? Number.NaN)),
    ) as number[] | number[][];
  return {level, lower: shift(-1), upper: shift(1)};
}

function findOverflowed({lower, upper}: Interval): number[] {
  const isHeld = (value: number | number[] | undefined) => [value].flat().every(Number.isFinite);
  return [...lower.keys()].filter(i => !isHeld(lower[i]) || !isHeld(upper[i]));
}

function refuseOverflow(rows: readonly number[], {rowPath}: RowsRead): Problem {
  const errors = new FieldErrors();
  for (const row of rows) {
    errors.add(() => rowPath(row), 'expected smaller numbers: the prediction is too large for a double');
  }
  return refuse(400, 'invalid_input', errors.summary(), {fields: errors.fields});
}

function refuseInterval(): Problem {
  return refuse(
    400,
    'invalid_input',
    'This model has no prediction intervals: it was trained on as many rows as it has coefficients. Ask without "interval".',
  );
}
