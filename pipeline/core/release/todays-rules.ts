import type {Descriptor} from '../dataset/descriptor.ts';
import {Failure} from '../failure.ts';
import {nameIncrease, type Rule} from '../gate/rules.ts';
import type {VerdictEvidence} from './evidence.ts';

/**
 * Refuses a verdict that was given by laxer rules than the descriptor has now.
 *
 * @param folder the version folder, for messages.
 * @throws Failure of kind `rejected` that lists each rule that was not asked as it is now.
 */
export function requireTodaysRules(verdict: VerdictEvidence, {gate}: Descriptor, folder: string): void {
  const {champion, rules} = gate;
  const increase = champion && {metric: nameIncrease(champion.metric), max: champion.maxIncrease};
  const isCompared = verdict.comparison.status === 'compared';
  const asked: Rule[] = [...rules, ...(increase !== undefined && isCompared ? [increase] : [])];
  const missed = asked.filter(
    ({metric, max, min}) =>
      !verdict.rules.some(
        judged =>
          judged.metric === metric &&
          (max === undefined || (judged.max !== undefined && judged.max <= max)) &&
          (min === undefined || (judged.min !== undefined && judged.min >= min)),
      ),
  );
  if (missed.length === 0) return;
  throw new Failure('rejected', {
    code: 'VERDICT_OUTDATED',
    message: `${folder}/verdict.json does not answer what the descriptor asks now: ${missed
      .map(({metric, max, min}) =>
        [metric, max === undefined ? '' : `at most ${max}`, min === undefined ? '' : `at least ${min}`]
          .filter(part => part !== '')
          .join(' '),
      )
      .join('; ')}.`,
    fix: 'Judge the model by the rules of today: npm run gate.',
  });
}
