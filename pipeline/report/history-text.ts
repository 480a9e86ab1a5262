import type {ChannelMove} from '../core/release/channel-log.ts';
import type {History} from '../io/registry/history.ts';
import {formatNumber} from './number-text.ts';
import {layOutTable} from './text-table.ts';

const columns = ['channel', 'tag', 'digest', 'mse', 'built (UTC)', 'parent'];

const moveColumns = ['when (UTC)', 'move', 'from', 'to', 'who', 'why'];

/** What a repository holds, and how its channel was moved. */
export interface RecordedHistory extends History {
  /** Newest first. */
  moves: readonly Omit<ChannelMove, 'channel'>[];
  /** Why the log does not go further back; null where it is whole. */
  logProblem: string | null;
  /** What the channel held at the time that was asked about. */
  at?: {time: string; digest: string | null};
}

/** Formats the history as tables for a person; what is wrong with broken releases stands below. */
export function formatHistory(history: RecordedHistory): string {
  const {repository, channel, releases, moves, logProblem, at} = history;
  const tags = new Map(releases.map(({digest, tag}) => [digest, tag]));
  const nameRelease = (digest: string | null) => tags.get(digest) ?? shorten(digest);
  if (at !== undefined) {
    const held =
      at.digest === null ? 'nothing that its log knows of' : `${nameRelease(at.digest)} (${at.digest})`;
    return `${repository}:${channel} held ${held} at ${at.time}.`;
  }
  if (releases.length === 0) return `${repository} holds no release yet.`;
  const rows = releases.map(({tag, digest, mse, builtAt, parent, channels, problem}) => [
    channels.join(', '),
    tag ?? '–',
    shorten(digest),
    mse === null ? '–' : formatNumber(mse),
    problem === null ? formatTime(builtAt) : 'broken',
    shorten(parent),
  ]);
  const problems = releases.flatMap(({tag, channels, problem}) =>
    problem === null ? [] : [`${tag ?? channels.join(', ')} is broken: ${problem}`],
  );
  const moveRows = moves.map(({time, action, from, to, who, reason}) => [
    formatTime(time),
    action,
    nameRelease(from),
    nameRelease(to),
    who ?? '–',
    reason ?? '–',
  ]);
  const log = moves.length === 0 ? [] : ['', `Moves of ${channel}`, ...layOut(moveColumns, moveRows)];
  const broken =
    logProblem === null ? [] : [`The log of ${channel} does not go further back: ${logProblem}.`];
  return [repository, ...layOut(columns, rows), ...problems, ...log, ...broken].join('\n');
}

function layOut(names: readonly string[], rows: string[][]): string[] {
  return layOutTable(
    names.map(name => ({name, align: 'left'}) as const),
    rows,
  );
}

function shorten(digest: string | null): string {
  return digest?.replace(/^sha256:/, '').slice(0, 12) ?? '–';
}

function formatTime(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}
