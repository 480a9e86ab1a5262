import {mersenne} from 'pure-rand/generator/mersenne';
import {Failure} from '../failure.ts';

/** Row indices (the first row being 0), each row in exactly one of the two, in the shuffled order. */
export interface Split {
  train: number[];
  test: number[];
}

/**
 * Shuffles the rows and cuts them into a test part of `ceil(rows · testSize)` rows and a training part.
 *
 * The result is that of scikit-learn's `train_test_split(range(rows), test_size=testSize, random_state=seed)`.
 *
 * @param options.testSize share of the rows, between 0 and 1, both excluded.
 * @param options.seed integer from 0 to 2³²−1.
 * @throws Failure `usage` for options out of range, `data` when a part would be empty.
 */
export function splitRows(rows: number, {testSize, seed}: {testSize: number; seed: number}): Split {
  if (!Number.isInteger(seed) || seed < 0 || seed > maxSeed) {
    throw new Failure('usage', {
      code: 'INVALID_SEED',
      message: `The split's seed must be an integer from 0 to ${maxSeed}, found ${seed}.`,
      fix: 'Give one with --seed, or in the descriptor under "split".',
    });
  }
  if (!(testSize > 0 && testSize < 1)) {
    throw new Failure('usage', {
      code: 'INVALID_TEST_SIZE',
      message: `The split's test size must be a number between 0 and 1 (both excluded), found ${testSize}.`,
      fix: 'Give one with --test-size, or in the descriptor under "split": 0.2 tests on a fifth of the rows.',
    });
  }
  const testCount = Math.ceil(rows * testSize);
  if (testCount === 0 || testCount >= rows) {
    throw new Failure('data', {
      code: 'SPLIT_LEAVES_NO_ROWS',
      message:
        `${rows} row${rows === 1 ? '' : 's'} with a test size of ${testSize} would make ${testCount} to test on ` +
        `and ${rows - testCount} to train on; each part needs at least one.`,
      fix: rows < 2 ? 'Give more rows.' : 'Give more rows, or a smaller --test-size.',
    });
  }
  const order = permuteRows(rows, seed);
  return {train: order.slice(testCount), test: order.slice(0, testCount)};
}

/** The rows of a table that a part of the split names. */
export function pickRows<Row>(rows: readonly Row[], indices: readonly number[]): Row[] {
  return indices.flatMap(index => rows.slice(index, index + 1));
}

/** NumPy's `RandomState(seed).permutation(rows)`: Fisher–Yates from the end, MT19937 seeded by `init_genrand`. */
export function permuteRows(rows: number, seed: number): number[] {
  const generator = mersenne(seed);
  const order = Array.from({length: rows}, (_, row) => row);
  for (let last = rows - 1; last > 0; last--) {
    // NumPy masks a 32-bit draw to the bits of `last` and draws again while it is above: pure-rand's own
    // uniformInt reduces in another way, so it would give another permutation.
    const mask = 0xffffffff >>> Math.clz32(last);
    let drawn: number;
    do {
      drawn = (generator.next() & mask) >>> 0;
    } while (drawn > last);
    [order[last], order[drawn]] = [order[drawn] as number, order[last] as number];
  }
  return order;
}

const maxSeed = 2 ** 32 - 1;
