import type {Sliced} from './slices.ts';

const elementsPerSlice = 1_000;

/** Writes a value as JSON.stringify does, long lists in it a part at a time. */
export function* writeJson(value: unknown): Sliced<string> {
  if (Array.isArray(value)) {
    const parts: string[] = [];
    for (let from = 0; from < value.length; from += elementsPerSlice) {
      const isShort = value.length <= elementsPerSlice;
      parts.push(JSON.stringify(isShort ? value : value.slice(from, from + elementsPerSlice)).slice(1, -1));
      yield;
    }
    return `[${parts.join()}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${yield* writeJson(member)}`);
  }
  return `{${members.join()}}`;
}
