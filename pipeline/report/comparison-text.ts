import {listCaveats} from '../core/champion/caveats.ts';
import type {PairedDifference} from '../core/champion/paired-difference.ts';
import {type Block, code, type Mark, paragraph, say} from './document.ts';
import {formatCount, formatNumber} from './number-text.ts';
import type {RunFacts} from './run-facts.ts';

/** Names what a model was compared with, as shortly as is unique; null without it. */
export function nameChampion(comparison: RunFacts['comparison']): Mark | null {
  if (!comparison || !('champion' in comparison)) return null;
  const {tag, version} = comparison.champion;
  return code(tag === '' ? version : tag);
}

/** Says what a model was compared with, and what the comparison is worth. */
export function describeComparison(comparison: RunFacts['comparison']): Block[] {
  const champion = nameChampion(comparison) ?? '';
  switch (comparison?.status) {
    case 'compared': {
      const items = [describeDifference(comparison.difference), ...listCaveats(comparison)].map(
        startSentence,
      );
      return [paragraph(say`The champion is ${champion}, scored on the same rows.`), {type: 'list', items}];
    }
    case 'incomparable':
      return [
        paragraph(
          say`The champion ${champion} cannot be scored on these rows, so only the absolute rules decide:`,
        ),
        {type: 'list', items: comparison.reasons},
      ];
    case 'first':
      return [
        paragraph('There was no champion to compare with: the channel has no release before this one.'),
      ];
    case 'none':
      return [paragraph('Without a registry there was no champion to compare with.')];
    default:
      return [];
  }
}

function describeDifference({of, mean, interval, rows}: PairedDifference): string {
  const amount = `${of} a row, challenger − champion: ${formatNumber(mean, 4)}`;
  if (interval === null) return `${amount}; one row tells nothing about others`;
  const {level, low, high} = interval;
  const bounds = `${formatNumber(100 * level)} % interval ${formatNumber(low, 4)} to ${formatNumber(high, 4)}`;
  return `${amount} (${bounds}), ${judgeInterval(low, high)} on ${formatCount(rows, 'row')}`;
}

function judgeInterval(low: number, high: number): string {
  if (low === 0 && high === 0) return 'the same';
  if (low > 0) return 'distinguishably worse';
  return high < 0 ? 'distinguishably better' : 'not distinguishable';
}

function startSentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
