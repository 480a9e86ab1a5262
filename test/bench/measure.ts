import {spawn, spawnSync} from 'node:child_process';
import {setTimeout as sleep} from 'node:timers/promises';

/** A named thing to measure once; the number is what is compared. */
export interface Contender {
  name: string;
  measure(): Promise<number>;
}

/**
 * Measures contenders in rounds, in an order shuffled for every round, after one round that does not count.
 *
 * @returns the median of each, by name, in the unit of `measure`.
 */
export async function compare(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Map<string, number>> {
  const values = new Map(contenders.map(({name}) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const {name, measure} of shuffle(contenders)) {
      const value = await measure();
      if (round > 0) values.get(name)?.push(value);
    }
  }
  return new Map([...values].map(([name, list]) => [name, median(list)]));
}

/** Wall time of a whole process in ms; throws with what it wrote when it fails. */
export async function timeProcess(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const begin = performance.now();
  const child = spawn(command, args, {env, stdio: ['ignore', 'ignore', 'pipe']});
  let stderr = '';
  child.stderr.on('data', chunk => (stderr += chunk));
  const code = await new Promise(resolve => child.once('close', resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr}`);
  return performance.now() - begin;
}

/** Time in ms from starting a server process to its first 200 on a path. */
export async function timeToFirstAnswer(
  script: string,
  env: Record<string, string>,
  path: string,
): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, [script], {env: {...process.env, ...env}, stdio: 'ignore'});
  try {
    while (performance.now() - begin < 10_000) {
      const answer = await fetch(`http://127.0.0.1:${env.PORT}${path}`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.status === 200) return performance.now() - begin;
      await sleep(1);
    }
    throw new Error(`${script} gave no answer within 10 s`);
  } finally {
    const ended = new Promise(resolve => child.once('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }
}

/** The first Python that can import scikit-learn and pandas, or undefined. */
export function findReferencePython(): string | undefined {
  const candidates = [process.env.REFERENCE_PYTHON ?? 'python3', 'python'];
  return candidates.find(python => spawnSync(python, ['-c', 'import sklearn, pandas']).status === 0);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

export interface Row {
  what: string;
  measured: string;
  goal?: string;
}

/** Prints rows as an aligned table. */
export function printTable(title: string, rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({what}) => what.length));
  const lines = rows.map(({what, measured, goal}) =>
    `  ${what.padEnd(width)}  ${measured.padStart(12)}  ${goal ? `goal ${goal}` : ''}`.trimEnd(),
  );
  process.stdout.write(`\n${title}\n${lines.join('\n')}\n`);
}

function shuffle<T>(items: readonly T[]): T[] {
  return items
    .map(item => ({item, key: Math.random()}))
    .sort((a, b) => a.key - b.key)
    .map(({item}) => item);
}
