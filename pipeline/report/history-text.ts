import type {History} from '../io/registry/history.ts';
import {formatNumber} from './number-text.ts';
import {layOutTable} from './text-table.ts';

const columns = ['channel', 'tag', 'digest', 'mse', 'built (UTC)', 'parent'];

/** Formats the history as a table for a person; what is wrong with broken releases stands below it. */
export function formatHistory({repository, releases}: History): string {
  if (releases.length === 0) return `${repository} holds no release yet.`;
  const short = (digest: string | null) => digest?.replace(/^sha256:/, '').slice(0, 12) ?? '–';
  const rows = releases.map(({tag, digest, mse, builtAt, parent, channels, problem}) => [
    channels.join(', '),
    tag ?? '–',
    short(digest),
    mse === null ? '–' : formatNumber(mse),
    problem === null ? builtAt.slice(0, 19).replace('T', ' ') : 'broken',
    short(parent),
  ]);
  const problems = releases.flatMap(({tag, channels, problem}) =>
    problem === null ? [] : [`${tag ?? channels.join(', ')} is broken: ${problem}`],
  );
  const header = columns.map(name => ({name, align: 'left'}) as const);
  return [repository, ...layOutTable(header, rows), ...problems].join('\n');
}
