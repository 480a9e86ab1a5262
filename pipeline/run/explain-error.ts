import {Failure} from '../core/failure.ts';
import {findLeftBehind} from '../io/engine/clean-up.ts';

/**
 * Turns what ended a run into a Failure; what is nobody's input but our own fault keeps its stack.
 *
 * @param root the folder of all artifacts, which nearly all is written to.
 */
export function explainError(error: unknown, root: string): Failure {
  if (error instanceof Failure) return error;
  return (
    explainSystemError(error, root) ??
    new Failure('internal', {
      code: 'INTERNAL',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      fix: 'This is a fault of the program, not of its input: report it with the lines above.',
      cause: error,
    })
  );
}

/** Says how an interrupted run ended: what it left behind, where something could not be removed. */
export function explainInterruption(error: unknown, signal: string): Failure {
  const left = findLeftBehind(error);
  return new Failure('internal', {
    code: 'INTERRUPTED',
    message: `Stopped by ${signal}; what was written is complete. ${left?.message ?? 'Nothing that was started is left.'}`,
    fix: left?.fix ?? 'Run the same command again.',
    cause: error,
  });
}

const reasons: Record<string, string> = {
  EACCES: 'this user may not do that',
  EDQUOT: 'the quota of this user is used up',
  EEXIST: 'a file is in the way',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a file is in the way',
  EPERM: 'this user may not do that',
  EROFS: 'the file system is read-only',
};

/** A full disk, or a folder that may not be read or written, is no fault of the program. */
function explainSystemError(error: unknown, root: string): Failure | undefined {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return undefined;
  // what Node's mkdir says of a folder that cannot be made on a read-only file system
  const isReadOnly = error.code === 'ENOENT' && error.syscall === 'mkdir';
  const reason = reasons[isReadOnly ? 'EROFS' : String(error.code)];
  if (reason === undefined) return undefined;
  const path = 'path' in error ? String(error.path) : `a file below ${root}`;
  const isFull = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  return new Failure('usage', {
    code: isFull ? 'DISK_FULL' : 'FOLDER_UNUSABLE',
    message: `${path}: ${reason} (${error.code} at ${error.syscall}). What was complete before is as it was.`,
    fix: `${isFull ? `Free some space below ${root}` : `Make ${root} a folder that this user may write`}, or name another with --artifacts DIR; then run the same command again.`,
    cause: error,
  });
}
