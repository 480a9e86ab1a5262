import type {ChannelLog, LogEntry} from '../core/release/channel-log.ts';
import {findMoveAt} from '../core/release/channel-log.ts';
import {readChannelLog} from '../io/registry/channel-log.ts';
import {readHistory} from '../io/registry/history.ts';
import {formatHistory} from '../report/history-text.ts';
import {openTarget} from '../run/connect.ts';
import type {Finding, Listing} from '../run/facts.ts';
import type {Run} from '../run/run.ts';

/**
 * The command `history`: lists what a repository holds, which release each channel points at, and how the channel was
 * moved; with `--at` what it held then.
 */
export async function* runHistory(run: Run): Finding<Listing> {
  const {repository} = await openTarget(run);
  const {channel} = run.environment;
  const [{releases, ...about}, log] = await Promise.all([
    readHistory(repository, channel),
    readChannelLog(repository, channel),
  ]);
  const {at} = run.options;
  const history = {
    ...about,
    releases: releases.map(release => ({
      ...release,
      parent: release.parent ?? findParent(log, release.digest),
    })),
    moves: log.entries.map(describeMove),
    logProblem: log.problem,
    ...(at === undefined ? {} : {at: {time: at.toISOString(), digest: findMoveAt(log, at)?.to ?? null}}),
  };
  return {json: history, text: formatHistory(history)};
}

/** What the channel held before a release was promoted to it for the first time. */
function findParent({entries}: ChannelLog, digest: string | null): string | null {
  return entries.findLast(({action, to}) => action !== 'rollback' && to === digest)?.from ?? null;
}

function describeMove({action, from, to, time, reason, who, run}: LogEntry) {
  return {action, from, to, time, reason, who, run};
}
