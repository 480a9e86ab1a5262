import {Failure} from '../../core/failure.ts';

/** Says in words why a file could not be read, and whether it is not there: one that may not be read is. */
export function explainReadError(error: unknown): {isAbsent: boolean; reason: string} {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
  return {isAbsent, reason: reasons[code] ?? `it cannot be read (${code})`};
}

/** Makes the Failure for a data file that is not there or may not be read, from what its reader threw. */
export function failForReading(shownAs: string, error: unknown, hint = ''): Failure {
  const {isAbsent, reason} = explainReadError(error);
  return new Failure('data', {
    code: isAbsent ? 'DATA_NOT_FOUND' : 'DATA_UNREADABLE',
    message: `${shownAs}: ${reason}${hint}`,
    fix: isAbsent ? 'Correct the name.' : 'Name a file that this user may read, or correct its permissions.',
    cause: error,
  });
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is longer than a file name may be',
};
