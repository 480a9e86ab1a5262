import * as z from 'zod';
import {Comparison} from '../champion/comparison.ts';

export const RuleResult = z.strictObject({
  metric: z.string(),
  /** null where the metric is undefined, which fails the rule. */
  value: z.number().nullable(),
  max: z.number().optional(),
  min: z.number().optional(),
  passed: z.boolean(),
});
export type RuleResult = z.infer<typeof RuleResult>;

/** What the gate found: each rule with its value and limit, and what the model was compared with. */
export const Verdict = z.strictObject({
  passed: z.boolean(),
  rules: z.array(RuleResult),
  comparison: Comparison,
});
export type Verdict = z.infer<typeof Verdict>;
