import {html} from 'hono/html';
import {listMetricValues} from '../../core/gate/measure.ts';
import {isWithin} from '../../core/gate/rules.ts';
import {describeRuleCells} from '../comparison-cells.ts';
import {formatScore} from '../number-text.ts';
import {describeLimit} from '../rule-text.ts';
import {type Html, left, renderTable, right} from './elements.ts';
import type {ReportFacts} from './report-facts.ts';

/** Renders each rule of the gate with its value, limit and result. */
export function renderGate({passed, rules}: NonNullable<ReportFacts['gate']>): Html {
  return html`<h3>Gate: ${passed ? 'passed' : 'failed'}</h3>
${renderRules(
  rules.map(rule => {
    const {value, limit, result} = describeRuleCells(rule);
    return [rule.metric, value, limit, rule.passed ? result : renderBad(result)];
  }),
)}`;
}

/** Renders what is known before the gate has judged: some of its values come from the image and the smoke test. */
export function renderAwaitedGate({smoke, rules, evaluation}: ReportFacts): Html {
  const tested =
    smoke === null ? '' : smoke.passed ? ', but it passed the smoke test' : ': it failed the smoke test';
  const values = evaluation === null ? new Map<string, number | null>() : listMetricValues({evaluation});
  return html`<h3>Gate: not judged</h3>
<p>The gate has not judged this version in this run${tested}.</p>
${
  rules.length === 0
    ? ''
    : renderRules(
        rules.map(rule => {
          const value = values.get(rule.metric);
          const {metric} = rule;
          if (value === undefined) return [metric, '', describeLimit(rule), 'not known yet'];
          const isMet = isWithin(value, rule);
          return [metric, formatScore(value), describeLimit(rule), isMet ? 'met' : renderBad('missed')];
        }),
      )
}`;
}

function renderRules(
  rows: readonly [metric: string, value: string, limit: string, result: string | Html][],
): Html {
  return renderTable(
    'Gate',
    [left('rule'), right('value'), left('limit'), left('result')],
    rows.map(([metric, ...cells]) => [html`<code>${metric}</code>`, ...cells]),
  );
}

function renderBad(result: string): Html {
  return html`<strong class="outside">${result}</strong>`;
}
