import {Failure, type FailureDetails, type FailureKind} from '../../pipeline/core/failure.ts';

/** All that the `Failure` thrown by `act` tells its reader; any other outcome fails the test. */
export function failureOf(act: () => unknown): {kind: FailureKind} & Omit<FailureDetails, 'cause'> {
  let outcome: unknown;
  try {
    outcome = act();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const {kind, code, message, fix} = error;
    return {kind, code, message, fix};
  }
  throw new Error(`Expected a Failure, got ${JSON.stringify(outcome)}.`);
}
