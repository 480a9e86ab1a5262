import type {Artifact} from '../../serve/artifact/artifact.ts';
import type {About} from '../core/dataset/descriptor-schema.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import {type Metric, metrics} from '../core/gate/metrics.ts';
import {tabulateFeatures} from './data-section.ts';
import {type Block, code, joinTexts, keep, paragraph, say, type Text} from './document.ts';
import {describeCoefficients} from './fit-section.ts';
import {joinParts, renderBlocks, renderSections} from './markdown.ts';
import {escapeMarkdown} from './markdown-syntax.ts';
import {formatCount, formatNumber} from './number-text.ts';
import {describeGroups, describeWorst} from './rows-section.ts';
import {describeMethods, tabulateScores} from './scores-section.ts';

/** What a model card is made of. */
export interface CardFacts {
  artifact: Artifact;
  /** null for a model that was never evaluated by this program. */
  evaluation: Evaluation | null;
  /** What the descriptor says of the data and the model's use. */
  about: About | undefined;
}

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
export function renderModelCard(facts: CardFacts, table: readonly Metric[] = metrics): string {
  const {artifact, about} = facts;
  const sections: Record<string, Block[]> = {
    'Model details': describeDetails(facts),
    'Intended use': describeUse(about),
    Factors: describeFactors(facts),
    Metrics: describeMetrics(facts, table),
    'Evaluation data': [paragraph(describeEvaluationData(artifact))],
    'Training data': describeTrainingData(facts),
    'Quantitative analyses': describeAnalyses(facts, table),
    'Ethical considerations': [paragraph(about?.ethics ?? 'Nobody has stated any.')],
    'Caveats and recommendations': [{type: 'list', items: listCaveats(facts)}],
  };
  const summary = say`Version ${code(artifact.version)}. Predicts ${listNames(artifact.targets)} from ${listNames(artifact.features)}.`;
  return joinParts([
    `# Model card: ${escapeMarkdown(artifact.name)}`,
    ...renderBlocks([paragraph(summary)], 'full'),
    ...renderSections(
      Object.entries(sections).map(([title, blocks]) => ({id: title, title, blocks})),
      'full',
    ),
  ]);
}

function describeDetails({artifact, about}: CardFacts): Block[] {
  const {version, features, targets, provenance} = artifact;
  const fitter = 'ml-regression-multivariate-linear';
  const library = provenance.libraries[fitter];
  return [
    {
      type: 'list',
      items: [
        `Kind: linear regression by ordinary least squares, with an intercept; ${targets.length === 1 ? 'one target' : `${targets.length} targets`}`,
        say`Version: ${code(version)}, the beginning of the hash of all that the model is made of`,
        `Fitted by: csv-to-server${library === undefined ? '' : ` with ${fitter} ${library}`}`,
        `Citation of the data: ${about?.citation ?? 'nobody has stated one'}`,
        `Licence of the data: ${describeLicence(about)}`,
      ],
    },
    ...(features.length > maxTerms
      ? []
      : targets.map(target => paragraph(describeFormula(artifact, target)))),
  ];
}

function describeUse(about: About | undefined): Block[] {
  return [
    paragraph(about?.intendedUse ?? 'Nobody has stated what the model is for.'),
    paragraph(`Not for: ${about?.outOfScope ?? 'nobody has stated what it must not be used for.'}`),
    paragraph(
      'Inputs outside the training ranges below are answered with a warning: the model is not known to hold there.',
    ),
  ];
}

function describeFactors({artifact, evaluation}: CardFacts): Block[] {
  const groups = evaluation?.groups ?? [];
  return [
    paragraph('The features, in the order of a row, as they were in the training rows:'),
    tabulateFeatures(artifact),
    paragraph(
      groups.length === 0
        ? 'No column of the data names groups, so the model was not compared between groups.'
        : say`The model does not use ${joinTexts(groups.map(({column}) => code(column)))}, and was scored for each value of it.`,
    ),
  ];
}

function describeMetrics({evaluation}: CardFacts, table: readonly Metric[]): Block[] {
  const shown = table.filter(({scope}) => scope === 'test rows' || (evaluation && scope !== 'image'));
  return keep<Block>(
    {type: 'list', items: shown.map(({name, description}) => say`${code(name)}: ${description}`)},
    paragraph(
      'Scores over all targets are the mean over the targets, the largest error the largest of them.',
    ),
    evaluation && describeMethods(evaluation),
  );
}

function describeEvaluationData({provenance: {split}}: Artifact): string {
  const share = formatNumber(100 * split.testSize);
  return `${formatCount(split.test, 'row')} of the dataset below, ${share} % chosen at random with seed ${split.seed}, which the model was not trained on. They come from the same file: they say nothing about data from elsewhere.`;
}

function describeTrainingData({artifact: {provenance}, about}: CardFacts): Block[] {
  const {dataset, split} = provenance;
  const {title, description = 'Nobody has described the dataset.', creators, notes = []} = about ?? {};
  const name = [title, creators].filter(part => part !== undefined).join(', by ');
  return [
    paragraph(name === '' ? description : `${name}. ${description}`),
    {
      type: 'list',
      items: [
        `Source: ${dataset.url ?? 'a local file'}`,
        say`SHA-256: ${code(dataset.sha256)}`,
        `Rows: ${formatCount(dataset.rows)}, of which ${formatCount(split.train)} to train on`,
        ...notes.map(note => `Note: ${note}`),
      ],
    },
  ];
}

function describeAnalyses({artifact, evaluation}: CardFacts, table: readonly Metric[]): Block[] {
  const scores = tabulateScores({artifact, evaluation}, table);
  if (evaluation === null) return [scores];
  const parts = [...describeGroups(evaluation, table), describeWorst(evaluation)];
  return [
    paragraph(`On the ${formatCount(evaluation.rows, 'test row')}:`),
    scores,
    ...parts.flatMap(({title, blocks}) => [paragraph(`${title}:`), ...blocks]),
    ...artifact.targets.flatMap(target => [
      paragraph(say`Coefficients for ${code(target.name)} (${code('vif')}: variance inflation factor):`),
      ...describeCoefficients({artifact, evaluation}, target, table),
    ]),
  ];
}

function listCaveats({artifact, evaluation, about}: CardFacts): Text[] {
  const {split} = artifact.provenance;
  const inflated = (evaluation?.statistics.varianceInflation ?? []).filter(
    ({value}) => value >= highInflation,
  );
  const small = (evaluation?.groups ?? []).flatMap(({column, values}) =>
    values
      .filter(({rows}) => rows < fewRows)
      .map(({value, rows}) => say`${code(`${column}=${value}`)} (${String(rows)})`),
  );
  return keep<Text>(
    (about?.notes ?? []).length > 0 && 'Mind the notes on the training data.',
    'A linear model: it cannot follow what is not a weighted sum of its features.',
    split.test < fewRows && `Only ${formatCount(split.test, 'test row')}: the scores are uncertain.`,
    small.length > 0 &&
      say`Groups with fewer than ${String(fewRows)} test rows, whose scores are uncertain: ${joinTexts(small)}.`,
    inflated.length > 0 &&
      say`Collinear features: ${joinTexts(inflated.map(({feature}) => code(feature)))}. Their coefficients must not be read one by one; predictions are not harmed while the features keep moving together.`,
    say`Train and evaluate again when the data change, and watch the share of inputs outside the training ranges at ${code('/metrics')}.`,
  );
}

function describeLicence(about: About | undefined): string {
  const {licence, licenceUrl} = about ?? {};
  if (licence === undefined) return licenceUrl ?? 'nobody has stated one';
  return licenceUrl === undefined ? licence : `${licence} (${licenceUrl})`;
}

/** “`y` = 5 + 2 · `a` − 3 · `b`”, with the coefficients rounded. */
function describeFormula(
  {features}: Artifact,
  {name, unit, intercept, coefficients}: Artifact['targets'][number],
): Text {
  const terms = features.flatMap(({name}, j) => {
    const value = coefficients[j] ?? 0;
    return [` ${value < 0 ? '−' : '+'} ${formatNumber(Math.abs(value))} · `, code(name)];
  });
  return say`${code(name)}${unit === null ? '' : ` in ${unit}`} = ${formatNumber(intercept)}${terms}`;
}

function listNames(items: readonly {name: string}[]): Text {
  return joinTexts(items.map(({name}) => code(name)));
}
