import type {Metrics} from '../../serve/artifact/artifact.ts';
import {listCaveats} from '../core/champion/caveats.ts';
import type {Comparison} from '../core/champion/comparison.ts';
import type {PairedDifference} from '../core/champion/paired-difference.ts';
import {pickMetrics} from '../core/evaluation/metrics.ts';
import type {Failure} from '../core/failure.ts';
import type {RuleResult} from '../core/gate/verdict.ts';
import type {BuildEvidence, Check} from '../core/release/evidence.ts';
import {type Fact, gatherFacts, type KnownFacts, nameStage, type Success} from './facts.ts';

/** What a command reports with --json, exactly one such object on stdout. */
export interface Result {
  outcome: Success | 'rejected' | 'failed';
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

interface ChampionSummary {
  digest: string;
  tag: string;
  version: string;
  /** On this run's test rows; null, as the other scores, where the champion cannot be scored on them. */
  mse: number | null;
  difference: PairedDifference | null;
  /** How many test rows were among its training rows; null where that cannot be told. */
  overlap: number | null;
  /** What is to be said about the comparison: why it was not possible, or what limits it. */
  notes: string[];
}

/** How a run ended: with what it was asked for, or with the reason why not. */
export type Ending = {success: Success} | {failure: Failure};

/** Folds what a run found out, in the order in which it did, and how it ended into its result. */
export function foldResult(found: readonly Fact[], ending: Ending): Result {
  const facts = gatherFacts(found);
  return {
    outcome: nameOutcome(ending),
    dataset: summariseDataset(facts),
    version: facts.write?.artifact.version ?? null,
    artifact: facts.write?.folder ?? null,
    split: facts.split
      ? {train: facts.split.train.length, test: facts.split.test.length, seed: facts.split.seed}
      : null,
    metrics: facts.write?.artifact.metrics ?? (facts.evaluate ? pickMetrics(facts.evaluate) : null),
    image: summariseImage(facts.build ?? facts.pull),
    smoke: facts.smoke ? pick(facts.smoke, ['passed', 'checks', 'startupMs', 'p99Ms']) : null,
    gate: facts.gate
      ? {...pick(facts.gate, ['passed', 'rules']), comparison: facts.gate.comparison.status}
      : null,
    champion: facts.gate ? summariseChampion(facts.gate.comparison) : null,
    release: facts.unchanged ?? summariseRelease(facts.push),
    stages: found.flatMap(({name, ms}) => (ms === null ? [] : [{name: nameStage(name), ms}])),
    error: 'failure' in ending ? pick(ending.failure, ['code', 'message', 'fix']) : null,
  };
}

function nameOutcome(ending: Ending): Result['outcome'] {
  if ('success' in ending) return ending.success;
  return ending.failure.kind === 'rejected' ? 'rejected' : 'failed';
}

function summariseDataset({fetch, validate}: KnownFacts): Result['dataset'] {
  if (fetch === undefined || validate === undefined) return null;
  const {descriptor, table} = validate;
  return {
    name: descriptor.name,
    sha256: fetch.sha256,
    rows: table.features.length,
    source: fetch.source,
  };
}

function summariseImage(build: BuildEvidence | undefined): Result['image'] {
  if (build === undefined || build.subject.kind !== 'image') return null;
  const {subject, imageName, sizeBytes} = build;
  return {engine: subject.engine, tag: imageName ?? '', id: subject.id, sizeBytes: sizeBytes ?? 0};
}

function summariseRelease(push: KnownFacts['push']): Result['release'] {
  return push?.status === 'released' ? pick(push.release, ['store', 'ref', 'digest', 'channel']) : null;
}

/** What the challenger was compared with; null where there was no champion. */
function summariseChampion(comparison: Comparison): ChampionSummary | null {
  if (comparison.status === 'none' || comparison.status === 'first') return null;
  const {digest, tag, version} = comparison.champion;
  const unscored = {digest, tag, version, mse: null, difference: null, overlap: null};
  if (comparison.status === 'incomparable') return {...unscored, notes: comparison.reasons};
  const {metrics, difference, overlap} = comparison;
  const notes = listCaveats(comparison);
  return {...unscored, mse: metrics.mse, difference, overlap: overlap.rows, notes};
}

function pick<Whole, Key extends keyof Whole>(whole: Whole, keys: readonly Key[]): Pick<Whole, Key> {
  return Object.fromEntries(keys.map(key => [key, whole[key]])) as Pick<Whole, Key>;
}
