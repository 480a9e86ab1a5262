import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {
  type BuildEvidence,
  type Check,
  getSubjectDigest,
  type SmokeEvidence,
} from '../core/release/evidence.ts';
import {contextFolder} from '../io/artifacts/context.ts';
import {writeEvidence} from '../io/artifacts/evidence-files.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import {withCleanUp} from '../io/engine/clean-up.ts';
import type {Engine, RunningServer} from '../io/engine/engine.ts';
import {checkServer, runCheck, type SmokeScope} from '../smoke/checks.ts';
import {smokeEnvironment} from '../smoke/dialects.ts';
import {requireUnchanged} from './subject.ts';

const readyTimeoutMs = 30_000;
const stopGraceMs = 15_000;

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
  const begin = performance.now();
  const running = await engine.start(subject, {
    contextFolder: join(folder, contextFolder),
    imageName,
    env: smokeEnvironment,
    signal,
  });
  return withCleanUp(async () => {
    const ready = await runCheck('ready', () => waitUntilReady(running, signal));
    const startupMs = ready.passed ? measure(performance.now() - begin) : null;
    const {checks, latenciesMs} = ready.passed
      ? await askAll(running, {url: running.url, artifact, hasCard: card !== null, signal}, scope)
      : {checks: [], latenciesMs: []};
    signal.throwIfAborted();
    const all = [ready, ...checks];
    const passed = all.every(check => check.passed);
    const evidence: SmokeEvidence = {
      subject,
      passed,
      checks: all,
      startupMs,
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
    };
    await writeEvidence(folder, 'smoke.json', evidence);
    if (!passed) warn(`log of ${getSubjectDigest(subject)}:\n${await running.readLog()}`);
    return evidence;
  }, running.remove);
}

async function askAll(
  running: RunningServer,
  server: Parameters<typeof checkServer>[0],
  scope: SmokeScope,
): Promise<{checks: Check[]; latenciesMs: number[]}> {
  const {checks, latenciesMs} = await checkServer(server, scope);
  const {checkHealth} = running;
  if (checkHealth !== null) {
    checks.push(
      await runCheck('health check command', async () => {
        if (!(await checkHealth())) throw new Error('it did not exit with 0');
      }),
    );
  }
  const ended = await runCheck('SIGTERM ends it with exit code 0', async () => {
    const code = await running.stop(stopGraceMs);
    if (code !== 0) throw new Error(`it ended with ${code === null ? 'SIGKILL' : `exit code ${code}`}`);
  });
  return {checks: [...checks, ended], latenciesMs};
}

async function waitUntilReady(running: RunningServer, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + readyTimeoutMs;
  for (let attempt = 1; performance.now() < deadline; attempt++) {
    signal.throwIfAborted();
    const answer = await fetch(`${running.url}/readyz`, {signal: AbortSignal.timeout(2_000)}).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    // asking the engine costs more than asking the server
    if (attempt % 25 === 0 && (await running.hasEnded())) throw new Error('it ended before it was ready');
    await sleep(10);
  }
  throw new Error(`it was not ready within ${readyTimeoutMs / 1000} s`);
}

/** Nearest-rank percentile in ms to the microsecond; null of nothing. */
function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return value === undefined ? null : measure(value);
}

/** A duration to the microsecond; null where the clock stood still, for nothing takes no time at all. */
function measure(milliseconds: number): number | null {
  return milliseconds > 0 ? Math.round(milliseconds * 1000) / 1000 : null;
}
