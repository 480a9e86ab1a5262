import {join} from 'node:path';
import {type BuildEvidence, getSubjectDigest, type SmokeEvidence} from '../core/release/evidence.ts';
import {contextFolder} from '../io/artifacts/context.ts';
import {writeEvidence} from '../io/artifacts/evidence-files.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import {withCleanUp} from '../io/engine/clean-up.ts';
import type {Engine} from '../io/engine/engine.ts';
import {type SmokeScope, smokeEnvironment} from '../smoke/checks.ts';
import {judgeServer} from '../smoke/judge-server.ts';
import {requireUnchanged} from './subject.ts';

/**
 * Runs what was built and asks it everything that a client relies on; records the answers.
 *
 * @param warn told the server's log when a check fails.
 * @returns evidence that may say that it failed: the caller decides what follows.
 * @throws Failure when what was built is gone or has changed since, or cannot be started.
 */
export async function smoke(
  {folder, artifact, card}: StoredArtifact,
  build: BuildEvidence,
  {
    engine,
    scope,
    signal,
    warn,
  }: {engine: Engine; scope: SmokeScope; signal: AbortSignal; warn: (text: string) => void},
): Promise<SmokeEvidence> {
  await requireUnchanged({folder, artifact}, build, engine);
  const {subject, imageName} = build;
  const beginMs = performance.now();
  const running = await engine.start(subject, {
    contextFolder: join(folder, contextFolder),
    imageName,
    env: smokeEnvironment,
    signal,
  });
  return withCleanUp(async () => {
    const options = {hasCard: card !== null, scope, signal, beginMs};
    const judgement = await judgeServer(running, artifact, options);
    signal.throwIfAborted();
    const passed = judgement.checks.every(check => check.passed);
    const evidence: SmokeEvidence = {subject, passed, ...judgement};
    await writeEvidence(folder, 'smoke.json', evidence);
    if (!passed) warn(`log of ${getSubjectDigest(subject)}:\n${await running.readLog()}`);
    return evidence;
  }, running.remove);
}
