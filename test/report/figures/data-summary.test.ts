import {describe, expect, test} from 'vitest';
import {correlate, summariseData} from '../../../pipeline/report/figures/data-summary.ts';
import {listNumberColumns} from '../../../pipeline/report/figures/figure-data.ts';
import {readIrisMeasurements} from '../../helpers/iris-rows.ts';
import {trainForReport} from '../../helpers/report-facts.ts';

const rows = readIrisMeasurements();
const column = (index: number) => rows.map(row => row[index] ?? Number.NaN);
const iris = trainForReport({
  features: {sepal_length: column(0), sepal_width: column(1), petal_width: column(3)},
  targets: {petal_length: column(2)},
  categories: {class: rows.map((_, i) => ['setosa', 'versicolor', 'virginica'][Math.floor(i / 50)] ?? null)},
});

describe('the correlations', () => {
  // numpy.corrcoef on data/iris.data; R's iris differs in rows 35 and 38
  test.each([
    {of: [0, 1], value: -0.1093692},
    {of: [0, 2], value: 0.8717542},
    {of: [1, 2], value: -0.4205161},
    {of: [2, 3], value: 0.9627571},
  ])('of the iris columns $of are those of numpy.corrcoef on the file', ({of: [x = 0, y = 0], value}) => {
    expect(correlate(Float64Array.from(column(x)), Float64Array.from(column(y)))).toBeCloseTo(value, 6);
  });

  test('leave out the rows where one cell is missing', () => {
    const x = Float64Array.of(1, 2, Number.NaN, 3);
    expect(correlate(x, Float64Array.of(2, 4, 100, 6))).toBeCloseTo(1, 12);
  });

  test('are unknown where a column does not vary', () => {
    expect(correlate(Float64Array.of(1, 1, 1), Float64Array.of(1, 2, 3))).toBeNull();
  });
});

const summarise = ({figureData}: typeof iris) =>
  summariseData(listNumberColumns(figureData), figureData.table);

describe('the summary', () => {
  test('of iris has its rows, duplicates and ranges', () => {
    const {facts, columns} = summarise(iris);
    // sort data/iris.data | uniq -c: one row is there three times, one twice
    expect(facts).toEqual([
      {label: 'rows', text: '150'},
      {label: 'dropped', text: 'none'},
      {label: 'duplicates', text: '3 that equal an earlier row in every column'},
      {label: 'class', text: 'setosa (50), versicolor (50), virginica (50)'},
    ]);
    // the minimum, maximum, mean and standard deviation that iris.names gives, to its digits
    const [name, role, min, mean, sd, max, missing] = columns[0] ?? [];
    expect({name, role, min, max, missing}).toEqual({
      name: 'sepal_length',
      role: 'feature',
      min: '4.3',
      max: '7.9',
      missing: '0',
    });
    expect([Number(mean).toFixed(2), Number(sd).toFixed(2)]).toEqual(['5.84', '0.83']);
  });

  test('counts missing cells, and takes a missing cell for equal to another', () => {
    const {facts, columns} = summarise(
      trainForReport({
        features: {a: [1, 1, 2, 3, 4]},
        targets: {y: [1, 1, 2, 4, 3]},
        others: {b: [null, null, 1, null, 2]},
        categories: {c: ['x', 'x', null, 'y', 'y']},
      }),
    );
    expect(facts.slice(2)).toEqual([
      {label: 'duplicates', text: '1 that equals an earlier row in every column'},
      {label: 'c', text: 'x (2), y (2); missing in 1 row'},
    ]);
    expect(columns.map(cells => [cells[0], cells[1], cells.at(-1)])).toEqual([
      ['a', 'feature', '0'],
      ['y', 'target', '0'],
      ['b', 'not used', '3'],
    ]);
  });
});
