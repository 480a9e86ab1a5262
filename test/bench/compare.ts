/** A subject gives named numbers each time that it is measured; one that this machine lacks is left out. */
type Subjects = Record<string, () => Promise<Record<string, number>>>;

/**
 * Measures subjects in rounds, in an order shuffled for every round: what else the machine does meanwhile then
 * falls on all of them alike.
 *
 * @param uncounted rounds before the first that counts.
 * @returns for each subject the median of each of its numbers.
 */
export async function compare<S extends Subjects>(
  subjects: S,
  {rounds, uncounted = 0}: {rounds: number; uncounted?: number},
): Promise<{[K in keyof S]: Awaited<ReturnType<NonNullable<S[K]>>>}> {
  const measured = new Map<string, Record<string, number>[]>();
  for (let round = 0; round < uncounted + rounds; round++) {
    for (const [name, measure] of shuffle(Object.entries(subjects))) {
      const numbers = await measure();
      if (round >= uncounted) measured.set(name, [...(measured.get(name) ?? []), numbers]);
    }
  }
  const medians = [...measured].map(([name, list]) => [name, findMedians(list)]);
  return Object.fromEntries(medians);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}

function findMedians(list: readonly Record<string, number>[]): Record<string, number> {
  const names = Object.keys(list[0] ?? {});
  return Object.fromEntries(names.map(name => [name, median(list.map(it => it[name] ?? Number.NaN))]));
}

function shuffle<T>(items: readonly T[]): T[] {
  return items
    .map(item => ({item, key: Math.random()}))
    .sort((a, b) => a.key - b.key)
    .map(({item}) => item);
}
