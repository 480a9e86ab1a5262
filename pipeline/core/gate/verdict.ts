import * as z from 'zod';
import {Comparison} from '../champion/comparison.ts';
import {isSurelyWorse} from '../champion/paired-difference.ts';
import {isWithin, readIncreaseName} from './rules.ts';

export const RuleResult = z.strictObject({
  metric: z.string(),
  /** null where the metric is undefined, which fails the rule. */
  value: z.number().nullable(),
  max: z.number().optional(),
  min: z.number().optional(),
  passed: z.boolean(),
});
export type RuleResult = z.infer<typeof RuleResult>;

/**
 * What the gate found: each rule with its value and limit, and what the model was compared with.
 *
 * One that contradicts itself is refused: it was changed after the gate wrote it.
 */
export const Verdict = z
  .strictObject({passed: z.boolean(), rules: z.array(RuleResult), comparison: Comparison})
  .superRefine((verdict, context) => {
    for (const problem of listVerdictContradictions(verdict)) context.addIssue(problem);
  });
export type Verdict = z.infer<typeof Verdict>;

function listVerdictContradictions({
  passed,
  rules,
  comparison,
}: {
  passed: boolean;
  rules: RuleResult[];
  comparison: Comparison;
}): string[] {
  const failed = rules.filter(rule => !rule.passed);
  return [
    ...rules.flatMap(rule => listContradictions(rule, comparison)),
    ...(passed ? failed.map(({metric}) => `it passed, and its rule about ${metric} failed`) : []),
    ...(!passed && failed.length === 0 ? ['it failed, and each of its rules passed'] : []),
    ...(rules.length === 0 ? ['it has no rule'] : []),
  ];
}

function listContradictions(rule: RuleResult, comparison: Comparison): string[] {
  const {metric, value, max, min, passed} = rule;
  const name = `the rule about ${metric}`;
  if (max === undefined && min === undefined) return [`${name} has no limit`];
  if (passed === isWithin(value, rule)) return [];
  if (!passed) return [`${name} failed, and its value ${value} is within its limit`];
  // an increase that chance may explain is excused where the rule asks for significance
  const mayBeExcused =
    readIncreaseName(metric) !== null &&
    comparison.status === 'compared' &&
    !isSurelyWorse(comparison.difference);
  if (mayBeExcused) return [];
  if (value === null) return [`${name} passed, and it has no value`];
  const miss = max !== undefined && value > max ? `above ${max}` : `below ${min}`;
  return [`${name} passed, and its value ${value} is ${miss}`];
}
