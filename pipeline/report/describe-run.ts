import type {Artifact} from '../../serve/artifact/artifact.ts';
import {type Metric, metrics} from '../core/gate/metrics.ts';
import {describeData} from './data-section.ts';
import {code, keep, type Section, say, type Text} from './document.ts';
import {describeEvidence} from './evidence-section.ts';
import {describeFits} from './fit-section.ts';
import {describeGate} from './gate-section.ts';
import {formatCount} from './number-text.ts';
import {describeOutcome, nameOutcome} from './outcome-section.ts';
import {describeGroups, describeWorst} from './rows-section.ts';
import type {RunFacts} from './run-facts.ts';
import {describeScores} from './scores-section.ts';
import {labelWithUnit} from './units.ts';

/** All that is said of a run; each writer lays out what it has room for. */
export interface Report {
  /** How the run ended, in a word. */
  title: string;
  isGood: boolean;
  /** Of the dataset, the model and the image; null where the run did not come to know it. */
  name: string | null;
  version: string | null;
  /** What the model is, in a sentence; null without one. */
  subject: Text | null;
  sections: Section[];
}

/** More features than this are counted, not named, in the first sentence. */
const maxNamed = 8;

/** Says all that is known of a run, once, for all reports; the same facts give the same report. */
export function describeRun(facts: RunFacts, table: readonly Metric[] = metrics): Report {
  const {outcome, artifact, dataset, evaluation, figures, commandLine} = facts;
  return {
    title: nameOutcome(outcome),
    isGood: outcome !== 'rejected' && outcome !== 'failed',
    name: artifact?.name ?? dataset?.name ?? null,
    version: artifact?.version ?? null,
    subject: artifact ? describeModel(artifact) : null,
    sections: keep<Section>(
      describeOutcome(facts),
      describeGate(facts, table),
      artifact && describeScores({...facts, artifact}, table),
      ...(artifact ? describeFits({...facts, artifact}, table) : []),
      ...(evaluation ? describeGroups(evaluation, table) : []),
      evaluation && describeWorst(evaluation),
      artifact && describeData(artifact, figures),
      describeEvidence(facts),
      commandLine !== undefined &&
        commandLine !== null && {
          id: 'reproduce',
          title: 'Reproduce',
          extent: 'brief',
          blocks: [{type: 'code', language: 'sh', code: commandLine}],
        },
    ),
  };
}

function describeModel({targets, features, version, provenance}: Artifact): Text {
  const of = targets.map(({name, unit}) => labelWithUnit(name, unit)).join(', ');
  const on =
    features.length > maxNamed ? `${features.length} features` : features.map(({name}) => name).join(', ');
  return say`A linear regression of ${of} on ${on}, fitted to ${formatCount(provenance.split.train, 'row')}. Version ${code(version)}.`;
}
