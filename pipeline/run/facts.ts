import type {Comparison} from '../core/champion/comparison.ts';
import type {Descriptor} from '../core/dataset/descriptor.ts';
import type {Split} from '../core/dataset/split.ts';
import type {Table} from '../core/dataset/table-collector.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import type {FittedModel} from '../core/fit/fitted-model.ts';
import type {AskedRule} from '../core/gate/rules.ts';
import type {
  BuildEvidence,
  ReleaseEvidence,
  SmokeEvidence,
  VerdictEvidence,
} from '../core/release/evidence.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import type {Release} from '../io/registry/release-image.ts';
import type {FetchedData} from '../stages/fetch.ts';
import type {PushOutcome} from '../stages/push.ts';
import type {Run} from './run.ts';

/** What a run can find out, by the stage that finds it or by what it is about. */
export interface Facts {
  fetch: FetchedData;
  validate: {descriptor: Descriptor; table: Table};
  split: Split & {seed: number};
  train: FittedModel;
  evaluate: Evaluation;
  /** What the gate asks or will ask. */
  rules: readonly AskedRule[];
  /** The version that the run wrote or opened. */
  write: StoredArtifact;
  /** The release that the channel holds; null where there is none. */
  champion: Release | null;
  build: BuildEvidence;
  /** The channel holds already what would be built. */
  unchanged: Pick<ReleaseEvidence, 'store' | 'ref' | 'digest' | 'channel'>;
  pull: BuildEvidence;
  smoke: SmokeEvidence;
  compare: Comparison;
  gate: VerdictEvidence;
  push: PushOutcome;
}

/** One thing that a run found out; `ms` is null for what an earlier run found out, or what took no stage. */
export type Fact =
  | {[Name in keyof Facts]: {name: Name; value: Facts[Name]; ms: number | null}}[keyof Facts]
  /** A stage that failed, after so many ms. */
  | {name: keyof Facts; ms: number};

/** What is known in the end, the latest of each. */
export type KnownFacts = {readonly [Name in keyof Facts]?: Facts[Name]};

/** How a command ended that did what it was asked to. */
export type Success =
  | 'fetched'
  | 'trained'
  | 'built'
  | 'tested'
  | 'accepted'
  | 'promoted'
  | 'unchanged'
  | 'rolled_back';

/** What a command found that looks something up: what it prints with --json, and for a person. */
export interface Listing {
  json: unknown;
  text: string;
}

/** A part of a run: it yields what it finds out, as it finds it out, and ends with what the next part needs. */
export type Finding<Value> = AsyncGenerator<Fact, Value, void>;

/** What people and the result call the stage that finds a fact. */
export function nameStage(name: keyof Facts): string {
  return name === 'unchanged' ? 'build' : name;
}

/** Runs one stage: times it, tells its progress, and yields what it found out. */
export async function* runStage<Name extends keyof Facts, Value extends Facts[Name]>(
  {progress, signal}: Run,
  name: Name,
  work: () => Promise<Value>,
  describe: (value: Value) => string,
): Finding<Value> {
  signal.throwIfAborted();
  const begin = performance.now();
  const elapsed = () => Math.round((performance.now() - begin) * 10) / 10;
  const stage = nameStage(name);
  progress.start(stage);
  let value: Value;
  try {
    value = await work();
  } catch (error) {
    const ms = elapsed();
    progress.fail(stage, ms);
    yield {name, ms};
    throw error;
  }
  const ms = elapsed();
  progress.finish(stage, ms, describe(value));
  yield {name, value, ms} as Fact;
  return value;
}

/** A fact that took no stage: what an earlier run found out, or what follows from what is known. */
export function know<Name extends keyof Facts>(name: Name, value: Facts[Name]): Fact {
  return {name, value, ms: null} as Fact;
}

/** Gathers what is known from facts in the order in which they were found. */
export function gatherFacts(facts: readonly Fact[]): KnownFacts {
  return Object.fromEntries(facts.flatMap(fact => ('value' in fact ? [[fact.name, fact.value]] : [])));
}
