import type {Artifact} from '../../serve/artifact/artifact.ts';
import type {About} from '../core/dataset/descriptor-schema.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import {describeFit, describeWorst, listCoefficientLines, listScoreLines} from './evaluation-text.ts';
import {codeSpan, escapeMarkdown, renderTable} from './markdown.ts';
import {formatNumber, formatScore} from './number-text.ts';
import {renderCoefficients} from './report-fit.ts';

/** What a model card is made of. */
export interface CardFacts {
  artifact: Artifact;
  /** null for a model that was never evaluated by this program. */
  evaluation: Evaluation | null;
  /** What the descriptor says of the data and the model's use. */
  about: About | undefined;
}

const maxWorst = 5;
/** A formula with more features than this is no easier to read than the table of coefficients. */
const maxTerms = 10;
/** From here on, textbooks call a feature collinear with the others. */
const highInflation = 10;
/** Fewer rows than this say little about their group. */
const fewRows = 30;

/**
 * Renders a model as a card of Markdown with the sections of Mitchell et al. (2019), Model Cards for Model Reporting,
 * https://doi.org/10.1145/3287560.3287596. The same facts give the same bytes.
 */
export function renderModelCard(facts: CardFacts): string {
  const {artifact} = facts;
  const sections = [
    {title: 'Model details', parts: describeDetails(facts)},
    {title: 'Intended use', parts: describeUse(facts)},
    {title: 'Factors', parts: describeFactors(facts)},
    {title: 'Metrics', parts: describeMetrics(facts)},
    {title: 'Evaluation data', parts: describeEvaluationData(artifact)},
    {title: 'Training data', parts: describeTrainingData(facts)},
    {title: 'Quantitative analyses', parts: describeAnalyses(facts)},
    {title: 'Ethical considerations', parts: [stateOr(facts.about?.ethics, 'Nobody has stated any.')]},
    {title: 'Caveats and recommendations', parts: [renderList(listCaveats(facts))]},
  ];
  return `${[
    `# Model card: ${escapeMarkdown(artifact.name)}`,
    `Version ${codeSpan(artifact.version)}. Predicts ${listNames(artifact.targets)} from ${listNames(artifact.features)}.`,
    ...sections.flatMap(({title, parts}) => [`## ${title}`, ...parts]),
  ].join('\n\n')}\n`;
}

function describeDetails({artifact, about}: CardFacts): string[] {
  const {version, targets, provenance} = artifact;
  const fitter = 'ml-regression-multivariate-linear';
  const library = provenance.libraries[fitter];
  return [
    renderList([
      `Kind: linear regression by ordinary least squares, with an intercept; ${targets.length === 1 ? 'one target' : `${targets.length} targets`}`,
      `Version: ${codeSpan(version)}, the beginning of the hash of all that the model is made of`,
      `Fitted by: csv-to-server${library === undefined ? '' : ` with ${fitter} ${escapeMarkdown(library)}`}`,
      `Citation of the data: ${stateOr(about?.citation, 'nobody has stated one')}`,
      `Licence of the data: ${describeLicence(about)}`,
    ]),
    ...(artifact.features.length > maxTerms ? [] : targets.map(target => describeFormula(artifact, target))),
  ];
}

function describeUse({about}: CardFacts): string[] {
  return [
    stateOr(about?.intendedUse, 'Nobody has stated what the model is for.'),
    `Not for: ${stateOr(about?.outOfScope, 'nobody has stated what it must not be used for.')}`,
    'Inputs outside the training ranges below are answered with a warning: the model is not known to hold there.',
  ];
}

function describeFactors({artifact: {features}, evaluation}: CardFacts): string[] {
  const groups = evaluation?.groups ?? [];
  return [
    'The features, in the order of a row, as they were in the training rows:',
    renderTable(
      [left('feature'), left('unit'), ...['min', 'mean', 'max', 'standard deviation'].map(right)],
      features.map(({name, unit, min, mean, max, scale}) => [
        codeSpan(name),
        escapeMarkdown(unit ?? ''),
        ...[min, mean, max, scale].map(value => formatNumber(value)),
      ]),
    ),
    groups.length === 0
      ? 'No column of the data names groups, so the model was not compared between groups.'
      : `The model does not use ${groups.map(({column}) => codeSpan(column)).join(', ')}, and was scored for each value of it.`,
  ];
}

function describeMetrics({evaluation}: CardFacts): string[] {
  const definitions = [
    '`mse`, `rmse`: mean squared error, and its square root in the unit of the target',
    '`mae`, `medianAbsoluteError`, `maxError`: mean, median and largest absolute error',
    '`r2`: share of the variance of the target that the model explains',
    '`bias`: mean of prediction − actual; above 0, the model predicts too much',
  ];
  const {interval = null, crossValidation = null} = evaluation ?? {};
  if (interval !== null) {
    const {level, resamples, seed} = interval;
    definitions.push(
      `\`mse.ci.lower\`, \`mse.ci.upper\`: ${formatNumber(100 * level)} % interval of \`mse\` by the percentiles of ${resamples} bootstrap resamples of the test rows, seed ${seed}`,
    );
  }
  if (crossValidation !== null) {
    const {folds, seed} = crossValidation;
    definitions.push(
      `\`cv.mse.mean\`, \`cv.mse.sd\`: mean and standard deviation of the mse over ${folds} folds of the training rows, seed ${seed}`,
    );
  }
  return [
    renderList(definitions),
    'Scores over all targets are the mean over the targets. The baseline predicts the training mean of each target.',
  ];
}

function describeEvaluationData({provenance: {split}}: Artifact): string[] {
  const share = formatNumber(100 * split.testSize);
  return [
    `${split.test} rows of the dataset below, ${share} % chosen at random with seed ${split.seed}, which the model was not trained on. They come from the same file: they say nothing about data from elsewhere.`,
  ];
}

function describeTrainingData({artifact: {provenance}, about}: CardFacts): string[] {
  const {dataset, split} = provenance;
  const {title, description, creators, notes = []} = about ?? {};
  const name = [title, creators].filter(part => part !== undefined).map(escapeMarkdown);
  return [
    [
      name.length > 0 ? `${name.join(', by ')}.` : '',
      stateOr(description, 'Nobody has described the dataset.'),
    ]
      .filter(part => part !== '')
      .join(' '),
    renderList([
      `Source: ${dataset.url === null ? 'a local file' : escapeMarkdown(dataset.url)}`,
      `SHA-256: ${codeSpan(dataset.sha256)}`,
      `Rows: ${dataset.rows}, of which ${split.train} to train on`,
      ...notes.map(note => `Note: ${escapeMarkdown(note)}`),
    ]),
  ];
}

function describeAnalyses({artifact, evaluation}: CardFacts): string[] {
  if (evaluation === null) {
    const {metrics} = artifact;
    const scores = (['mse', 'rmse', 'mae', 'r2'] as const).map(name => [
      codeSpan(name),
      formatScore(metrics[name]),
      name === 'mse' ? formatNumber(metrics.baseline.mse) : '',
    ]);
    return [renderTable([left('score'), right('value'), right('baseline')], scores)];
  }
  const {statistics} = evaluation;
  const coefficients = listCoefficientLines(evaluation);
  const worst = describeWorst(evaluation, maxWorst);
  return [
    `On the ${evaluation.rows} test rows:`,
    renderTable(
      [left('score'), right('value'), right('baseline'), left('')],
      listScoreLines(evaluation).map(({name, value, baseline, note}) => [
        codeSpan(name),
        formatScore(value),
        baseline === null ? '' : formatNumber(baseline),
        escapeMarkdown(note),
      ]),
    ),
    'From the training rows (`vif`: variance inflation factor):',
    ...(coefficients.length === 0 ? [] : [renderCoefficients(coefficients)]),
    renderList([
      ...statistics.targets.map(
        target => `${codeSpan(target.target)}: ${describeFit(target, statistics.degreesOfFreedom)}`,
      ),
      `condition number of the standardised features ${formatNumber(statistics.conditionNumber)}`,
      ...(worst.length > 0 ? [`worst test rows: ${worst.map(escapeMarkdown).join('; ')}`] : []),
    ]),
  ];
}

function listCaveats({artifact, evaluation, about}: CardFacts): string[] {
  const {split} = artifact.provenance;
  const inflated = (evaluation?.statistics.varianceInflation ?? []).filter(
    ({value}) => value >= highInflation,
  );
  const small = (evaluation?.groups ?? []).flatMap(({column, values}) =>
    values
      .filter(({rows}) => rows < fewRows)
      .map(({value, rows}) => `${codeSpan(`${column}=${value}`)} (${rows})`),
  );
  return [
    ...((about?.notes ?? []).length > 0 ? ['Mind the notes on the training data.'] : []),
    'A linear model: it cannot follow what is not a weighted sum of its features.',
    ...(split.test < fewRows ? [`Only ${split.test} test rows: the scores are uncertain.`] : []),
    ...(small.length > 0
      ? [`Groups with fewer than ${fewRows} test rows, whose scores are uncertain: ${small.join(', ')}.`]
      : []),
    ...(inflated.length > 0
      ? [
          `Collinear features: ${inflated.map(({feature}) => codeSpan(feature)).join(', ')}. Their coefficients must not be read one by one; predictions are not harmed while the features keep moving together.`,
        ]
      : []),
    'Train and evaluate again when the data change, and watch the share of inputs outside the training ranges at `/metrics`.',
  ];
}

function describeLicence(about: About | undefined): string {
  const {licence, licenceUrl} = about ?? {};
  if (licence === undefined)
    return licenceUrl === undefined ? 'nobody has stated one' : escapeMarkdown(licenceUrl);
  return `${escapeMarkdown(licence)}${licenceUrl === undefined ? '' : ` (${escapeMarkdown(licenceUrl)})`}`;
}

/** “`y` = 5 + 2 · `a` − 3 · `b`”, with the coefficients rounded. */
function describeFormula(
  {features}: Artifact,
  {name, unit, intercept, coefficients}: Artifact['targets'][number],
): string {
  const terms = features.map(({name}, j) => {
    const value = coefficients[j] ?? 0;
    return `${value < 0 ? '−' : '+'} ${formatNumber(Math.abs(value))} · ${codeSpan(name)}`;
  });
  const inUnit = unit === null ? '' : ` in ${escapeMarkdown(unit)}`;
  return `${codeSpan(name)}${inUnit} = ${[formatNumber(intercept), ...terms].join(' ')}`;
}

function stateOr(text: string | undefined, otherwise: string): string {
  return text === undefined ? otherwise : escapeMarkdown(text);
}

function renderList(items: readonly string[]): string {
  return items.map(item => `- ${item}`).join('\n');
}

function listNames(items: readonly {name: string}[]): string {
  return items.map(({name}) => codeSpan(name)).join(', ');
}

function left(name: string) {
  return {name, align: 'left'} as const;
}

function right(name: string) {
  return {name, align: 'right'} as const;
}
