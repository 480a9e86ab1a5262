import {describe, expect, test} from 'vitest';
import {type CardFacts, renderModelCard} from '../../pipeline/report/model-card.ts';
import {sealArtifact} from '../../serve/artifact/artifact.ts';
import {evaluation} from '../helpers/evaluation.ts';
import {oddContent, planeContent} from '../helpers/server-artifact.ts';

const {artifact} = sealArtifact(planeContent());
/** What is known of it. */
const ofY = {
  ...evaluation,
  targets: Object.fromEntries(Object.values(evaluation.targets).map(scores => ['y', scores])),
  worst: evaluation.worst.map(row => ({...row, target: 'y'})),
  statistics: {
    ...evaluation.statistics,
    targets: evaluation.statistics.targets.map(target => ({...target, target: 'y'})),
  },
};
const about = {
  title: 'Planes',
  description: 'Points of a plane.',
  creators: 'Euclid',
  licence: 'CC BY 4.0',
  licenceUrl: 'https://creativecommons.org/licenses/by/4.0/',
  citation: 'Euclid (−300). Elements.',
  notes: ['Row 3 was smudged.', 'Row 4 too.'],
  intendedUse: 'To teach.',
  outOfScope: 'Anything else.',
  ethics: 'Points have no feelings.',
};

const cardOf = (facts: Partial<CardFacts> = {}) =>
  renderModelCard({artifact, evaluation: ofY, about, ...facts});

/** The text below a heading. */
function sectionOf(card: string, title: string): string {
  const [, text = ''] = card.split(`\n## ${title}\n\n`);
  return text.split('\n\n## ')[0]?.trim() ?? '';
}

describe('the model card', () => {
  // Mitchell et al. (2019), Model Cards for Model Reporting, figure 1
  test('has the sections of the proposal, in its order', () => {
    expect(cardOf().match(/^##? .*/gm)).toEqual([
      '# Model card: plane',
      '## Model details',
      '## Intended use',
      '## Factors',
      '## Metrics',
      '## Evaluation data',
      '## Training data',
      '## Quantitative analyses',
      '## Ethical considerations',
      '## Caveats and recommendations',
    ]);
  });

  test('is the same bytes for the same facts', () => {
    expect(cardOf(structuredClone({artifact, evaluation: ofY, about}))).toBe(cardOf());
    expect(cardOf()).toMatch(/[^\n]\n$/);
  });

  test('tells what the descriptor states', () => {
    const card = cardOf();
    expect(sectionOf(card, 'Model details')).toBe(
      [
        '- Kind: linear regression by ordinary least squares, with an intercept; one target',
        `- Version: \`${artifact.version}\`, the beginning of the hash of all that the model is made of`,
        '- Fitted by: csv-to-server with ml-regression-multivariate-linear 2.0.4',
        '- Citation of the data: Euclid (−300). Elements.',
        '- Licence of the data: CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)',
        '',
        '`y` in kg = 5 + 2 · `a` + 3 · `b`',
      ].join('\n'),
    );
    expect(sectionOf(card, 'Intended use')).toBe(
      'To teach.\n\nNot for: Anything else.\n\nInputs outside the training ranges below are answered with a warning: the model is not known to hold there.',
    );
    expect(sectionOf(card, 'Training data')).toBe(
      [
        'Planes, by Euclid. Points of a plane.',
        '',
        '- Source: a local file',
        `- SHA-256: \`${'ab'.repeat(32)}\``,
        '- Rows: 10, of which 8 to train on',
        '- Note: Row 3 was smudged.',
        '- Note: Row 4 too.',
      ].join('\n'),
    );
    expect(sectionOf(card, 'Ethical considerations')).toBe('Points have no feelings.');
  });

  test('says that nobody has stated what the descriptor does not', () => {
    const card = cardOf({about: undefined});
    expect(card).toContain('- Citation of the data: nobody has stated one');
    expect(card).toContain('- Licence of the data: nobody has stated one');
    expect(sectionOf(card, 'Intended use')).toMatch(
      /^Nobody has stated what the model is for\.\n\nNot for: nobody has stated what it must not be used for\.\n/,
    );
    expect(sectionOf(card, 'Training data')).toMatch(/^Nobody has described the dataset\.\n/);
    expect(sectionOf(card, 'Ethical considerations')).toBe('Nobody has stated any.');
  });

  test('tells how well the model predicts, and what to beware of', () => {
    const card = cardOf();
    const analyses = sectionOf(card, 'Quantitative analyses');
    expect(analyses).toContain('| `mse` kg²                |    0.25 |\n');
    expect(analyses).toContain(
      '| y     |    1 |  0.5 | 0.54 | 0.4 |                 0.3 |     1.25 | 0.9 | -0.0625 |',
    );
    expect(analyses).toContain('| b            |     -0.5 | -1.125 to 0.125 |   0.0625 | 1.25 |');
    expect(analyses).toContain('| 12       |      5 |      6.25 |              -1.25 |   2.5 × |');
    expect(sectionOf(card, 'Factors')).toContain(
      'The model does not use `class`, and was scored for each value of it.',
    );
    expect(sectionOf(card, 'Metrics')).toContain('- `rmse`: root of the mean squared error\n');
    expect(sectionOf(card, 'Metrics')).toContain(
      '0.125 to 0.375: 95 %, the percentiles of 1,000 bootstrap resamples of the test rows, seed 7',
    );
    expect(sectionOf(card, 'Caveats and recommendations').split('\n')).toEqual([
      '- Mind the notes on the training data.',
      '- A linear model: it cannot follow what is not a weighted sum of its features.',
      '- Only 2 test rows: the scores are uncertain.',
      '- Groups with fewer than 30 test rows, whose scores are uncertain: `class=x` (29), `class=y` (1).',
      '- Collinear features: `a`. Their coefficients must not be read one by one; predictions are not harmed while the features keep moving together.',
      '- Train and evaluate again when the data change, and watch the share of inputs outside the training ranges at `/metrics`.',
    ]);
  });

  test('of a model that this program has not evaluated has the scores that are part of it', () => {
    expect(sectionOf(cardOf({evaluation: null}), 'Quantitative analyses')).toBe(
      [
        '| score     | value |',
        '| --------- | ----: |',
        '| `rmse` kg |   0.5 |',
        '| `mse` kg² |  0.25 |',
        '| `mae` kg  |   0.4 |',
        '| `r2`      |  0.95 |',
      ].join('\n'),
    );
  });

  // GitHub-flavoured Markdown: no line break in a code span, and no heading, tag or link out of a text
  test('lets no name or text break out of its place', () => {
    const odd = sealArtifact(oddContent()).artifact;
    const card = cardOf({
      artifact: odd,
      about: {notes: ['one\n## two <img src=x> [a](javascript:b)'], title: '# x'},
    });
    expect(card.match(/^##? .*/gm)).toHaveLength(10);
    expect(card).toContain('- Note: one \\#\\# two \\<img src=x\\> \\[a\\](javascript:b)');
    expect(card).toContain('| constructor (\\<µm²\\>)               |');
  });
});
