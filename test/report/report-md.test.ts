import {describe, expect, test} from 'vitest';
import type {Comparison} from '../../pipeline/core/champion/comparison.ts';
import {renderRunReport} from '../../pipeline/report/report-md.ts';
import {type Result, summariseChampion} from '../../pipeline/run/outcome.ts';
import {evaluation, twoTargets} from '../helpers/evaluation.ts';
import {build, champion, compared, emptyResult, metrics, promoted, scores} from '../helpers/promoted-run.ts';

const commandLine = 'npm run pipeline -- --dataset data/iris.json --seed 7';

/** The report of a run that differs from the promoted one above. */
function reportOn(change: Partial<Result>, comparison: Comparison | undefined = compared): string {
  return renderRunReport({
    result: {...promoted, ...change},
    comparison,
    build,
    evaluation: undefined,
    commandLine,
  });
}

describe('report.md', () => {
  test('is one screen with everything a reviewer asks', () => {
    const report = reportOn({});
    expect(report).toMatchInlineSnapshot(`
      "# Promoted: \`iris\` \`0123456789ab\`

      The channel \`production\` now holds \`registry/iris:0123456789ab-01234567\`. It takes the place of \`ba9876543210-76543210\`.

      ## Scores on 30 test rows

      | score  | challenger | champion |    difference | predicting the mean |
      | ------ | ---------: | -------: | ------------: | ------------------: |
      | \`rmse\` |        0.5 |      0.4 |  +0.1 (+25 %) |                     |
      | \`mse\`  |       0.25 |      0.2 | +0.05 (+25 %) |                 2.5 |
      | \`mae\`  |        0.4 |      0.4 |       0 (0 %) |                     |
      | \`r2\`   |        0.9 |    0.925 |        -0.025 |                     |

      - Squared error a row, challenger − champion: 0.05 (95 % interval -0.01235 to 0.1123), not distinguishable on 30 rows.
      - The champion was trained on 28 of the 30 test rows, which flatters it.

      ## Gate: passed

      | rule                    | value | limit       | result                  |
      | ----------------------- | ----: | ----------- | ----------------------- |
      | \`mse\`                   |  0.25 | at most 0.3 | passed                  |
      | \`champion.mse.increase\` |  25 % | at most 2 % | passed: not significant |

      ## Evidence

      |                 |                                                                                                               |
      | --------------- | ------------------------------------------------------------------------------------------------------------- |
      | release now     | \`sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\`                                     |
      | champion before | \`sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\` \`ba9876543210-76543210\`             |
      | image           | \`iris:0123456789ab-01234567\` (docker)                                                                         |
      | size            | 150 MiB uncompressed, of which server and model 0.083 MiB                                                     |
      | base            | \`node:24\` \`sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\`                           |
      | smoke test      | 1 of 1 checks passed, ready after 582 ms, p99 of a prediction 1.25 ms                                         |
      | data            | \`iris\`, 150 rows, from the network, sha256 \`eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\` |
      | split           | 120 rows to train on, 30 to test on, seed 7                                                                   |

      ## Reproduce

      \`\`\`sh
      npm run pipeline -- --dataset data/iris.json --seed 7
      \`\`\`
      "
    `);
    expect(report.split('\n').length).toBeLessThan(50);
    expect(reportOn({})).toBe(report);
  });

  test('adds what the evaluation knows, and stays one screen', () => {
    const report = renderRunReport({result: promoted, comparison: compared, build, evaluation, commandLine});
    const sections = report.slice(report.indexOf('## Scores'), report.indexOf('## Gate'));
    expect(sections).toMatchInlineSnapshot(`
      "## Scores on 30 test rows

      | score                 | challenger | champion |    difference | predicting the mean |                       |
      | --------------------- | ---------: | -------: | ------------: | ------------------: | --------------------- |
      | \`mse\`                 |       0.25 |      0.2 | +0.05 (+25 %) |                 2.5 |                       |
      | \`mse.ci.lower\`        |      0.125 |          |               |                     | 95 % interval         |
      | \`mse.ci.upper\`        |      0.375 |          |               |                     |                       |
      | \`rmse\`                |        0.5 |      0.4 |  +0.1 (+25 %) |                     |                       |
      | \`mae\`                 |        0.4 |      0.4 |       0 (0 %) |                     |                       |
      | \`medianAbsoluteError\` |        0.3 |          |               |                     |                       |
      | \`maxError\`            |       1.25 |          |               |                     |                       |
      | \`r2\`                  |        0.9 |    0.925 |        -0.025 |                     |                       |
      | \`bias\`                |    -0.0625 |          |               |                     |                       |
      | \`cv.mse.mean\`         |       0.26 |          |               |                     | 5 folds               |
      | \`cv.mse.sd\`           |       0.04 |          |               |                     |                       |
      | \`mse@class=x\`         |       0.24 |          |               |                     | 29 rows, bias -0.0625 |
      | \`mse@class=y\`         |       0.54 |          |               |                     | 1 row, bias -0.0625   |

      - Squared error a row, challenger − champion: 0.05 (95 % interval -0.01235 to 0.1123), not distinguishable on 30 rows.
      - The champion was trained on 28 of the 30 test rows, which flatters it.

      ## Coefficients

      | coefficient | estimate |   95 % interval |        p |  vif |
      | ----------- | -------: | --------------: | -------: | ---: |
      | intercept   |      1.5 |          1 to 2 | 0.000123 |      |
      | \`a\`         |        2 |    1.75 to 2.25 |  < 2e-16 | 12.5 |
      | \`b\`         |     -0.5 | -1.125 to 0.125 |   0.0625 | 1.25 |

      - \`height\`: residual standard error 0.5 on 117 degrees of freedom; r2 0.92, adjusted 0.91; F 600.25 on 2 and 117, p < 2e-16
      - Worst test rows: row 12, 5 predicted as 6.25; row 3, 4 predicted as 3

      "
    `);
    expect(report.split('\n').length).toBeLessThan(65);
  });

  test('has the mse and the coefficients of each of several targets', () => {
    const report = renderRunReport({
      result: promoted,
      comparison: undefined,
      build,
      evaluation: twoTargets,
      commandLine,
    });
    expect(report).toContain('| `mse.width`           |       0.75 |                     |');
    expect(report).toContain('| `width`  | `b`         |     -0.5 | -1.125 to 0.125 |   0.0625 | 1.25 |');
    expect(report).toContain('- `width`: residual standard error 0.5 on 117 degrees of freedom; ');
  });

  test('leaves to report.html what does not fit on the screen', () => {
    const [group] = evaluation.groups;
    const [statistics] = evaluation.statistics.targets;
    const [, coefficient] = statistics?.coefficients ?? [];
    if (group === undefined || statistics === undefined || coefficient === undefined)
      throw new Error('no group');
    const many = Array.from({length: 100}, (_, i) => String(i));
    const values = group.values.slice(0, 1).flatMap(known => many.map(value => ({...known, value})));
    const coefficients = many.map(feature => ({...coefficient, feature}));
    const large = {
      ...evaluation,
      groups: [{column: 'class', values}],
      statistics: {...evaluation.statistics, targets: [{...statistics, coefficients}]},
    };
    const report = renderRunReport({
      result: promoted,
      comparison: compared,
      build,
      evaluation: large,
      commandLine,
    });
    expect(report).toContain('And 86 more scores in `report.html`.');
    expect(report).toContain('And 88 more coefficients in `report.html`.');
    expect(report.split('\n').length).toBeLessThan(90);
  });

  test('says that a first promotion is the first', () => {
    const report = reportOn({champion: null}, {status: 'first'});
    expect(report).toContain('This is the first promotion: the registry had no such channel before.');
    expect(report).toContain('| score  | challenger | predicting the mean |');
  });

  test('says why nothing was promoted, and what to do', () => {
    const error = {
      code: 'GATE_REJECTED',
      message: "Not promoted: mse is 25 % above the champion's, at most 2 % allowed.",
      fix: 'Train a better model.',
    };
    const rules = [{metric: 'champion.mse.increase', value: 0.25, max: 0.02, passed: false}];
    const gate = {passed: false, rules, comparison: 'compared'} as const;
    const report = reportOn({outcome: 'rejected', gate, release: null, error});
    expect(report).toMatch(
      /^# Rejected: `iris` `0123456789ab`\n\nNothing was promoted: this run has not moved the channel.\n\n```text\nGATE_REJECTED: Not promoted: mse is 25 % above the champion's, at most 2 % allowed.\n→ Train a better model.\n```\n/,
    );
    expect(report).toContain('| `champion.mse.increase` |  25 % | at most 2 % | **failed** |');
    expect(report).not.toContain('release now');
  });

  test('says what differs from a champion that cannot be scored', () => {
    const reasons = ['features: today\'s rows lack the champion\'s "b"'];
    const comparison: Comparison = {status: 'incomparable', champion, reasons};
    expect(reportOn({champion: summariseChampion(comparison)}, comparison)).toContain(
      'The champion `ba9876543210-76543210` cannot be scored on these rows, so only the absolute rules decide:\n\n- features: today\'s rows lack the champion\'s "b"\n',
    );
  });

  test('of an unchanged model says that nothing was pushed', () => {
    expect(reportOn({outcome: 'unchanged', smoke: null, gate: null}, undefined)).toContain(
      '# Unchanged: `iris` `0123456789ab`\n\nThe channel `production` already holds this model, server and base: nothing was pushed.',
    );
  });

  test('of a run that failed at once has its error and the command', () => {
    const error = {code: 'DATA_UNREACHABLE', message: 'no answer', fix: 'Try again.'};
    const failed = {...emptyResult, outcome: 'failed' as const, error};
    expect(
      renderRunReport({
        result: failed,
        comparison: undefined,
        build: undefined,
        evaluation: undefined,
        commandLine,
      }),
    ).toBe(
      [
        '# Failed',
        'The run did not reach its end.',
        '```text\nDATA_UNREACHABLE: no answer\n→ Try again.\n```',
        '## Evidence',
        'The run ended before it had any.',
        '## Reproduce',
        '```sh\nnpm run pipeline -- --dataset data/iris.json --seed 7\n```\n',
      ].join('\n\n'),
    );
  });

  test('shows each of several targets, and the words of a comparison without a champion', () => {
    const other = {...scores, mse: 0.75};
    const report = reportOn(
      {metrics: {...metrics, mse: 0.5, targets: {height: scores, width: other}}},
      {status: 'none'},
    );
    expect(report).toContain('| `mse.width`  |       0.75 |                     |');
    expect(report).toContain('Without a registry there was no champion to compare with.');
  });

  // GitHub-flavoured Markdown: a pipe ends a cell even in a code span; more backticks outside than inside
  test('lets no name or message break out of its place', () => {
    const name = 'a|b`c*<img>';
    const report = reportOn(
      {
        metrics: {...metrics, targets: {[name]: scores, height: scores}},
        error: {code: 'X', message: 'one\n```\n# two', fix: 'none'},
      },
      {status: 'incomparable', champion, reasons: [`features: "${name}"`]},
    );
    expect(report).toContain('| ``mse.a\\|b`c*<img>`` |');
    expect(report).toContain('- features: "a\\|b\\`c\\*\\<img\\>"');
    expect(report).toContain('````text\nX: one\n```\n# two\n→ none\n````');
  });
});
