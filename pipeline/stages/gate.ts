import type {Comparison} from '../core/champion/comparison.ts';
import type {Evaluation} from '../core/evaluation/evaluation.ts';
import {Failure} from '../core/failure.ts';
import {judge} from '../core/gate/judge.ts';
import type {GateRules} from '../core/gate/rules.ts';
import {
  type BuildEvidence,
  getSubjectDigest,
  isSameSubject,
  type SmokeEvidence,
  type VerdictEvidence,
} from '../core/release/evidence.ts';
import {writeEvidence} from '../io/artifacts/evidence-files.ts';

/**
 * Judges what was tested by the rules; records the verdict.
 *
 * @param smoke the smoke test of this version; undefined where none has run.
 * @returns a verdict that may say that it failed: the caller decides what follows.
 * @throws Failure of kind `rejected` when there is no smoke test that passed about exactly what was built.
 */
export async function gate(
  folder: string,
  {
    evaluation,
    build,
    smoke,
    comparison,
  }: {evaluation: Evaluation; build: BuildEvidence; smoke: SmokeEvidence | undefined; comparison: Comparison},
  rules: GateRules,
): Promise<VerdictEvidence> {
  const proof = requireProof(folder, build, smoke);
  const image = {...build, ...proof};
  const verdict = {subject: build.subject, ...judge(rules, {evaluation, image, comparison})};
  await writeEvidence(folder, 'verdict.json', verdict);
  return verdict;
}

function requireProof(folder: string, {subject}: BuildEvidence, smoke: SmokeEvidence | undefined) {
  if (smoke?.passed && isSameSubject(smoke.subject, subject)) return smoke;
  const problem =
    smoke === undefined
      ? 'holds no smoke.json'
      : smoke.passed
        ? `has a smoke test of ${getSubjectDigest(smoke.subject)}, and a build of ${getSubjectDigest(subject)}`
        : 'has a smoke test that failed';
  throw new Failure('rejected', {
    code: 'EVIDENCE_MISSING',
    message: `${folder} ${problem}: what has no proof that it serves is rejected.`,
    fix: 'Run npm run smoke first.',
  });
}
