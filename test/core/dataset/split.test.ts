import {expect, test} from 'vitest';
import {splitRows} from '../../../pipeline/core/dataset/split.ts';
import oracle from '../../fixtures/sklearn-splits.json' with {type: 'json'};
import {failureOf} from '../../helpers/failure-of.ts';

// The fixture's values come from scikit-learn 1.2.1: train_test_split(arange(n), test_size, random_state=seed).
test.each(oracle.splits)(
  'splits $n rows with test size $testSize and seed $seed as scikit-learn',
  expected => {
    const {n, seed, testSize} = expected;
    const {train, test} = splitRows(n, {testSize, seed});
    expect(test).toEqual(expected.test);
    expect(train.slice(0, expected.trainHead.length)).toEqual(expected.trainHead);
    expect(train).toHaveLength(expected.trainCount);
  },
);

// Computed with scikit-learn 1.9.1 and NumPy 2.4.6: the ends of the ranges, and both sides of a 16-bit mask.
test.each([
  {n: 2, testSize: 0.5, seed: 1, testHead: [0], trainTail: [1]},
  {n: 150, testSize: 0.2, seed: 2 ** 32 - 1, testHead: [140, 124, 28], trainTail: [71, 12, 34]},
  {n: 65_536, testSize: 0.25, seed: 3, testHead: [56_698, 27_265, 43_308], trainTail: [1688, 5994]},
  {n: 65_537, testSize: 0.25, seed: 3, testHead: [43_125, 60_809, 43_113], trainTail: [48_056, 59_011]},
  {n: 200_000, testSize: 0.2, seed: 2 ** 32 - 1, testHead: [126_820, 188_042], trainTail: [147_746, 158_115]},
])('splits $n rows with seed $seed as scikit-learn', ({n, testSize, seed, testHead, trainTail}) => {
  const {train, test} = splitRows(n, {testSize, seed});
  expect(test.slice(0, testHead.length)).toEqual(testHead);
  expect(train.slice(-trainTail.length)).toEqual(trainTail);
});

test('puts every row into exactly one part', () => {
  const {train, test} = splitRows(101, {testSize: 0.3, seed: 9});
  expect([...train, ...test].sort((a, b) => a - b)).toEqual(Array.from({length: 101}, (_, row) => row));
});

test.each([-1, 1.5, 2 ** 32, Number.NaN])('refuses the seed %s', seed => {
  expect(failureOf(() => splitRows(10, {testSize: 0.2, seed}))).toEqual({
    kind: 'usage',
    code: 'INVALID_SEED',
    message: `The split's seed must be an integer from 0 to 4294967295, found ${seed}.`,
    fix: 'Give one with --seed, or in the descriptor under "split".',
  });
});

test.each([0, 1, 1.5, -0.2, Number.NaN])('refuses the test size %s', testSize => {
  expect(failureOf(() => splitRows(10, {testSize, seed: 42}))).toEqual({
    kind: 'usage',
    code: 'INVALID_TEST_SIZE',
    message: `The split's test size must be a number between 0 and 1 (both excluded), found ${testSize}.`,
    fix: 'Give one with --test-size, or in the descriptor under "split": 0.2 tests on a fifth of the rows.',
  });
});

test('refuses rows that leave a part empty', () => {
  expect(
    [0, 1, 4].map(rows => failureOf(() => splitRows(rows, {testSize: 0.9, seed: 42}))),
  ).toMatchInlineSnapshot(`
    [
      {
        "code": "SPLIT_LEAVES_NO_ROWS",
        "fix": "Give more rows.",
        "kind": "data",
        "message": "0 rows with a test size of 0.9 would make 0 to test on and 0 to train on; each part needs at least one.",
      },
      {
        "code": "SPLIT_LEAVES_NO_ROWS",
        "fix": "Give more rows.",
        "kind": "data",
        "message": "1 row with a test size of 0.9 would make 1 to test on and 0 to train on; each part needs at least one.",
      },
      {
        "code": "SPLIT_LEAVES_NO_ROWS",
        "fix": "Give more rows, or a smaller --test-size.",
        "kind": "data",
        "message": "4 rows with a test size of 0.9 would make 4 to test on and 0 to train on; each part needs at least one.",
      },
    ]
  `);
});
