import {listMetricValues} from '../core/gate/measure.ts';
import type {Metric} from '../core/gate/metrics.ts';
import {isWithin, type Rule, readIncreaseName} from '../core/gate/rules.ts';
import type {RuleResult} from '../core/gate/verdict.ts';
import {code, left, type Mark, right, type Section, type Text, tabulate} from './document.ts';
import {formatScore} from './number-text.ts';
import {describeLimit, formatPercent, formatPercentBeside} from './rule-text.ts';
import type {RunFacts} from './run-facts.ts';

/** Says of each rule what the gate found, or before it was asked what it will find as far as that is known. */
export function describeGate(
  {verdict, rules, evaluation}: RunFacts,
  table: readonly Metric[],
): Section | null {
  const values = evaluation ? listMetricValues({evaluation}, table) : new Map<string, number | null>();
  const rows = verdict?.rules.map(describeResult) ?? rules?.map(rule => foretell(rule, values)) ?? [];
  if (rows.length === 0) return null;
  const columns = [...left('rule'), ...right('value'), ...left('limit', 'result')];
  return {
    id: 'gate',
    title: `Gate: ${verdict ? (verdict.passed ? 'passed' : 'failed') : 'not asked yet'}`,
    blocks: [tabulate('Gate', columns, rows, rows.length)],
  };
}

function foretell(rule: Rule, values: ReadonlyMap<string, number | null>): Text[] {
  const value = values.get(rule.metric);
  const [shown, result] =
    value === undefined
      ? ['', 'not known yet']
      : [formatScore(value), mark(isWithin(value, rule), 'met', 'missed')];
  return [code(rule.metric), shown, describeLimit(rule), result];
}

function describeResult(rule: RuleResult): Text[] {
  const {metric, value, max, passed} = rule;
  const result = mark(passed, 'passed', 'failed');
  if (readIncreaseName(metric) === null || max === undefined)
    return [code(metric), formatScore(value), describeLimit(rule), result];
  const shown = value === null ? 'undefined' : formatPercentBeside(value, max);
  const isExcused = passed && !isWithin(value, rule);
  return [
    code(metric),
    shown,
    `at most ${formatPercent(max)}`,
    isExcused ? 'passed: not significant' : result,
  ];
}

function mark(isGood: boolean, good: string, bad: string): Mark {
  return isGood ? {as: 'good', text: good} : {as: 'bad', text: bad};
}
