import type {Metrics} from '../../serve/artifact/artifact.ts';
import type {Comparison} from '../core/champion/comparison.ts';
import type {PairedDifference} from '../core/champion/paired-difference.ts';
import type {RuleResult, Verdict} from '../core/gate/verdict.ts';
import type {BuildEvidence, Check, ReleaseEvidence, SmokeEvidence} from '../core/release/evidence.ts';
import {listCaveats} from '../report/comparison-text.ts';

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
