import type {Evaluation} from '../core/evaluation/evaluation.ts';
import {listMetricValues} from '../core/gate/measure.ts';
import {isWithin, type Rule} from '../core/gate/rules.ts';
import type {ChampionSummary, Result} from '../run/outcome.ts';
import {describeDifference} from './comparison-text.ts';
import {listCoefficientLines, listScoreLines, type ScoreLine} from './evaluation-text.ts';
import {formatNumber, formatScore} from './number-text.ts';
import {describeLimit, describeRule} from './rule-text.ts';
import {layOutTable} from './text-table.ts';

/** Gives a text its colour, or leaves it as it is where there are none. */
export type Paint = (style: 'good' | 'bad' | 'title' | 'faint', text: string) => string;

/** What the report tells beyond the result. */
export interface ReportDetails {
  /** Undefined for a command that evaluates nothing. */
  evaluation?: Evaluation | undefined;
  /** What the gate asks or will ask for. */
  rules?: readonly Rule[] | undefined;
  paint?: Paint;
}

/** More coefficients than this are for report.html. */
const maxCoefficients = 20;
/** More lines of scores than this, which are those of categories, are for report.html. */
const maxScores = 30;

const maxNameLength = 40;

const plain: Paint = (_, text) => text;

/** The facts of a result for a person: a few lines, and where something was evaluated a table of scores and coefficients. */
export function formatReport(
  result: Result,
  {evaluation, rules = [], paint = plain}: ReportDetails = {},
): string {
  const {outcome, dataset, version} = result;
  const isGood = outcome !== 'failed' && outcome !== 'rejected';
  const title = [paint(isGood ? 'good' : 'bad', outcome.toUpperCase()), dataset?.name, version];
  const facts = listFacts(result, evaluation !== undefined).map(([label, text]) => {
    const isBad = label === 'gate' && text.startsWith('failed');
    return `  ${paint('faint', label.padEnd(9))} ${isBad ? paint('bad', text) : text}`;
  });
  return [
    title.filter(part => part).join(' '),
    ...facts,
    ...(evaluation === undefined
      ? []
      : ['', ...formatScores(evaluation, rules, paint), ...formatCoefficients(evaluation, paint)]),
  ].join('\n');
}

function listFacts(result: Result, isEvaluated: boolean): [string, string][] {
  const {dataset, metrics, split, gate, champion, image, smoke, release, artifact} = result;
  const rows: [string, string][] = [];
  if (dataset !== null)
    rows.push([
      'data',
      `${dataset.name}: ${dataset.rows} rows (${dataset.source}), sha256 ${dataset.sha256.slice(0, 12)}…`,
    ]);
  if (split !== null)
    rows.push(['split', `${split.train} rows to train on, ${split.test} to test on, seed ${split.seed}`]);
  if (metrics !== null) {
    rows.push(['mse', `${metrics.mse}  (predicting the mean: ${formatNumber(metrics.baseline.mse)})`]);
    if (!isEvaluated) {
      for (const score of ['rmse', 'mae', 'r2'] as const)
        rows.push([score, String(metrics[score] ?? 'undefined')]);
      const targets = Object.entries(metrics.targets);
      if (targets.length > 1)
        for (const [name, scores] of targets) rows.push([`mse.${name}`, String(scores.mse)]);
    }
  }
  if (artifact !== null) rows.push(['artifact', artifact]);
  if (image !== null)
    rows.push(['image', `${image.tag} (${image.engine}, ${(image.sizeBytes / 1e6).toFixed(1)} MB)`]);
  if (smoke !== null) {
    const failed = smoke.checks.filter(check => !check.passed);
    const count = `${smoke.checks.length - failed.length} of ${smoke.checks.length} checks passed`;
    rows.push(['smoke', `${count}, ready after ${smoke.startupMs ?? '–'} ms, p99 ${smoke.p99Ms ?? '–'} ms`]);
    for (const check of failed) rows.push(['', `failed: ${check.name}: ${check.detail ?? ''}`]);
  }
  if (champion !== null) rows.push(...formatChampion(champion));
  else if (gate?.comparison === 'first')
    rows.push(['champion', 'none: this channel has no release before this one']);
  for (const rule of gate?.rules ?? [])
    rows.push(['gate', `${rule.passed ? 'passed' : 'failed'}: ${describeRule(rule)}`]);
  if (release !== null) {
    rows.push(
      ['release', `${release.ref} (${release.store})`],
      ['channel', release.channel],
      ['digest', release.digest],
    );
  }
  return rows;
}

function formatChampion({tag, version, mse, difference, notes}: ChampionSummary): [string, string][] {
  const name = tag === '' ? version : tag;
  if (mse === null || difference === null)
    return [['champion', `${name} not comparable: ${notes.join('; ')}`]];
  return [
    ['champion', `${name} mse ${mse} on the same test rows; ${notes.join('; ')}`],
    ['', describeDifference(difference)],
  ];
}

function formatScores(evaluation: Evaluation, rules: readonly Rule[], paint: Paint): string[] {
  const scores = listScoreLines(evaluation);
  const usual = scores.slice(0, maxScores);
  const values = listMetricValues({evaluation});
  // what else a rule asks for; what only the image and the smoke test can tell is not known here
  const asked = rules.flatMap(({metric}) => {
    const value = usual.some(({name}) => name === metric) ? undefined : values.get(metric);
    return value === undefined ? [] : [{name: metric, value, baseline: null, note: ''}];
  });
  const header = [left('score'), right('model'), right('baseline'), left('limit')];
  return layOut(
    header,
    [...usual, ...asked].map(line => [
      cutName(line.name),
      formatScore(line.value),
      line.baseline === null ? '' : formatNumber(line.baseline),
      [...describeLimits(line, rules, paint), ...(line.note === '' ? [] : [paint('faint', line.note)])].join(
        '; ',
      ),
    ]),
    scores.length - usual.length,
    paint,
  );
}

function describeLimits({name, value}: ScoreLine, rules: readonly Rule[], paint: Paint): string[] {
  return rules
    .filter(({metric}) => metric === name)
    .map(rule => {
      const passed = isWithin(value, rule);
      return paint(passed ? 'good' : 'bad', `${describeLimit(rule)}, ${passed ? 'met' : 'missed'}`);
    });
}

function formatCoefficients(evaluation: Evaluation, paint: Paint): string[] {
  const lines = listCoefficientLines(evaluation);
  if (lines.length === 0) return [];
  const several = evaluation.statistics.targets.length > 1;
  const shown = lines.slice(0, maxCoefficients);
  const header = [
    ...(several ? [left('target')] : []),
    left('coefficient'),
    ...['estimate', '95 % interval', 'p', 'vif'].map(right),
  ];
  const rows = shown.map(({target, name, estimate, interval, p, inflation}) => [
    ...(several ? [cutName(target)] : []),
    ...[cutName(name ?? 'intercept'), estimate, interval, p, inflation],
  ]);
  return ['', ...layOut(header, rows, lines.length - shown.length, paint)];
}

function layOut(
  header: Parameters<typeof layOutTable>[0],
  rows: readonly (readonly string[])[],
  hidden: number,
  paint: Paint,
): string[] {
  const [first = '', ...rest] = layOutTable(header, rows);
  const more = hidden > 0 ? [paint('faint', `and ${hidden} more in report.html`)] : [];
  return [paint('title', first), ...rest, ...more].map(line => `  ${line}`);
}

/** A name on one line, without anything that a terminal obeys; a category may hold any text. */
function cutName(name: string): string {
  const text = name.replace(/\p{Cc}/gu, '\ufffd');
  return text.length > maxNameLength ? `${text.slice(0, maxNameLength - 1)}…` : text;
}

function left(name: string) {
  return {name, align: 'left'} as const;
}

function right(name: string) {
  return {name, align: 'right'} as const;
}
