import type {ChampionRef, Comparison} from '../core/champion/comparison.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import type {BuildEvidence} from '../core/release/evidence.ts';
import type {Result} from '../run/outcome.ts';
import {codeBlock, codeSpan, renderTable} from './markdown.ts';
import {formatNumber} from './number-text.ts';
import {renderFit} from './report-fit.ts';
import {nameRelease, renderRules, renderScores} from './report-scores.ts';

/** What `report.md` is made of. */
export interface RunReport {
  result: Result;
  /** Undefined for a run that ended before it. */
  comparison: Comparison | undefined;
  /** What was built, for the sizes and the base; undefined for a run that built nothing. */
  build: BuildEvidence | undefined;
  /** Undefined for a run that evaluated nothing. */
  evaluation: Evaluation | undefined;
  /** What to type to get the same result. */
  commandLine: string;
}

/** Renders a run as one screen of GitHub-flavoured Markdown, for job summaries and pull requests. */
export function renderRunReport({result, comparison, build, evaluation, commandLine}: RunReport): string {
  const {dataset, version, error, metrics} = result;
  const name = [dataset?.name ?? '', version ?? ''].filter(part => part !== '').map(codeSpan);
  return `${[
    `# ${titles[result.outcome]}${name.length > 0 ? `: ${name.join(' ')}` : ''}`,
    describeOutcome(result, comparison),
    ...(error === null ? [] : [codeBlock('text', `${error.code}: ${error.message}\n→ ${error.fix}`)]),
    ...(metrics === null ? [] : renderScores({metrics, evaluation}, comparison, result.split?.test)),
    ...(evaluation === undefined ? [] : renderFit(evaluation)),
    ...(result.gate === null ? [] : [`## Gate: ${result.gate.passed ? 'passed' : 'failed'}`]),
    ...(result.gate === null ? [] : [renderRules(result.gate.rules)]),
    '## Evidence',
    renderFacts(listFacts(result, comparison, build)),
    '## Reproduce',
    codeBlock('sh', commandLine),
  ].join('\n\n')}\n`;
}

const titles = {
  promoted: 'Promoted',
  unchanged: 'Unchanged',
  rejected: 'Rejected',
  trained: 'Trained',
  fetched: 'Fetched',
  built: 'Built',
  tested: 'Tested',
  accepted: 'Accepted',
  rolled_back: 'Rolled back',
  failed: 'Failed',
};

function describeOutcome({outcome, release}: Result, comparison: Comparison | undefined): string {
  const channel = codeSpan(release?.channel ?? '');
  switch (outcome) {
    case 'promoted':
      return `The channel ${channel} now holds ${codeSpan(release?.ref ?? '')}. ${describePredecessor(comparison)}`.trim();
    case 'unchanged':
      return `The channel ${channel} already holds this model, server and base: nothing was pushed.`;
    case 'rejected':
      return 'Nothing was promoted: this run has not moved the channel.';
    case 'fetched':
    case 'built':
    case 'tested':
    case 'accepted':
    case 'rolled_back':
    case 'trained':
      return 'The model was trained and written; promoting it was not asked for.';
    case 'failed':
      return 'The run did not reach its end.';
  }
}

function describePredecessor(comparison: Comparison | undefined): string {
  switch (comparison?.status) {
    case 'none':
      return 'Without a registry there was no champion to compare with.';
    case 'first':
      return 'This is the first promotion: the registry had no such channel before.';
    case 'incomparable':
    case 'compared':
      return `It takes the place of ${nameRelease(comparison.champion)}.`;
    default:
      return '';
  }
}

function listFacts(
  {dataset, split, image, smoke, release}: Result,
  comparison: Comparison | undefined,
  build: BuildEvidence | undefined,
): [string, string][] {
  const facts: [string, string][] = [];
  const before = findChampion(comparison);
  if (release !== null) facts.push(['release now', codeSpan(release.digest)]);
  if (before !== undefined)
    facts.push(['champion before', `${codeSpan(before.digest)} ${nameRelease(before)}`]);
  if (image !== null) facts.push(['image', `${codeSpan(image.tag)} (${image.engine})`]);
  if (build !== undefined) {
    const whole = build.sizeBytes === null ? '' : `${formatMiB(build.sizeBytes)} uncompressed, of which `;
    facts.push(['size', `${whole}server and model ${formatMiB(build.layerBytes)}`]);
    if (build.base !== null)
      facts.push(['base', `${codeSpan(build.base.name)} ${codeSpan(build.base.digest)}`]);
  }
  if (smoke !== null) {
    const passed = smoke.checks.filter(check => check.passed).length;
    const times = `ready after ${formatMs(smoke.startupMs)}, p99 of a prediction ${formatMs(smoke.p99Ms)}`;
    facts.push(['smoke test', `${passed} of ${smoke.checks.length} checks passed, ${times}`]);
  }
  if (dataset !== null) {
    const {name, rows, source, sha256} = dataset;
    facts.push(['data', `${codeSpan(name)}, ${rows} rows, from the ${source}, sha256 ${codeSpan(sha256)}`]);
  }
  if (split !== null)
    facts.push(['split', `${split.train} rows to train on, ${split.test} to test on, seed ${split.seed}`]);
  return facts;
}

function renderFacts(facts: readonly [string, string][]): string {
  if (facts.length === 0) return 'The run ended before it had any.';
  const header = ['', ''].map(name => ({name, align: 'left'}) as const);
  return renderTable(header, facts);
}

function findChampion(comparison: Comparison | undefined): ChampionRef | undefined {
  return comparison !== undefined && 'champion' in comparison ? comparison.champion : undefined;
}

function formatMiB(bytes: number): string {
  return `${formatNumber(Number((bytes / 2 ** 20).toPrecision(3)))} MiB`;
}

function formatMs(ms: number | null): string {
  return ms === null ? 'an unknown time' : `${ms} ms`;
}
