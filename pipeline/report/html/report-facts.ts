import type {Artifact} from '../../../serve/artifact/artifact.ts';
import type {Comparison} from '../../core/champion/comparison.ts';
import type {Evaluation} from '../../core/evaluation/evaluation.ts';
import type {Rule} from '../../core/gate/rules.ts';
import type {BuildEvidence} from '../../core/release/evidence.ts';
import type {Result} from '../../run/outcome.ts';
import type {FigureSet} from '../figures/figure-set.ts';

/** What `report.html` is made of. */
export interface ReportFacts {
  artifact: Artifact;
  /** Null where metrics.json cannot be read. */
  evaluation: Evaluation | null;
  /** Null where figures.json is missing or cannot be read. */
  figures: FigureSet | null;
  outcome: Result['outcome'];
  error: Result['error'];
  /** What later stages found out about this version; null before them. */
  smoke: Pick<NonNullable<Result['smoke']>, 'passed' | 'checks'> | null;
  gate: Pick<NonNullable<Result['gate']>, 'passed' | 'rules'> | null;
  /** What the gate will ask for, where the run knows it. */
  rules: readonly Rule[];
  build: BuildEvidence | null;
  release: Result['release'];
  /** Undefined for a run that ended before it. */
  comparison: Comparison | undefined;
}
