import {parseHTML} from 'linkedom';
import {describe, expect, test} from 'vitest';
import {type Metric, metrics} from '../../pipeline/core/gate/metrics.ts';
import {describeRun} from '../../pipeline/report/describe-run.ts';
import {renderHtml} from '../../pipeline/report/html.ts';
import {renderMarkdown} from '../../pipeline/report/markdown.ts';
import {renderModelCard} from '../../pipeline/report/model-card.ts';
import {formatTerminal} from '../../pipeline/report/terminal.ts';
import {evaluation} from '../helpers/evaluation.ts';
import {artifact, promoted} from '../helpers/promoted-run.ts';

const toys: Metric[] = [
  {
    name: 'toyScore',
    scope: 'test rows',
    unit: 'target',
    better: 'lower',
    description: 'twice the mean absolute error',
    value: ({mae}) => (mae === undefined ? undefined : 2 * mae),
  },
  {
    name: 'toyFit',
    scope: 'fit',
    unit: null,
    better: null,
    description: 'rows of the fit for each degree of freedom',
    value: ({rows, degreesOfFreedom}) => rows / degreesOfFreedom,
  },
];
const table = [...metrics, ...toys];

describe('a metric that is only a row of the table', () => {
  const facts = {...promoted, evaluation, rules: [{metric: 'toyScore', max: 0.5}], verdict: null};
  const report = describeRun(facts, table);

  // the mean absolute error is 0.4, and 120 rows leave 117 degrees of freedom
  test('appears in the terminal', () => {
    const text = formatTerminal(report, (_, words) => words, 80);
    expect(text).toMatch(/\n {2}toyScore {4}0\.8 {2}at most 0\.5 {2}missed\n/);
    expect(text).toMatch(/\n {2}toyScore kg +0\.8 +0\.8 +0 \(0 %\)\n/);
    expect(text).toContain('toyFit 1.02564;');
  });

  test('appears in report.md', () => {
    const text = renderMarkdown(report);
    expect(text).toMatch(/\n\| `toyScore` kg +\| +0\.8 \|/);
    expect(text).toMatch(/\| class .*\| toyScore \|\n/);
    expect(text).toContain('toyFit 1.02564;');
  });

  test('appears in report.html', () => {
    const {document} = parseHTML(renderHtml(report, ''));
    const cells = [...document.querySelectorAll('[aria-label="Scores"] tr')].map(row => row.textContent);
    expect(cells).toContain('toyScore kg0.80.80 (0 %)');
    expect(document.querySelector('[aria-label="Scores by class"] thead')?.textContent).toContain('toyScore');
  });

  test('appears in the model card, with what it is', () => {
    const card = renderModelCard({artifact, evaluation, about: undefined}, table);
    expect(card).toContain('\n- `toyScore`: twice the mean absolute error\n');
    expect(card).toMatch(/\n\| `toyScore` kg +\| +0\.8 \|\n/);
    expect(card).toContain('toyFit 1.02564;');
  });
});
