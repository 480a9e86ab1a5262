import {closest, distance} from 'fastest-levenshtein';

/** Returns ` Did you mean "x"?` (with its leading space) for the candidate that a typing slip could have turned into `text`, else ''. */
export function suggestName(text: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return '';
  const typed = text.toLowerCase();
  const lowered = candidates.map(candidate => candidate.toLowerCase());
  const near = closest(typed, lowered);
  const slips = distance(typed, near);
  // one slip in three letters, or the same letters in another order: more makes a suggestion a guess
  const few = slips < near.length && slips <= Math.max(1, Math.floor(near.length / 3));
  const likely = few || sortLetters(typed) === sortLetters(near);
  return likely ? ` Did you mean "${candidates[lowered.indexOf(near)]}"?` : '';
}

/** Lists the few candidates that are the nearest to a text, the nearest first. */
export function listNearest(text: string, candidates: readonly string[], count = 3): string[] {
  const typed = text.toLowerCase();
  return candidates
    .map(candidate => ({candidate, slips: distance(typed, candidate.toLowerCase())}))
    .sort((a, b) => a.slips - b.slips)
    .slice(0, count)
    .map(({candidate}) => candidate);
}

function sortLetters(text: string): string {
  return [...text].sort().join('');
}
