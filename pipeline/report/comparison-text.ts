import type {Comparison} from '../core/champion/comparison.ts';
import type {Overlap} from '../core/champion/overlap.ts';
import type {PairedDifference} from '../core/champion/paired-difference.ts';
import {formatNumber} from './number-text.ts';

/**
 * Says what the paired difference amounts to: "squared error a row, challenger − champion: 0.015 (95 % interval
 * -0.0002 to 0.0303), not distinguishable on 30 rows".
 */
export function describeDifference({of, mean, interval, rows}: PairedDifference): string {
  const amount = `${of} a row, challenger − champion: ${formatNumber(mean, 4)}`;
  if (interval === null) return `${amount}; one row tells nothing about others`;
  const {level, low, high} = interval;
  const bounds = `${100 * level} % interval ${formatNumber(low, 4)} to ${formatNumber(high, 4)}`;
  return `${amount} (${bounds}), ${judgeInterval(low, high)} on ${rows} rows`;
}

/** What limits a comparison, one line each: features that only one model uses, and test rows that the champion knew. */
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

function judgeInterval(low: number, high: number): string {
  if (low === 0 && high === 0) return 'the same';
  if (low > 0) return 'distinguishably worse';
  return high < 0 ? 'distinguishably better' : 'not distinguishable';
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
