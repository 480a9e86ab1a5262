import {Failure} from '../core/failure.ts';
import {findWithdrawal} from '../core/release/channel-log.ts';
import {readChannelLog} from '../io/registry/channel-log.ts';
import type {Repository} from '../io/registry/registry.ts';

/**
 * Refuses to promote to a channel what a rollback took from it: only a rollback that names it goes back to it.
 *
 * @throws Failure of kind `rejected` that says when, by whom and why it was withdrawn.
 */
export async function requireNotWithdrawn(
  repository: Repository,
  channel: string,
  {digest, tag}: {digest: string; tag: string},
): Promise<void> {
  const log = await readChannelLog(repository, channel, ({from, to}) => [from, to].includes(digest));
  const withdrawal = findWithdrawal(log, digest);
  if (withdrawal === undefined) return;
  const {time, who, reason} = withdrawal;
  const by = who === null ? '' : ` by ${who}`;
  throw new Failure('rejected', {
    code: 'RELEASE_WITHDRAWN',
    message: `${channel} was rolled back from ${tag} (${digest}) at ${time}${by}${reason === null ? '' : `: ${reason}`}. A run does not promote a withdrawn release again.`,
    fix: `To promote it all the same: npm run rollback -- --to ${tag}. Other data, another seed or another server make another release.`,
  });
}
