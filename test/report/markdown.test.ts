import {describe, expect, test} from 'vitest';
import type {Comparison} from '../../pipeline/core/champion/comparison.ts';
import {describeRun} from '../../pipeline/report/describe-run.ts';
import {renderMarkdown} from '../../pipeline/report/markdown.ts';
import type {RunFacts} from '../../pipeline/report/run-facts.ts';
import {sealArtifact} from '../../serve/artifact/artifact.ts';
import {evaluation, twoTargets} from '../helpers/evaluation.ts';
import {artifact, champion, promoted, scores} from '../helpers/promoted-run.ts';
import {pairContent} from '../helpers/server-artifact.ts';

/** The report of a run that differs from the promoted one. */
const reportOn = (change: Partial<RunFacts> = {}) => renderMarkdown(describeRun({...promoted, ...change}));

/** The text below a heading. */
function sectionOf(report: string, title: string): string {
  const [, text = ''] = report.split(`\n## ${title}\n\n`);
  return text.split('\n\n## ')[0] ?? '';
}

describe('report.md', () => {
  test('is one screen with everything a reviewer asks', () => {
    const report = reportOn();
    expect(report.replaceAll(artifact.version, 'VERSION')).toMatchInlineSnapshot(`
      "# Promoted: \`iris\` \`VERSION\`

      The channel \`production\` now holds \`registry/iris:0123456789ab-01234567\`, in the place of \`ba9876543210-76543210\`.

      ## Gate: passed

      | rule                    | value | limit       | result                  |
      | ----------------------- | ----: | ----------- | ----------------------- |
      | \`mse\`                   |  0.25 | at most 0.3 | passed                  |
      | \`champion.mse.increase\` |  25 % | at most 2 % | passed: not significant |

      ## Scores on 30 test rows

      | score     | this model | champion |    difference |
      | --------- | ---------: | -------: | ------------: |
      | \`rmse\` kg |        0.5 |      0.4 |  +0.1 (+25 %) |
      | \`mse\` kg² |       0.25 |      0.2 | +0.05 (+25 %) |
      | \`mae\` kg  |        0.4 |      0.4 |       0 (0 %) |
      | \`r2\`      |        0.9 |    0.925 |        -0.025 |

      The champion is \`ba9876543210-76543210\`, scored on the same rows.

      - Squared error a row, challenger − champion: 0.05 (95 % interval -0.01235 to 0.1123), not distinguishable on 30 rows.
      - The champion was trained on 28 of the 30 test rows, which flatters it.

      ## Coefficients

      Their statistics cannot be read from metrics.json.

      | coefficient | estimate |
      | ----------- | -------: |
      | intercept   |        5 |
      | a           |        2 |
      | b           |        3 |

      ## Evidence

      |                 |                                                                                                                                         |
      | --------------- | --------------------------------------------------------------------------------------------------------------------------------------- |
      | data            | iris: 150 rows (network), sha256 \`eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\`                                     |
      | split           | 120 rows to train on, 30 to test on, seed 7                                                                                             |
      | image           | \`iris:0123456789ab-01234567\` \`sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\` (docker)                         |
      | size            | 150 MiB uncompressed, of which server and model 0.083 MiB                                                                               |
      | base            | \`node:24\` \`sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\`                                                     |
      | smoke test      | 1 of 1 checks passed                                                                                                                    |
      | times           | ready after 582 ms, p99 of a prediction 1.25 ms                                                                                         |
      | release         | \`registry/iris:0123456789ab-01234567\` \`sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\` in channel \`production\` |
      | champion before | \`ba9876543210-76543210\` \`sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd\`                                       |

      ## Reproduce

      \`\`\`sh
      npm run pipeline -- --dataset data/iris.json --seed 7
      \`\`\`
      "
    `);
    expect(report.split('\n').length).toBeLessThan(60);
    expect(reportOn()).toBe(report);
  });

  test('adds what the evaluation knows, and stays one screen', () => {
    const report = reportOn({evaluation});
    const begin = report.indexOf('## Scores');
    expect(report.slice(begin, report.indexOf('## Evidence'))).toMatchInlineSnapshot(`
      "## Scores on 30 test rows

      | score                    | this model | champion |    difference |
      | ------------------------ | ---------: | -------: | ------------: |
      | \`rmse\` kg                |        0.5 |      0.4 |  +0.1 (+25 %) |
      | \`mse\` kg²                |       0.25 |      0.2 | +0.05 (+25 %) |
      | \`mse.ci.lower\` kg²       |      0.125 |          |               |
      | \`mse.ci.upper\` kg²       |      0.375 |          |               |
      | \`mae\` kg                 |        0.4 |      0.4 |       0 (0 %) |
      | \`medianAbsoluteError\` kg |        0.3 |          |               |
      | \`maxError\` kg            |       1.25 |          |               |
      | \`r2\`                     |        0.9 |    0.925 |        -0.025 |
      | \`bias\` kg                |    -0.0625 |          |               |
      | \`cv.mse.mean\` kg²        |       0.26 |          |               |
      | \`cv.mse.sd\` kg²          |       0.04 |          |               |
      | \`baseline.mse\` kg²       |        2.5 |          |               |
      | \`baseline.ratio\`         |        0.1 |          |               |

      The champion is \`ba9876543210-76543210\`, scored on the same rows.

      - Squared error a row, challenger − champion: 0.05 (95 % interval -0.01235 to 0.1123), not distinguishable on 30 rows.
      - The champion was trained on 28 of the 30 test rows, which flatters it.

      ## Coefficients

      On the training rows: r2 0.92; adjustedR2 0.91; residualStandardError 0.5 kg; vif.max 12.5; condition 4.5; F 600.25 on 2 and 117 degrees of freedom, p < 2e-16.

      | coefficient  | estimate |   95 % interval |        p |  vif | standardised | standard error |   t |
      | ------------ | -------: | --------------: | -------: | ---: | -----------: | -------------: | --: |
      | intercept kg |      1.5 |          1 to 2 | 0.000123 |      |              |          0.125 |  16 |
      | a kg per m   |        2 |    1.75 to 2.25 |  < 2e-16 | 12.5 |          0.5 |          0.125 |  16 |
      | b            |     -0.5 | -1.125 to 0.125 |   0.0625 | 1.25 |          0.5 |          0.125 |  16 |

      ## Test rows by class

      | class | rows | rmse |  mse | mae | medianAbsoluteError | maxError |  r2 |    bias |
      | ----- | ---: | ---: | ---: | --: | ------------------: | -------: | --: | ------: |
      | x     |   29 |  0.5 | 0.24 | 0.4 |                 0.3 |     1.25 | 0.9 | -0.0625 |
      | y     |    1 |  0.5 | 0.54 | 0.4 |                 0.3 |     1.25 | 0.9 | -0.0625 |

      ## Worst test rows

      | data row | actual | predicted | actual − predicted | in rmse |
      | -------- | -----: | --------: | -----------------: | ------: |
      | 12       |      5 |      6.25 |              -1.25 |   2.5 × |
      | 3        |      4 |         3 |                  1 |     2 × |

      "
    `);
    expect(report.split('\n').length).toBeLessThan(90);
  });

  test('has the scores and the coefficients of each of several targets', () => {
    const two = sealArtifact({
      ...pairContent(),
      targets: pairContent().targets.map((target, i) => ({...target, name: ['height', 'width'][i] ?? ''})),
    });
    const report = reportOn({artifact: two.artifact, evaluation: twoTargets, comparison: {status: 'none'}});
    expect(report).toContain(
      '| width  |  0.5 | 0.75 | 0.4 |                 0.3 |     1.25 | 0.9 | -0.0625 |',
    );
    expect(sectionOf(report, 'Coefficients for width')).toContain('residualStandardError 0.5; ');
    expect(sectionOf(report, 'Coefficients for width')).toContain(
      '| b           |     -0.5 | -1.125 to 0.125 |',
    );
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
    const report = reportOn({evaluation: large});
    expect(sectionOf(report, 'Test rows by class')).toMatch(/\| 11 .*\n\nAnd 88 more in report\.html\.$/);
    expect(sectionOf(report, 'Coefficients')).toMatch(/\n\nAnd 88 more in report\.html\.$/);
    expect(report.split('\n').length).toBeLessThan(120);
  });

  test('says why nothing was promoted, and what to do', () => {
    const error = {
      code: 'GATE_REJECTED',
      message: "Not promoted: mse is 25 % above the champion's, at most 2 % allowed.",
      fix: 'Train a better model.',
    };
    const rules = [{metric: 'champion.mse.increase', value: 0.25, max: 0.02, passed: false}];
    const report = reportOn({outcome: 'rejected', verdict: {passed: false, rules}, release: null, error});
    expect(report.replaceAll(artifact.version, 'VERSION')).toMatch(
      /^# Rejected: `iris` `VERSION`\n\nNothing was promoted: this run has not moved the channel.\n\n```text\nGATE_REJECTED: Not promoted: mse is 25 % above the champion's, at most 2 % allowed.\n→ Train a better model.\n```\n/,
    );
    expect(report).toContain('| `champion.mse.increase` |  25 % | at most 2 % | **failed** |');
    expect(sectionOf(report, 'Evidence')).not.toContain('| release');
  });

  test.each<{comparison: Comparison; words: string}>([
    {
      comparison: {status: 'none'},
      words: 'Without a registry there was no champion to compare with.',
    },
    {
      comparison: {status: 'first'},
      words: 'There was no champion to compare with: the channel has no release before this one.',
    },
    {
      comparison: {
        status: 'incomparable',
        champion,
        reasons: ['features: today\'s rows lack the champion\'s "b"'],
      },
      words:
        'The champion `ba9876543210-76543210` cannot be scored on these rows, so only the absolute rules decide:\n\n- features: today\'s rows lack the champion\'s "b"',
    },
  ])('says of a comparison that is $comparison.status what it means', ({comparison, words}) => {
    const report = reportOn({comparison});
    expect(sectionOf(report, 'Scores on 30 test rows')).toContain(`\n\n${words}`);
    expect(report).toContain('| score     | value |');
  });

  test('of a run that failed at once has its error and the command', () => {
    const error = {code: 'DATA_UNREACHABLE', message: 'no answer', fix: 'Try again.'};
    const {commandLine} = promoted;
    expect(renderMarkdown(describeRun({outcome: 'failed', error, commandLine}))).toBe(
      [
        '# Failed',
        'The run did not reach its end.',
        '```text\nDATA_UNREACHABLE: no answer\n→ Try again.\n```',
        '## Reproduce',
        '```sh\nnpm run pipeline -- --dataset data/iris.json --seed 7\n```\n',
      ].join('\n\n'),
    );
  });

  // GitHub-flavoured Markdown: a pipe ends a cell even in a code span; more backticks outside than inside
  test('lets no name or message break out of its place', () => {
    const name = 'a|b`c*<img>';
    const odd = sealArtifact({
      ...pairContent(),
      targets: pairContent().targets.map((target, i) => ({...target, name: i === 0 ? name : 'height'})),
      metrics: {...artifact.metrics, targets: {[name]: scores, height: scores}},
    });
    const report = reportOn({
      artifact: odd.artifact,
      error: {code: 'X', message: 'one\n```\n# two', fix: 'none'},
      comparison: {status: 'incomparable', champion, reasons: [`features: "${name}"`]},
      verdict: {passed: true, rules: [{metric: `mse.${name}`, value: 0.25, max: 1, passed: true}]},
    });
    expect(report).toContain('| ``mse.a\\|b`c*<img>`` |');
    expect(report).toContain('- features: "a\\|b\\`c\\*\\<img\\>"');
    expect(report).toContain('````text\nX: one\n```\n# two\n→ none\n````');
  });
});

describe('the outcome', () => {
  test.each<{outcome: RunFacts['outcome']; title: string; sentence: string}>([
    {
      outcome: 'fetched',
      title: 'Fetched',
      sentence: 'The data were fetched and checked; training on them was not asked for.',
    },
    {
      outcome: 'trained',
      title: 'Trained',
      sentence: 'The model was trained and written; promoting it was not asked for.',
    },
    {
      outcome: 'built',
      title: 'Built',
      sentence: 'Model and server were put together; whether they serve was not tested yet.',
    },
    {
      outcome: 'tested',
      title: 'Tested',
      sentence: 'What was built serves; the gate was not asked about it yet.',
    },
    {
      outcome: 'accepted',
      title: 'Accepted',
      sentence: 'The model may be promoted: every rule of the gate is met.',
    },
    {
      outcome: 'promoted',
      title: 'Promoted',
      sentence:
        'The channel `production` now holds `registry/iris:0123456789ab-01234567`, in the place of `ba9876543210-76543210`.',
    },
    {
      outcome: 'unchanged',
      title: 'Unchanged',
      sentence: 'The channel `production` already holds this model, server and base: nothing was pushed.',
    },
    {
      outcome: 'rolled_back',
      title: 'Rolled back',
      sentence: 'The channel `production` holds `registry/iris:0123456789ab-01234567` again.',
    },
    {
      outcome: 'rejected',
      title: 'Rejected',
      sentence: 'Nothing was promoted: this run has not moved the channel.',
    },
    {outcome: 'failed', title: 'Failed', sentence: 'The run did not reach its end.'},
  ])('$outcome is told in a word and a sentence', ({outcome, title, sentence}) => {
    const [heading, text] = reportOn({outcome}).split('\n\n');
    expect(heading).toBe(`# ${title}: \`iris\` \`${artifact.version}\``);
    expect(text).toBe(sentence);
  });
});
