import stringWidth from 'string-width';
import {describe, expect, test} from 'vitest';
import type {Evaluation} from '../../pipeline/core/evaluation/evaluation.ts';
import {describeRun} from '../../pipeline/report/describe-run.ts';
import type {RunFacts} from '../../pipeline/report/run-facts.ts';
import {formatTerminal, type Paint} from '../../pipeline/report/terminal.ts';
import {evaluation} from '../helpers/evaluation.ts';
import {artifact, compared, promoted} from '../helpers/promoted-run.ts';

const plain: Paint = (_, text) => text;
/** What a run prints that differs from the promoted one, on a terminal of 80 columns. */
const print = (change: Partial<RunFacts> = {}, paint = plain, width = 80) =>
  formatTerminal(describeRun({...promoted, ...change}), paint, width);

/** The lines below a title, up to the next. */
function linesBelow(text: string, title: string): string[] {
  const lines = text.split('\n');
  const begin = lines.indexOf(title) + 1;
  const end = lines.indexOf('', begin);
  return lines.slice(begin, end < 0 ? undefined : end);
}

/** The evaluation with other coefficients. */
function withCoefficients(
  change: (
    known: Evaluation['statistics']['targets'][number]['coefficients'],
  ) => Evaluation['statistics']['targets'][number]['coefficients'],
): Evaluation {
  const {statistics} = evaluation;
  const targets = statistics.targets.map(target => ({...target, coefficients: change(target.coefficients)}));
  return {...evaluation, statistics: {...statistics, targets}};
}

describe('the report for a terminal', () => {
  test('is a short summary and tables, none of which repeats it', () => {
    const text = print({evaluation, folder: 'artifacts/iris/0123456789ab'});
    expect(`\n${text.replaceAll(artifact.version, 'VERSION')}\n`).toMatchInlineSnapshot(`
      "
      PROMOTED iris VERSION
        The channel production now holds registry/iris:0123456789ab-01234567, in the
        place of ba9876543210-76543210.
        data             iris: 150 rows (network), sha256 eeeeeeeeeeee…
        split            120 rows to train on, 30 to test on, seed 7
        artifact         artifacts/iris/0123456789ab
        image            iris:0123456789ab-01234567 sha256:aaaaaaaaaaaa… (docker)
        size             150 MiB uncompressed, of which server and model 0.083 MiB
        base             node:24 sha256:cccccccccccc…
        smoke test       1 of 1 checks passed
        times            ready after 582 ms, p99 of a prediction 1.25 ms
        release          registry/iris:0123456789ab-01234567 sha256:aaaaaaaaaaaa… in
                         channel production
        champion before  ba9876543210-76543210 sha256:dddddddddddd…

      Gate: passed
        rule                   value  limit        result
        mse                     0.25  at most 0.3  passed
        champion.mse.increase   25 %  at most 2 %  passed: not significant

      Scores on 30 test rows
        score                   this model  champion     difference
        rmse kg                        0.5       0.4   +0.1 (+25 %)
        mse kg²                       0.25       0.2  +0.05 (+25 %)
        mse.ci.lower kg²             0.125
        mse.ci.upper kg²             0.375
        mae kg                         0.4       0.4        0 (0 %)
        medianAbsoluteError kg         0.3
        maxError kg                   1.25
        r2                             0.9     0.925         -0.025
        bias kg                    -0.0625
        cv.mse.mean kg²               0.26
        cv.mse.sd kg²                 0.04
        baseline.mse kg²               2.5
        baseline.ratio                 0.1
        The champion is ba9876543210-76543210, scored on the same rows.
        - Squared error a row, challenger − champion: 0.05 (95 % interval -0.01235 to
          0.1123), not distinguishable on 30 rows.
        - The champion was trained on 28 of the 30 test rows, which flatters it.

      Coefficients
        On the training rows: r2 0.92; adjustedR2 0.91; residualStandardError 0.5 kg;
        vif.max 12.5; condition 4.5; F 600.25 on 2 and 117 degrees of freedom, p <
        2e-16.
        coefficient   estimate    95 % interval         p   vif  standardised
        intercept kg       1.5           1 to 2  0.000123
        a kg per m           2     1.75 to 2.25   < 2e-16  12.5           0.5
        b                 -0.5  -1.125 to 0.125    0.0625  1.25           0.5

      Test rows by class
        class  rows  rmse   mse  mae  medianAbsoluteError  maxError   r2     bias
        x        29   0.5  0.24  0.4                  0.3      1.25  0.9  -0.0625
        y         1   0.5  0.54  0.4                  0.3      1.25  0.9  -0.0625
      "
    `);
  });

  test('of a run that failed at once is one word and a sentence: the reason goes to stderr', () => {
    const error = {code: 'DATA_UNREACHABLE', message: 'no answer', fix: 'Try again.'};
    expect(formatTerminal(describeRun({outcome: 'failed', error}), plain, 80)).toBe(
      'FAILED\n  The run did not reach its end.',
    );
  });

  test.each([
    {interval: {low: 0.01, high: 0.2}, words: 'distinguishably worse on 30 rows'},
    {interval: {low: -0.2, high: -0.01}, words: 'distinguishably better on 30 rows'},
    {interval: {low: 0, high: 0}, words: 'the same on 30 rows'},
  ])('calls an interval of $interval.low to $interval.high $words', ({interval, words}) => {
    const difference = {...compared.difference, interval: {level: 0.95, ...interval} as const};
    const text = print({comparison: {...compared, difference}}, plain, 200);
    expect(text).toContain(words);
  });

  test('says what a comparison lacks', () => {
    const comparison = {
      ...compared,
      difference: {...compared.difference, interval: null, rows: 1},
      overlap: {rows: null, reason: 'other data'},
      ownFeatures: {champion: ['b'], challenger: ['c', 'd']},
    };
    expect(linesBelow(print({comparison}), 'Scores on 30 test rows').slice(-7)).toEqual([
      '  The champion is ba9876543210-76543210, scored on the same rows.',
      '  - Squared error a row, challenger − champion: 0.05; one row tells nothing',
      '    about others.',
      '  - Only the champion uses b.',
      '  - Only the challenger uses c, d.',
      '  - How many of the test rows the champion was trained on cannot be told: other',
      '    data.',
    ]);
  });

  test('gives what is good and what is bad its colour', () => {
    const paint: Paint = (style, text) => `<${style}>${text}</${style}>`;
    const rules = [
      {metric: 'mse', value: 0.25, max: 0.3, passed: true},
      {metric: 'r2', value: 0.9, min: 0.95, passed: false},
    ];
    const text = print({outcome: 'rejected', verdict: {passed: false, rules}}, paint);
    expect(text).toMatch(/^<bad>REJECTED<\/bad> iris /);
    expect(text).toContain('<title>Gate: failed</title>');
    expect(text).toMatch(/r2 .*<bad>failed<\/bad>/);
    expect(text).toMatch(/mse .*<good>passed<\/good>/);
  });
});

describe('the tables for a terminal', () => {
  test('are never wider than it', () => {
    const long = 'x'.repeat(60);
    const wide = withCoefficients(known => known.map(line => ({...line, feature: line.feature && long})));
    const groups = evaluation.groups.map(({values}) => ({column: long, values}));
    for (const width of [60, 80, 120]) {
      const text = print({evaluation: {...wide, groups}}, plain, width);
      const tables = text.split('\n').filter(line => /^ {2}\S+.* {2,}\S/.test(line));
      expect(tables.length).toBeGreaterThan(20);
      expect(Math.max(...tables.map(line => stringWidth(line)))).toBeLessThanOrEqual(width);
    }
  });

  test('stay aligned with names of wide characters', () => {
    const wide = withCoefficients(known =>
      known.map(line => ({...line, feature: line.feature === 'a' ? '長さ' : line.feature})),
    );
    const lines = linesBelow(print({evaluation: wide}), 'Coefficients');
    const endOf = (name: string, cell: string) => {
      const line = lines.find(text => text.startsWith(`  ${name} `)) ?? '';
      return stringWidth(line.slice(0, line.indexOf(cell) + cell.length));
    };
    expect(endOf('長さ', '1.75 to 2.25')).toBe(endOf('b', '-1.125 to 0.125'));
  });

  test('keep names on one line, and from what a terminal would obey', () => {
    const [group] = evaluation.groups;
    const values = ['\u001b[31mred\nx', 'y'.repeat(60)].flatMap(value =>
      (group?.values ?? []).slice(0, 1).map(known => ({...known, value})),
    );
    const text = print({evaluation: {...evaluation, groups: [{column: 'class', values}]}}, plain, 120);
    expect(
      linesBelow(text, 'Test rows by class')
        .slice(1)
        .map(line => line.slice(0, 50)),
    ).toEqual([
      '  \ufffd[31mred\ufffdx                                  29  ',
      `  ${'y'.repeat(39)}…    29  `,
    ]);
  });

  test('end after twelve coefficients', () => {
    const many = withCoefficients(([, , last]) => (last === undefined ? [] : Array(25).fill(last)));
    expect(linesBelow(print({evaluation: many}), 'Coefficients').at(-1)).toBe(
      '  And 13 more in report.html.',
    );
  });
});
