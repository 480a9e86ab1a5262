import type {Artifact} from '../../serve/artifact/artifact.ts';
import {type Comparison, compareWithChampion} from '../core/champion/comparison.ts';
import {type NumberedTestRows, pickTestRows} from '../core/champion/test-rows.ts';
import type {Descriptor} from '../core/dataset/descriptor.ts';
import {splitRows} from '../core/dataset/split.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import {Failure} from '../core/failure.ts';
import {judgeWithoutImage} from '../core/gate/judge.ts';
import {listOtherScores} from '../core/gate/measure.ts';
import {chooseRules, type GateRules} from '../core/gate/rules.ts';
import {requireOwnDescriptor} from '../core/release/descriptor-match.ts';
import type {BuildEvidence, SmokeEvidence, VerdictEvidence} from '../core/release/evidence.ts';
import {readEvaluation} from '../io/artifacts/evaluation-file.ts';
import {readEvidence} from '../io/artifacts/evidence-files.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import type {Release} from '../io/registry/release-image.ts';
import {readTagName} from '../io/registry/release-labels.ts';
import {describeGateFix, describeRule} from '../report/rule-text.ts';
import {findTarget} from '../run/connect.ts';
import {type Finding, know, runStage, type Success} from '../run/facts.ts';
import type {Run} from '../run/run.ts';
import {chooseDescriptor, describeChoice, openChosen} from '../run/selection.ts';
import {gate} from '../stages/gate.ts';
import {findChampion, requireBuild} from './build.ts';
import {fetchData, type LoadedData} from './fetch.ts';

/** The command `gate`: judges model and image by the rules that the model's own descriptor has now. */
export async function* runGate(run: Run): Finding<Success> {
  const {options} = run;
  const stored = await openChosen(options);
  yield know('write', stored);
  const target = await findTarget(run);
  const champion = target === null ? null : yield* findChampion(run, target);
  const declared = await chooseDescriptor(options);
  // without a descriptor only the data tell what the model was trained by
  const loaded = champion === null && declared !== undefined ? null : yield* fetchData(run);
  const descriptor = loaded?.descriptor ?? declared;
  if (descriptor !== undefined) requireOwnDescriptor(stored.artifact, descriptor, describeChoice(options));
  const testRows = loaded === null ? null : pickOwnTestRows(stored.artifact, loaded);
  const comparison = compareModels(target !== null, champion, stored.artifact, testRows);
  const build = await requireBuild(stored);
  yield know('build', build);
  const smoke = await readEvidence(stored.folder, 'smoke.json');
  if (smoke !== undefined) yield know('smoke', smoke);
  const evaluation = await readEvaluation(stored);
  yield* judgeRelease(run, stored, {descriptor, evaluation, build, smoke, comparison});
  return 'accepted';
}

/** What is judged. */
export interface Case {
  descriptor: Descriptor | undefined;
  evaluation: Evaluation;
  build: BuildEvidence;
  smoke: SmokeEvidence | undefined;
  comparison: Comparison;
}

/** Judges what was tested; a Failure of kind `rejected` when a rule fails or evidence is missing. */
export async function* judgeRelease(
  run: Run,
  {folder}: StoredArtifact,
  {descriptor, ...evidence}: Case,
): Finding<VerdictEvidence> {
  const asked = chooseRules(descriptor?.gate, run.options);
  return yield* judgeBy(run, asked, evidence.evaluation, () => gate(folder, evidence, asked));
}

/**
 * Judges the champion, which is what would be built, by the rules of today that need no image: what the image decides
 * was judged when it was promoted.
 */
export async function* judgeChampion(
  run: Run,
  {descriptor, evaluation, comparison}: Pick<Case, 'descriptor' | 'evaluation' | 'comparison'>,
  champion: Release,
): Finding<VerdictEvidence> {
  const asked = chooseRules(descriptor?.gate, run.options);
  return yield* judgeBy(run, asked, evaluation, async () => {
    const {configDigest: id, digest} = champion;
    const subject = {kind: 'image', engine: 'registry', id, digest} as const;
    return {subject, ...judgeWithoutImage(asked, {evaluation, comparison})};
  });
}

async function* judgeBy(
  run: Run,
  asked: GateRules,
  evaluation: Evaluation,
  work: () => Promise<VerdictEvidence>,
): Finding<VerdictEvidence> {
  yield know('rules', asked.rules);
  yield know('evaluate', evaluation);
  const describe = (rules: VerdictEvidence['rules']) =>
    rules.map(rule => describeRule(rule, {testRows: evaluation.rows})).join('; ');
  const verdict = yield* runStage(run, 'gate', work, ({rules}) => describe(rules));
  if (verdict.passed) return verdict;
  const failed = verdict.rules.filter(({passed}) => !passed);
  throw new Failure('rejected', {
    code: 'GATE_REJECTED',
    message: `Not promoted: ${describe(failed)}.`,
    fix: describeGateFix(failed, {rules: asked.rules, descriptor: describeChoice(run.options)}),
  });
}

/** Scores the champion on the rows that the challenger was scored on, and compares the two. */
export function compareModels(
  hasRegistry: boolean,
  champion: Release | null,
  challenger: Artifact,
  testRows: NumberedTestRows | null,
): Comparison {
  if (!hasRegistry) return {status: 'none'};
  if (champion === null || testRows === null) return {status: 'first'};
  const {reference, digest, modelVersion} = champion;
  const tag = readTagName(champion);
  return compareWithChampion({
    champion: champion.artifact ?? {problem: champion.problem},
    reference: {reference, digest, tag, version: modelVersion},
    challenger,
    testRows,
    testIndices: testRows.indices,
    others: listOtherScores(),
  });
}

/** Picks the rows that an artifact was scored on, from the data that it was trained on. */
function pickOwnTestRows(artifact: Artifact, {descriptor, data, table}: LoadedData): NumberedTestRows {
  const {dataset, split} = artifact.provenance;
  const rows = table.features.length;
  if (data.sha256 !== dataset.sha256 || rows !== dataset.rows) {
    throw new Failure('data', {
      code: 'DATA_CHANGED',
      message: `${data.shownAs} has ${rows} rows and sha256 ${data.sha256}; ${artifact.name} ${artifact.version} was trained on ${dataset.rows} rows of ${dataset.sha256}.`,
      fix: 'Train on the data of today: npm run train; or run the gate with the options that the model was trained with.',
    });
  }
  return pickTestRows(descriptor, table, splitRows(dataset.rows, split).test);
}
