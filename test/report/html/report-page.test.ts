import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {HtmlValidate} from 'html-validate';
import {parseHTML} from 'linkedom';
import type {Browser} from 'playwright-core';
import {afterAll, describe, expect, test} from 'vitest';
import {drawFigures} from '../../../pipeline/report/figures/draw-figures.ts';
import type {ReportFacts} from '../../../pipeline/report/html/report-facts.ts';
import {renderReportPage} from '../../../pipeline/report/html/report-page.ts';
import {formatInterval, formatNumber, formatScore} from '../../../pipeline/report/number-text.ts';
import {findBarriers, launchBrowser, visit} from '../../helpers/browser.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {testWith} from '../../helpers/parts.ts';
import {build, compared} from '../../helpers/promoted-run.ts';
import {drawNormals, trainForReport} from '../../helpers/report-facts.ts';

const style = ['serve/page/client/base.css', 'pipeline/report/html/report.css']
  .map(file => readFileSync(file, 'utf8'))
  .join('');
const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document'],
  rules: {'doctype-style': ['error', {style: 'lowercase'}]},
});

const [a, b, noise] = [drawNormals(200, 1), drawNormals(200, 2), drawNormals(200, 3)] as [
  number[],
  number[],
  number[],
];
const at = (values: number[], i: number) => values[i] ?? Number.NaN;

/** y = 2a − b + noise, with a category that is missing in some rows. */
const usual = trainForReport({
  unit: 'cm',
  features: {a, b},
  targets: {y: a.map((value, i) => 2 * value - at(b, i) + at(noise, i))},
  categories: {kind: a.map((value, i) => (i % 7 === 0 ? null : value > 0 ? 'high' : 'low'))},
  others: {unused: a.map((value, i) => (i % 5 === 0 ? null : value))},
});
const gate = {
  passed: false,
  rules: [
    {metric: 'mse', value: 1.08, max: 0.2, passed: false},
    {metric: 'champion.mse.increase', value: 0.25, max: 0.02, passed: true},
  ],
};

/** What may stand in a report, each of which must be a page in order. */
const cases: Record<string, ReportFacts> = {
  usual,
  'several targets and odd names': {
    ...trainForReport({
      name: 'data',
      unit: 'km/h & <more> "',
      features: {'a <b> & "c"': a, 'ünïcödé — 特徴 </svg><script>alert(1)</script>': b, '&lt;': noise},
      targets: {
        'y&<1>': a.map((value, i) => 1e6 + 3 * value + at(noise, i) ** 3),
        "z'": a.map((value, i) => 1e-7 * (value - at(b, i))),
      },
      categories: {'kind "q"': a.map(value => (value > 0 ? '<pos>' : '"neg"&'))},
    }),
    outcome: 'rejected',
    error: {code: 'GATE_REJECTED', message: 'Not promoted: <mse>.', fix: 'Train & try "again".'},
    gate,
    build,
  },
  'one feature and an exact fit': trainForReport({
    features: {a},
    targets: {y: a.map(value => 2 * value + 1)},
  }),
  'as many coefficients as rows': trainForReport({features: {a: [1, 2, 4]}, targets: {y: [1, 2.5, 5]}}),
  'no figures, no evaluation': {...usual, figures: null, evaluation: null},
  'a champion beside it': {...usual, outcome: 'promoted', comparison: compared, gate, build},
  'a champion that cannot be scored': {
    ...usual,
    comparison: {status: 'incomparable', champion: compared.champion, reasons: ['features: <none>']},
  },
};

/** The texts of a table's cells, by the name of the table. */
function readTable(page: string, name: string): string[][] {
  const {document} = parseHTML(page);
  const table = document.querySelector(`[aria-label="${name}"] table`);
  return [...(table?.querySelectorAll('tr') ?? [])].map(row =>
    [...row.querySelectorAll('th, td')].map(cell => (cell.textContent ?? '').trim()),
  );
}

describe.each(Object.entries(cases))('a report with %s', (_, facts) => {
  const page = renderReportPage(facts, style);

  test('is valid HTML', async () => {
    const report = await validator.validateString(page);
    expect(report.results.flatMap(({messages}) => messages)).toEqual([]);
  });

  test('is one file without scripts, addresses to load, or ids that count', () => {
    const {document} = parseHTML(page);
    expect(document.querySelectorAll('script, link, img, iframe, object, use, [href], [src]')).toHaveLength(
      0,
    );
    expect(page).not.toMatch(/url\(|@import|<script/);
    expect(new Set([...document.querySelectorAll('[id]')].map(({id}) => id.replace(/-\d+$/, '')))).toEqual(
      new Set(
        ['outcome', 'scores', 'fit', 'coefficients', 'group', 'worst', 'data', 'provenance'].filter(id =>
          page.includes(`id="${id}`),
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
  const page = renderReportPage(usual, style);

  test('shows the numbers of metrics.json to the digit that every report shows', () => {
    const {evaluation} = usual;
    if (evaluation === null) throw new Error('not evaluated');
    const scores = new Map(readTable(page, 'Scores').map(([name, value]) => [name, value]));
    expect(scores.get('mse')).toBe(`${formatNumber(evaluation.mse)} cm²`);
    expect(scores.get('maxError')).toBe(`${formatNumber(evaluation.maxError)} cm`);
    expect(scores.get('r2')).toBe(formatScore(evaluation.r2));
    const [first] = evaluation.statistics.targets;
    const table = readTable(page, 'Coefficients for y').slice(1);
    expect(table.map(([, estimate, , , , interval]) => [estimate, interval])).toEqual(
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
    expect(readTable(renderReportPage({...usual, gate}, style), 'Gate')).toEqual([
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
    const table = readTable(renderReportPage({...usual, rules}, style), 'Gate');
    expect(table.slice(1).map(([metric, , limit, result]) => [metric, limit, result])).toEqual([
      ['r2', 'at least 0.1', 'met'],
      ['mse', 'at most 0.001', 'missed'],
      ['smoke.p99Ms', 'at most 5', 'not known yet'],
    ]);
  });

  test('shows the champion beside the model', () => {
    const table = readTable(renderReportPage({...usual, comparison: compared}, style), 'Scores');
    expect(table[0]).toEqual(['score', 'this model', 'champion', 'difference', 'predicting the mean']);
    expect(table.find(([name]) => name === 'mse')?.[2]).toBe('0.2');
  });

  test('says that its figures are missing, and how to get them', () => {
    const bare = renderReportPage({...usual, figures: null}, style);
    expect(bare).not.toContain('<svg');
    expect(bare).toContain(
      'this version folder holds no figures.json. Train again to draw them: npm run train.',
    );
  });

  test('has the same bytes for the same facts', () => {
    const again = {...usual, figures: {commit: 'c'.repeat(40), ...drawFigures(usual.figureData)}};
    expect(renderReportPage(again, style)).toBe(page);
  });

  test('of 200,000 rows is under 1 MB, and drawn within seconds', () => {
    const count = 200_000;
    const x = drawNormals(count, 4);
    const w = drawNormals(count, 5);
    const large = trainForReport({
      features: {x, w},
      targets: {
        y: x.map((value, i) => value ** 2 + at(w, i)),
        z: x.map((value, i) => value - at(w, i) ** 3),
      },
      categories: {k: x.map((_, i) => `group ${i % 5000}`)},
    });
    const begin = performance.now();
    drawFigures(large.figureData);
    expect(performance.now() - begin).toBeLessThan(10_000);
    const text = renderReportPage(large, style);
    expect(text.length).toBeLessThan(1_000_000);
    expect(text).toContain('The 40000 rows of the test set in hexagons');
    expect(text).toMatch(/\d+ of 160000 rows of the training set: all at both ends/);
  });
});

describe('in a browser', () => {
  const folder = makeFolder();
  let browser: Browser | undefined;
  afterAll(() => browser?.close());

  for (const [name, facts] of Object.entries(cases)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      testWith('chromium')(
        `a report with ${name} has no barriers that axe-core finds, ${colorScheme}`,
        async () => {
          browser ??= await launchBrowser();
          const file = join(folder, `${Object.keys(cases).indexOf(name)}.html`);
          writeFileSync(file, renderReportPage(facts, style));
          const {page, problems} = await visit(browser, pathToFileURL(file).href, {colorScheme});
          expect(await findBarriers(page)).toEqual([]);
          for (const width of [360, 1280]) {
            await page.setViewportSize({width, height: 900});
            expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
          }
          await page.emulateMedia({media: 'print', colorScheme});
          expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
            'rgb(255, 255, 255)',
          );
          expect(problems).toEqual([]);
          await page.context().close();
        },
      );
    }
  }
});
