import type {Metrics} from '../../serve/artifact/artifact.ts';
import {listCaveats} from '../core/champion/caveats.ts';
import type {ChampionRef, Comparison} from '../core/champion/comparison.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import {listScoreValues} from '../core/gate/measure.ts';
import type {RuleResult} from '../core/gate/verdict.ts';
import {describeRuleCells, formatChange} from './comparison-cells.ts';
import {describeDifference} from './comparison-text.ts';
import {listScoreLines, type ScoreLine} from './evaluation-text.ts';
import {codeSpan, escapeMarkdown, renderTable} from './markdown.ts';
import {formatNumber, formatScore} from './number-text.ts';
import {mentionMore} from './report-fit.ts';

/** As many as fit on one screen with the rest. */
const maxScores = 25;

/** Renders the scores of challenger and, where it could be scored, champion side by side, and what the difference amounts to. */
export function renderScores(
  {metrics, evaluation}: {metrics: Metrics; evaluation: Evaluation | undefined},
  comparison: Comparison | undefined,
  testRows: number | undefined,
): string[] {
  const rows =
    testRows === undefined ? 'the test rows' : `${testRows} test ${testRows === 1 ? 'row' : 'rows'}`;
  const lines = evaluation === undefined ? listStoredScores(metrics) : listScoreLines(evaluation);
  return [
    `## Scores on ${rows}`,
    renderScoreTable(lines.slice(0, maxScores), comparison),
    ...mentionMore(lines.length - maxScores, 'scores'),
    ...describeComparison(comparison),
  ];
}

/** Renders each gate rule with its value, limit and result. */
export function renderRules(rules: readonly RuleResult[]): string {
  return renderTable(
    [
      {name: 'rule', align: 'left'},
      {name: 'value', align: 'right'},
      {name: 'limit', align: 'left'},
      {name: 'result', align: 'left'},
    ],
    rules.map(rule => {
      const {value, limit, result} = describeRuleCells(rule);
      return [codeSpan(rule.metric), value, limit, rule.passed ? result : `**${result}**`];
    }),
  );
}

/** The shortest name of a release that is unique. */
export function nameRelease({tag, version}: ChampionRef): string {
  return codeSpan(tag === '' ? version : tag);
}

function renderScoreTable(lines: readonly ScoreLine[], comparison: Comparison | undefined): string {
  const champion = comparison?.status === 'compared' ? listScoreValues(comparison.metrics) : null;
  const hasNotes = lines.some(({note}) => note !== '');
  const rows = lines.map(({name, value, baseline, note}) => {
    const before = champion?.get(name);
    const compared =
      before === undefined ? ['', ''] : [formatScore(before), formatChange(name, value, before)];
    return [
      codeSpan(name),
      formatScore(value),
      ...(champion === null ? [] : compared),
      baseline === null ? '' : formatNumber(baseline),
      ...(hasNotes ? [escapeMarkdown(note)] : []),
    ];
  });
  const numbers = champion === null ? ['challenger'] : ['challenger', 'champion', 'difference'];
  return renderTable(
    [
      {name: 'score', align: 'left'},
      ...[...numbers, 'predicting the mean'].map(name => ({name, align: 'right'}) as const),
      ...(hasNotes ? [{name: '', align: 'left'} as const] : []),
    ],
    rows,
  );
}

/** The few scores that are part of a model, where nothing more is known. */
function listStoredScores(metrics: Metrics): ScoreLine[] {
  const several = Object.keys(metrics.targets).length > 1;
  const isShown = (name: string) => !name.includes('.') || (several && name.startsWith('mse.'));
  return [...listScoreValues(metrics)]
    .filter(([name]) => isShown(name))
    .map(([name, value]) => {
      return {name, value, baseline: name === 'mse' ? metrics.baseline.mse : null, note: ''};
    });
}

function describeComparison(comparison: Comparison | undefined): string[] {
  switch (comparison?.status) {
    case 'compared': {
      const difference = describeDifference(comparison.difference);
      const lines = [difference, ...listCaveats(comparison)];
      return [lines.map(line => `- ${escapeMarkdown(startSentence(line))}.`).join('\n')];
    }
    case 'incomparable': {
      const champion = nameRelease(comparison.champion);
      const reasons = comparison.reasons.map(reason => `- ${escapeMarkdown(reason)}`).join('\n');
      return [
        `The champion ${champion} cannot be scored on these rows, so only the absolute rules decide:\n\n${reasons}`,
      ];
    }
    default:
      return [];
  }
}

function startSentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
