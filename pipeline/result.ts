import type {Metrics} from '../serve/artifact.ts';
import type {Comparison} from './core/champion/comparison.ts';
import {describeDifference, listCaveats} from './core/champion/comparison-text.ts';
import type {PairedDifference} from './core/champion/paired-difference.ts';
import type {
  BuildEvidence,
  Check,
  ReleaseEvidence,
  RuleResult,
  SmokeEvidence,
  Verdict,
} from './core/evidence.ts';
import {describeRule} from './core/gate.ts';

/** What a command reports with --json, exactly one such object on stdout. */
export interface Result {
  outcome: 'promoted' | 'rejected' | 'unchanged' | 'trained' | 'failed';
  dataset: {
    name: string;
    sha256: string;
    rows: number;
    source: 'cache' | 'network' | 'snapshot' | 'file';
  } | null;
  version: string | null;
  artifact: string | null;
  split: {train: number; test: number; seed: number} | null;
  metrics: Metrics | null;
  image: {engine: string; tag: string; id: string; sizeBytes: number} | null;
  smoke: {passed: boolean; checks: Check[]; startupMs: number | null; p99Ms: number | null} | null;
  gate: {passed: boolean; rules: RuleResult[]; comparison: Comparison['status']} | null;
  /** The release that the challenger was compared with; null where there was none. */
  champion: ChampionSummary | null;
  release: {store: 'registry' | 'engine' | 'folder'; ref: string; digest: string; channel: string} | null;
  stages: {name: string; ms: number}[];
  error: {code: string; message: string; fix: string} | null;
}

export interface ChampionSummary {
  digest: string;
  tag: string;
  version: string;
  /** On this run's test rows; null, as the other scores, where the champion cannot be scored on them. */
  mse: number | null;
  difference: PairedDifference | null;
  /** How many test rows were among its training rows; null where that cannot be told. */
  overlap: number | null;
  /** What was to be said about the comparison: why it was not possible, or what limits it. */
  notes: string[];
}

/** The result of a run that has done nothing yet. */
export function createResult(): Result {
  return {
    outcome: 'failed',
    dataset: null,
    version: null,
    artifact: null,
    split: null,
    metrics: null,
    image: null,
    smoke: null,
    gate: null,
    champion: null,
    release: null,
    stages: [],
    error: null,
  };
}

export function summariseImage({subject, imageName, sizeBytes}: BuildEvidence): Result['image'] {
  if (subject.kind !== 'image') return null;
  return {engine: subject.engine, tag: imageName ?? '', id: subject.id, sizeBytes: sizeBytes ?? 0};
}

export function summariseSmoke({passed, checks, startupMs, p99Ms}: SmokeEvidence): Result['smoke'] {
  return {passed, checks, startupMs, p99Ms};
}

export function summariseVerdict({passed, rules, comparison}: Verdict): Result['gate'] {
  return {passed, rules, comparison: comparison.status};
}

/** What the challenger was compared with; null where there was no champion. */
export function summariseChampion(comparison: Comparison): Result['champion'] {
  if (comparison.status === 'none' || comparison.status === 'first') return null;
  const {digest, tag, version} = comparison.champion;
  const unscored = {digest, tag, version, mse: null, difference: null, overlap: null};
  if (comparison.status === 'incomparable') return {...unscored, notes: comparison.reasons};
  const {metrics, difference, overlap} = comparison;
  return {
    ...unscored,
    mse: metrics.mse,
    difference,
    overlap: overlap.rows,
    notes: listCaveats(comparison),
  };
}

export function summariseRelease({store, ref, digest, channel}: ReleaseEvidence): Result['release'] {
  return {store, ref, digest, channel};
}

/** The same facts for a person, on a few lines. */
export function formatReport(result: Result): string {
  const {dataset, version, metrics, split, gate, champion, image, smoke, release, artifact} = result;
  const rows: [string, string][] = [];
  if (dataset !== null)
    rows.push([
      'data',
      `${dataset.name}: ${dataset.rows} rows (${dataset.source}), sha256 ${dataset.sha256.slice(0, 12)}…`,
    ]);
  if (split !== null)
    rows.push(['split', `${split.train} rows to train on, ${split.test} to test on, seed ${split.seed}`]);
  if (metrics !== null) {
    rows.push([
      'mse',
      `${metrics.mse}  (predicting the mean: ${Number(metrics.baseline.mse.toPrecision(6))})`,
    ]);
    for (const score of ['rmse', 'mae', 'r2'] as const)
      rows.push([score, String(metrics[score] ?? 'undefined')]);
    const targets = Object.entries(metrics.targets);
    if (targets.length > 1)
      for (const [name, scores] of targets) rows.push([`mse.${name}`, String(scores.mse)]);
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
  const title = [result.outcome.toUpperCase(), dataset?.name, version].filter(part => part).join(' ');
  return [title, ...rows.map(([label, text]) => `  ${label.padEnd(9)} ${text}`)].join('\n');
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
