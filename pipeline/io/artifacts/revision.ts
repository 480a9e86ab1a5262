import {execFile} from 'node:child_process';
import {promisify} from 'node:util';

export interface Revision {
  /** Full hash of the checked-out commit, with `-dirty` where tracked files differ from it. */
  commit: string;
  /** The commit's date, ISO 8601. */
  date: string;
  /** Address of the remote named origin, without credentials; null without one. */
  source: string | null;
}

/** The commit that this program was checked out from; null outside a git checkout or without git. */
export async function readRevision(): Promise<Revision | null> {
  const git = async (...args: string[]) => {
    const {stdout} = await promisify(execFile)('git', args, {cwd: import.meta.dirname, timeout: 10_000});
    return stdout.trim();
  };
  try {
    const [commit = '', date = ''] = (await git('log', '-1', '--format=%H %cI')).split(' ');
    const dirty = (await git('status', '--porcelain', '--untracked-files=no')) !== '';
    const remote = await git('config', '--default', '', '--get', 'remote.origin.url');
    return {commit: dirty ? `${commit}-dirty` : commit, date, source: stripCredentials(remote)};
  } catch {
    return null; // no git, no checkout or no commit: the image then carries no revision
  }
}

function stripCredentials(remote: string): string | null {
  // a path of this machine tells nobody else anything
  if (!/^(https?|ssh|git):\/\/|^[\w.-]+@[\w.-]+:/.test(remote)) return null;
  return remote.replace(/^(\w+:\/\/)[^/@]*@/, '$1');
}
