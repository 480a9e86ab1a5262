import type {Descriptor} from '../dataset/descriptor-schema.ts';
import {type Metric, metrics} from './metrics.ts';

export type Rule = Descriptor['gate']['rules'][number];
export type ChampionRule = NonNullable<Descriptor['gate']['champion']>;

/** Where a rule was declared, and so where it can be changed; `default` where nobody declared any. */
export type RuleOrigin = 'descriptor' | '--max-mse' | '--min-r2' | 'default';

export interface AskedRule extends Rule {
  from: RuleOrigin;
}

/** All that the gate asks of one model: at least one rule, and maybe how it must stand to the champion. */
export interface GateRules {
  rules: AskedRule[];
  champion?: ChampionRule | undefined;
}

/** What the gate asks where nothing is declared: the model must beat predicting the training mean. */
const defaultRule: AskedRule = {metric: 'baseline.ratio', max: 1, from: 'default'};

/** Chooses the rules: the declared ones, with the limits given on the command line in the place of those of the same metric. */
export function chooseRules(
  declared: Descriptor['gate'] | undefined,
  limits: {maxMse?: number | undefined; minR2?: number | undefined},
): GateRules {
  const given: AskedRule[] = [];
  if (limits.maxMse !== undefined) given.push({metric: 'mse', max: limits.maxMse, from: '--max-mse'});
  if (limits.minR2 !== undefined) given.push({metric: 'r2', min: limits.minR2, from: '--min-r2'});
  const kept = (declared?.rules ?? []).flatMap((rule): AskedRule[] =>
    given.some(({metric}) => metric === rule.metric) ? [] : [{...rule, from: 'descriptor'}],
  );
  const rules = [...given, ...kept];
  return {rules: rules.length > 0 ? rules : [defaultRule], champion: declared?.champion};
}

/** Keeps the rules that can be judged before an image is built and tested. */
export function dropImageRules<R extends Rule>(rules: readonly R[], table: readonly Metric[] = metrics): R[] {
  const needImage = new Set(table.filter(({scope}) => scope === 'image').map(({name}) => name));
  return rules.filter(({metric}) => !needImage.has(metric));
}

/** Whether a value lies within limits, both inclusive; no value lies within any. */
export function isWithin(
  value: number | null,
  {max, min}: {max?: number | undefined; min?: number | undefined},
): boolean {
  return value !== null && (max === undefined || value <= max) && (min === undefined || value >= min);
}

/** The name that the champion's rule goes by in a verdict. */
export function nameIncrease(metric: string): string {
  return `champion.${metric}.increase`;
}

/** The metric in `champion.<metric>.increase`; null for the name of another rule. */
export function readIncreaseName(name: string): string | null {
  return /^champion\.(.+)\.increase$/s.exec(name)?.[1] ?? null;
}
