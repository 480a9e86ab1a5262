import type {LogEntry} from '../core/release/channel-log.ts';
import {findMoveAt} from '../core/release/channel-log.ts';
import {readChannelLog} from '../io/registry/channel-log.ts';
import {type HistoryEntry, readHistory} from '../io/registry/history.ts';
import {formatHistory} from '../report/history-text.ts';
import {openTarget} from '../run/connect.ts';
import type {Finding, Listing} from '../run/facts.ts';
import type {Run} from '../run/run.ts';

/**
 * The command `history`: lists what a repository holds, which release each channel points at, and how the channel was
 * moved; with `--at` what it held then.
 */
export async function* runHistory(run: Run): Finding<Listing> {
  const repository = await openTarget(run);
  const {channel} = run.environment;
  const [{releases, ...about}, log] = await Promise.all([
    readHistory(repository, channel),
    readChannelLog(repository, channel),
  ]);
  const {at} = run.options;
  // newest first, so that of several the first in time stays
  const promotions = new Map(
    log.entries.flatMap(entry => (entry.action === 'rollback' ? [] : [[entry.to, entry] as const])),
  );
  const history = {
    ...about,
    releases: releases
      .map(release => ({...release, ...describePromotion(promotions.get(release.digest ?? ''), release)}))
      .sort((a, b) => (a.builtAt < b.builtAt ? 1 : a.builtAt > b.builtAt ? -1 : 0)),
    moves: log.entries.map(describeMove),
    logProblem: log.problem,
    ...(at === undefined ? {} : {at: {time: at.toISOString(), digest: findMoveAt(log, at)?.to ?? null}}),
  };
  return {json: history, text: formatHistory(history)};
}

/** When a release was promoted first, and what the channel held before; where the log does not say, what the image does. */
function describePromotion(
  first: LogEntry | undefined,
  {builtAt, parent}: Pick<HistoryEntry, 'builtAt' | 'parent'>,
): Pick<HistoryEntry, 'builtAt' | 'parent'> {
  // images of earlier programs say both themselves
  if (first === undefined || parent !== null) return {builtAt, parent};
  return {builtAt: first.time, parent: first.from};
}

function describeMove({action, from, to, time, reason, who, run}: LogEntry) {
  return {action, from, to, time, reason, who, run};
}
