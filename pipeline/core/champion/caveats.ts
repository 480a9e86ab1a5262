import type {Comparison} from './comparison.ts';
import type {Overlap} from './overlap.ts';

/** Says what limits a comparison, a line each: features that only one model uses, and test rows that the champion knew. */
export function listCaveats({
  ownFeatures,
  overlap,
  difference,
}: Extract<Comparison, {status: 'compared'}>): string[] {
  const {champion, challenger} = ownFeatures;
  return [
    ...(champion.length > 0 ? [`only the champion uses ${champion.join(', ')}`] : []),
    ...(challenger.length > 0 ? [`only the challenger uses ${challenger.join(', ')}`] : []),
    describeOverlap(overlap, difference.rows),
  ];
}

/** Says how many test rows the champion knew from its training, which makes its score look better than it is. */
function describeOverlap(overlap: Overlap, testRows: number): string {
  if (overlap.rows === null) {
    return `how many of the test rows the champion was trained on cannot be told: ${overlap.reason}`;
  }
  if (overlap.rows === 0) return 'the champion was trained on none of the test rows';
  const known = overlap.rows === testRows ? 'every test row' : `${overlap.rows} of the ${testRows} test rows`;
  return `the champion was trained on ${known}, which flatters it`;
}
