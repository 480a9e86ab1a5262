/** Work that yields wherever others may have their turn. */
export type Sliced<Result> = Generator<undefined, Result, undefined>;

/** The longest that work holds the event loop before others have their turn. */
const sliceMs = 10;

/** Does work in one go. */
export function finishNow<Result>(work: Sliced<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** When others had their turn last, before any of the work in slices that goes on. */
let turnMs = 0;

/** Does work in slices of 10 ms, between which the event loop serves others. */
export async function finishInSlices<Result>(work: Sliced<Result>): Promise<Result> {
  for (;;) {
    // Looked at before the work, too: many short pieces of it would hold the event loop like a long one.
    if (performance.now() - turnMs >= sliceMs) {
      await new Promise(setImmediate);
      turnMs = performance.now();
    }
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Counts the rows of some width that are read or predicted between two looks at the clock. */
export function countRowsPerSlice(width: number): number {
  return Math.ceil(1_000 / width);
}
