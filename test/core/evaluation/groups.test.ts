import {expect, test} from 'vitest';
import {scoreGroups} from '../../../pipeline/core/evaluation/groups.ts';

const predictions = {
  actual: [[0], [0], [0], [0]],
  predicted: [[1], [2], [3], [4]],
  targetNames: ['y'],
};
const mseOf = (column: Parameters<typeof scoreGroups>[1][number]) =>
  scoreGroups(predictions, [column]).map(({values}) =>
    values.map(({value, rows, scores}) => [value, rows, scores.mse]),
  );

test('scores the rows of each value, in the order of the text', () => {
  expect(mseOf({name: 'town', values: ['b', 'a', 'b', 'a']})).toEqual([
    [
      ['a', 2, (4 + 16) / 2],
      ['b', 2, (1 + 9) / 2],
    ],
  ]);
});

test('keeps the order of declared values, and leaves out those that no row has', () => {
  const column = {name: 'town', values: ['b', 'a', 'b', 'a'], declared: ['c', 'b', 'a']};
  expect(mseOf(column)).toEqual([
    [
      ['b', 2, 5],
      ['a', 2, 10],
    ],
  ]);
});

test('leaves out rows without a value', () => {
  expect(mseOf({name: 'town', values: [null, 'a', null, null]})).toEqual([[['a', 1, 4]]]);
});

test('scores each target of a group', () => {
  const [group] = scoreGroups(
    {
      actual: [
        [0, 0],
        [0, 0],
      ],
      predicted: [
        [1, 3],
        [1, 5],
      ],
      targetNames: ['first', 'second'],
    },
    [{name: 'town', values: ['a', 'a']}],
  );
  expect(group?.values[0]).toMatchObject({
    scores: {mse: (1 + 17) / 2, mae: 2.5, maxError: 5},
    targets: {first: {mse: 1}, second: {mse: 17, maxError: 5}},
  });
});

test('takes more than 100 values for names of rows, unless they are declared', () => {
  const values = Array.from({length: 101}, (_, i) => `row ${i}`);
  const rows = values.map(() => [0]);
  const many = {actual: rows, predicted: rows, targetNames: ['y']};
  expect(scoreGroups(many, [{name: 'id', values}])).toEqual([]);
  expect(scoreGroups(many, [{name: 'id', values, declared: values}])[0]?.values).toHaveLength(101);
});
