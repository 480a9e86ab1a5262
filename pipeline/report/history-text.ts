import type {History} from '../io/registry/history.ts';

/** The history as a table for a person. */
export function formatHistory({repository, releases}: History): string {
  if (releases.length === 0) return `${repository} holds no release yet.`;
  const short = (digest: string | null) => digest?.replace(/^sha256:/, '').slice(0, 12) ?? '–';
  const rows = releases.map(({tag, digest, mse, builtAt, parent, channels}) => [
    channels.join(', '),
    tag,
    short(digest),
    mse === null ? '–' : String(Number(mse.toPrecision(6))),
    builtAt.slice(0, 19).replace('T', ' '),
    short(parent),
  ]);
  const table = [['channel', 'tag', 'digest', 'mse', 'built (UTC)', 'parent'], ...rows];
  const widths = table[0]?.map((_, i) => Math.max(...table.map(row => row[i]?.length ?? 0))) ?? [];
  const lines = table.map(row =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [repository, ...lines].join('\n');
}
