import type {Table} from '../../core/dataset/table-collector.ts';
import {formatCount, formatScore} from '../number-text.ts';
import {labelWithUnit} from '../units.ts';
import type {NumberColumn} from './figure-data.ts';
import type {DataSummary} from './figure-set.ts';
import {d3} from './plot-library.ts';

/** The most values of a category column that a summary counts one by one. */
const maxCommon = 12;

/** Counts and measures the rows of the data, for people. */
export function summariseData(columns: readonly NumberColumn[], {categories, dropped}: Table): DataSummary {
  const rows = columns[0]?.values.length ?? 0;
  const all = [...columns, ...categories];
  // a missing cell equals another
  const distinct = new Set(
    Array.from({length: rows}, (_, row) => JSON.stringify(all.map(({values}) => values[row]))),
  );
  const duplicates = rows - distinct.size;
  const count = (number: number, words: string) =>
    number === 0 ? 'none' : `${formatCount(number)} ${words}`;
  return {
    facts: [
      {label: 'rows', text: formatCount(rows)},
      {label: 'dropped', text: count(dropped, 'more, in which a feature or the target was missing')},
      {
        label: 'duplicates',
        text: count(
          duplicates,
          `that ${duplicates === 1 ? 'equals' : 'equal'} an earlier row in every column`,
        ),
      },
      ...categories.map(countValues),
    ],
    columns: columns.map(measureNumbers),
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
  return d3.mean(values.filter((_, i) => !Number.isNaN(others[i]))) ?? Number.NaN;
}

function measureNumbers({name, unit, role, values}: NumberColumn): string[] {
  const [min, max] = d3.extent(values);
  const missing = values.filter(value => Number.isNaN(value)).length;
  return [
    labelWithUnit(name, unit),
    role === 'other' ? 'not used' : role,
    ...[min, d3.mean(values), d3.deviation(values), max].map(value => formatScore(value ?? null)),
    formatCount(missing),
  ];
}

function countValues({name, values}: Table['categories'][number]): {label: string; text: string} {
  const present = values.filter(value => value !== null);
  const counts = d3
    .rollups(
      present,
      ({length}) => length,
      value => value,
    )
    .sort(([, a], [, b]) => b - a);
  const listed = counts.slice(0, maxCommon).map(([value, rows]) => `${value} (${formatCount(rows)})`);
  const more =
    counts.length > maxCommon ? ` and ${formatCount(counts.length - maxCommon, 'more value')}` : '';
  const missing = values.length - present.length;
  const gaps = missing > 0 ? `; missing in ${formatCount(missing, 'row')}` : '';
  return {label: name, text: `${listed.join(', ')}${more}${gaps}`};
}
