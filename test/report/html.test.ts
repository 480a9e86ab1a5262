import {parseHTML} from 'linkedom';
import {describe, expect, test} from 'vitest';
import {describeRun} from '../../pipeline/report/describe-run.ts';
import {drawFigures} from '../../pipeline/report/figures/draw-figures.ts';
import {renderHtml} from '../../pipeline/report/html.ts';
import {formatInterval, formatNumber, formatScore} from '../../pipeline/report/number-text.ts';
import type {RunFacts} from '../../pipeline/report/run-facts.ts';
import {compared} from '../helpers/promoted-run.ts';
import {cases, style, usual, verdict} from '../helpers/report-cases.ts';
import {drawNormals, trainForReport} from '../helpers/report-facts.ts';

const render = (facts: RunFacts) => renderHtml(describeRun(facts), style);

/** The texts of a table's cells, by the name of the table. */
function readTable(page: string, name: string): string[][] {
  const {document} = parseHTML(page);
  const table = document.querySelector(`[aria-label="${name}"] table`);
  return [...(table?.querySelectorAll('tr') ?? [])].map(row =>
    [...row.querySelectorAll('th, td')].map(cell => (cell.textContent ?? '').trim()),
  );
}

describe.each(Object.entries(cases))('a report with %s', (_, facts) => {
  const page = render(facts);

  test('is one file without scripts, addresses to load, or ids that count', () => {
    const {document} = parseHTML(page);
    expect(document.querySelectorAll('script, link, img, iframe, object, use, [href], [src]')).toHaveLength(
      0,
    );
    expect(page).not.toMatch(/url\(|@import|<script/);
    expect(new Set([...document.querySelectorAll('[id]')].map(({id}) => id.replace(/-\d+$/, '')))).toEqual(
      new Set(
        ['outcome', 'scores', 'fit', 'coefficients', 'gate', 'group', 'worst', 'data', 'evidence'].filter(
          id => page.includes(`id="${id}`),
        ),
      ),
    );
  });

  test('tells what each drawing shows', () => {
    const {document} = parseHTML(page);
    for (const svg of document.querySelectorAll('svg')) {
      expect(svg.getAttribute('role')).toBe('img');
      expect(svg.getAttribute('aria-label')?.length).toBeGreaterThan(30);
      const figure = svg.closest('figure');
      expect(figure?.querySelector('h3')?.textContent).not.toBe('');
      expect(figure?.querySelector('figcaption')?.textContent).not.toBe('');
    }
  });
});

describe('report.html', () => {
  const page = render(usual);

  test('shows the numbers of metrics.json to the digit that every report shows', () => {
    const {evaluation} = usual;
    const scores = new Map(readTable(page, 'Scores').map(([name, value]) => [name, value]));
    expect(scores.get('mse cm²')).toBe(formatNumber(evaluation.mse));
    expect(scores.get('maxError cm')).toBe(formatNumber(evaluation.maxError));
    expect(scores.get('r2')).toBe(formatScore(evaluation.r2));
    const [first] = evaluation.statistics.targets;
    const table = readTable(page, 'Coefficients for y').slice(1);
    expect(table.map(([, estimate, interval]) => [estimate, interval])).toEqual(
      first?.coefficients.map(line => [formatNumber(line.estimate), formatInterval(line)]),
    );
    const worst = readTable(page, 'Worst test rows').slice(1);
    expect(worst.map(([row, actual]) => [row, actual])).toEqual(
      evaluation.worst.map(({row, actual}) => [String(row), formatNumber(actual)]),
    );
    expect(readTable(page, 'Scores by kind').map(([value]) => value)).toEqual([
      'kind',
      ...(evaluation.groups[0]?.values.map(({value}) => value) ?? []),
    ]);
  });

  test('shows each rule of the gate with value, limit and result', () => {
    expect(readTable(render({...usual, verdict}), 'Gate')).toEqual([
      ['rule', 'value', 'limit', 'result'],
      ['mse', '1.08', 'at most 0.2', 'failed'],
      ['champion.mse.increase', '25 %', 'at most 2 %', 'passed: not significant'],
    ]);
  });

  test('before the gate shows what it will ask, and whether that is met', () => {
    const rules = [
      {metric: 'r2', min: 0.1},
      {metric: 'mse', max: 0.001},
      {metric: 'smoke.p99Ms', max: 5},
    ];
    const table = readTable(render({...usual, rules}), 'Gate');
    expect(table.slice(1).map(([metric, , limit, result]) => [metric, limit, result])).toEqual([
      ['r2', 'at least 0.1', 'met'],
      ['mse', 'at most 0.001', 'missed'],
      ['smoke.p99Ms', 'at most 5', 'not known yet'],
    ]);
  });

  test('shows the champion beside the model', () => {
    const table = readTable(render({...usual, comparison: compared}), 'Scores');
    expect(table[0]).toEqual(['score', 'this model', 'champion', 'difference']);
    expect(table.find(([name]) => name === 'mse cm²')?.[2]).toBe('0.2');
  });

  test('says that its figures are missing, and how to get them', () => {
    const bare = render({...usual, figures: null});
    expect(bare).not.toContain('<svg');
    expect(bare).toContain(
      'this version folder holds no figures.json. Train again to draw them: npm run train.',
    );
  });

  test('has the same bytes for the same facts', () => {
    const figures = drawFigures(usual.figureData, 'c'.repeat(40));
    expect(render({...usual, figures})).toBe(page);
  });

  test('of many rows stays small, and says what its figures leave out', () => {
    const count = 20_000;
    const x = drawNormals(count, 4);
    const w = drawNormals(count, 5);
    const at = (values: number[], i: number) => values[i] ?? Number.NaN;
    const large = trainForReport({
      features: {x, w},
      targets: {
        y: x.map((value, i) => value ** 2 + at(w, i)),
        z: x.map((value, i) => value - at(w, i) ** 3),
      },
      categories: {k: x.map((_, i) => `group ${i % 5000}`)},
    });
    const text = render(large);
    expect(text.length).toBeLessThan(1_000_000);
    expect(text).toContain('The 4,000 rows of the test set in hexagons');
    expect(text).toMatch(/\d+ of 16,000 rows of the training set: all at both ends/);
    expect(text).toContain('group 11 (4) and 4,988 more values');
  });
});
