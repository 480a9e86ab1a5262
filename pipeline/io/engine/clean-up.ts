import {Failure} from '../../core/failure.ts';

/**
 * Does work, then cleans up after it. Where both fail, what the work threw stays the error that is reported, and
 * what the clean-up threw is added to it.
 */
export async function withCleanUp<Value>(
  work: () => Promise<Value>,
  cleanUp: () => Promise<void>,
): Promise<Value> {
  const [done] = await Promise.allSettled([work()]);
  const [cleaned] = await Promise.allSettled([cleanUp()]);
  if (done.status === 'rejected')
    throw cleaned.status === 'rejected' ? addProblem(done.reason, cleaned.reason) : done.reason;
  if (cleaned.status === 'rejected') throw cleaned.reason;
  return done.value;
}

/** Finds in an error, and in all that it was caused by, the Failure that something which was started is still there. */
export function findLeftBehind(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof Failure && error.code === 'CONTAINER_LEFT_BEHIND') return error;
  const causes = error instanceof AggregateError ? error.errors : [error.cause];
  for (const cause of causes) {
    const found = findLeftBehind(cause);
    if (found !== undefined) return found;
  }
  return undefined;
}

function addProblem(first: unknown, problem: unknown): Error {
  const message = [first, problem].map(error => (error instanceof Error ? error.message : String(error)));
  const both = new AggregateError([first, problem], message.join('\n'));
  if (!(first instanceof Failure)) return both;
  const fix = problem instanceof Failure ? `${first.fix}\n${problem.fix}` : first.fix;
  return new Failure(first.kind, {code: first.code, message: both.message, fix, cause: both});
}
