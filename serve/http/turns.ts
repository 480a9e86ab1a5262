import {finishInSlices, finishNow, type Sliced} from '../rows/slices.ts';
import {release} from './body.ts';

/**
 * Does the work that bodies take. Of large bodies, and of smaller ones and pieces of streams, it works on one at a time:
 * what is made of a body takes several times its memory, and time that health checks must get in between.
 */
export type Work = {
  /** Does work on a body, at once where it is small, else in slices and in its turn; then gives its memory back. */
  onBody<Result>(bytes: Uint8Array, work: Sliced<Result>): Promise<Result>;
  /** Does work on a piece of a stream. */
  onPiece<Result>(work: Sliced<Result>): Promise<Result>;
};

const smallBytes = 4 * 1024;
const mediumBytes = 256 * 1024;

export function createWork(): Work {
  const takeMediumTurn = createTurns();
  const takeLargeTurn = createTurns();
  return {
    async onBody(bytes, work) {
      const {length} = bytes;
      if (length <= smallBytes) return finishNow(work);
      const takeTurn = length <= mediumBytes ? takeMediumTurn : takeLargeTurn;
      try {
        return await takeTurn(() => finishInSlices(work));
      } finally {
        release(bytes);
      }
    },
    onPiece: work => takeMediumTurn(() => finishInSlices(work)),
  };
}

/** Creates a queue in which each waits until the one before has ended. */
function createTurns() {
  let last: Promise<void> = Promise.resolve();
  return async <Result>(act: () => Promise<Result>): Promise<Result> => {
    const before = last;
    const ended = Promise.withResolvers<void>();
    last = ended.promise;
    await before;
    try {
      return await act();
    } finally {
      ended.resolve();
    }
  };
}
