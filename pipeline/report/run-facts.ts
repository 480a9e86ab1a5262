import type {Artifact} from '../../serve/artifact/artifact.ts';
import type {Comparison} from '../core/champion/comparison.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import type {Rule} from '../core/gate/rules.ts';
import type {Verdict} from '../core/gate/verdict.ts';
import type {BuildEvidence, SmokeEvidence} from '../core/release/evidence.ts';
import type {KnownFacts} from '../run/facts.ts';
import type {Result} from '../run/outcome.ts';
import type {FigureSet} from './figures/figure-set.ts';

/** What reports are made of; what a run did not come to is left out, undefined or null. */
export type RunFacts = Pick<Result, 'outcome'> & {
  [Name in keyof Findings]?: Findings[Name] | null | undefined;
};

/** The facts of a run that has a model. */
export type ModelFacts = Omit<RunFacts, 'outcome'> & {artifact: Artifact};

interface Findings extends Pick<Result, 'error' | 'dataset' | 'split' | 'release'> {
  /** The version's folder. */
  folder: string;
  artifact: Artifact;
  evaluation: Evaluation;
  /** What the gate will ask, or has asked. */
  rules: readonly Rule[];
  build: BuildEvidence;
  smoke: SmokeEvidence;
  comparison: Comparison;
  verdict: Pick<Verdict, 'passed' | 'rules'>;
  figures: FigureSet;
  /** What to type to get the same result. */
  commandLine: string;
}

/** Gathers what reports are made of. */
export function gatherRunFacts(facts: KnownFacts, result: Result): RunFacts {
  const {outcome, error, dataset, split, release, artifact: folder} = result;
  const {write, evaluate, rules, build, pull, smoke, gate} = facts;
  const run = {outcome, error, dataset, split, release, folder};
  const model = {artifact: write?.artifact, evaluation: evaluate, rules, build: build ?? pull, smoke};
  return {...run, ...model, verdict: gate, comparison: gate?.comparison};
}
