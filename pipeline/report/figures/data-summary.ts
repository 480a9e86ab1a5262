import type {CategoryColumn, FigureData, NumberColumn} from './figure-data.ts';
import type {CategorySummary, DataSummary, NumberSummary} from './figure-set.ts';

/** The most values of a category column that a summary counts one by one. */
const maxCommon = 12;

/** Counts and measures the rows of the data. */
export function summariseData(data: FigureData): DataSummary {
  const {features, targets, others, categories, dropped} = data;
  return {
    rows: features[0]?.values.length ?? 0,
    dropped,
    duplicates: countDuplicates([
      ...[...features, ...targets, ...others].map(({values}) => values),
      ...categories.map(({codes}) => codes),
    ]),
    columns: [...[...features, ...targets, ...others].map(summariseNumbers), ...categories.map(countValues)],
  };
}

/** Pearson's correlation of two columns over the rows in which both have a number; null where one does not vary. */
export function correlate(x: Float64Array, y: Float64Array): number | null {
  const [meanX, meanY] = [meanWhereBoth(x, y), meanWhereBoth(y, x)];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const dx = (x[i] as number) - meanX;
    const dy = (y[i] as number) - meanY;
    if (Number.isNaN(dx + dy)) continue;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  const correlation = xy / (Math.sqrt(xx) * Math.sqrt(yy));
  return Number.isFinite(correlation) ? Math.max(-1, Math.min(1, correlation)) : null;
}

function meanWhereBoth(values: Float64Array, others: Float64Array): number {
  let [mean, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value + (others[i] as number))) continue;
    // step by step, because a sum may overflow
    mean += (value - mean) / ++count;
  }
  return mean;
}

function summariseNumbers({name, unit, role, values}: NumberColumn): NumberSummary {
  const mean = meanWhereBoth(values, values);
  let [min, max, squares, present] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    present++;
    if (value < min) min = value;
    if (value > max) max = value;
    squares += (value - mean) ** 2;
  }
  const orNull = (value: number) => (present > 0 && Number.isFinite(value) ? value : null);
  return {
    type: 'number',
    name,
    unit,
    role,
    missing: values.length - present,
    min: orNull(min),
    mean: orNull(mean),
    sd: orNull(Math.sqrt(squares / (present - 1))),
    max: orNull(max),
  };
}

function countValues({name, values, codes}: CategoryColumn): CategorySummary {
  const counts = new Uint32Array(values.length);
  let missing = 0;
  for (const code of codes) {
    if (code < 0) missing++;
    else counts[code] = (counts[code] ?? 0) + 1;
  }
  const common = values
    .map((value, i) => ({value, rows: counts[i] ?? 0}))
    .sort((a, b) => b.rows - a.rows)
    .slice(0, maxCommon);
  return {type: 'category', name, missing, distinct: values.length, common};
}

/** Rows are sorted by their cells, so that equal ones come one after the other; a missing cell equals another. */
function countDuplicates(columns: (Float64Array | Int32Array)[]): number {
  const rows = Uint32Array.from({length: columns[0]?.length ?? 0}, (_, i) => i);
  const compare = (a: number, b: number): number => {
    for (const column of columns) {
      const [x, y] = [column[a] as number, column[b] as number];
      if (x < y) return -1;
      if (x > y) return 1;
      if (x !== y && Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? -1 : 1;
    }
    return 0;
  };
  rows.sort(compare);
  let duplicates = 0;
  for (let i = 1; i < rows.length; i++) {
    if (compare(rows[i - 1] as number, rows[i] as number) === 0) duplicates++;
  }
  return duplicates;
}
