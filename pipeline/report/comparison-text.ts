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

function judgeInterval(low: number, high: number): string {
  if (low === 0 && high === 0) return 'the same';
  if (low > 0) return 'distinguishably worse';
  return high < 0 ? 'distinguishably better' : 'not distinguishable';
}
