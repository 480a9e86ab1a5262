import {randomBytes} from 'node:crypto';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {Failure} from '../core/failure.ts';
import {
  type BuildEvidence,
  type Check,
  getSubjectDigest,
  type SmokeEvidence,
} from '../core/release/evidence.ts';
import {type StoredArtifact, writeEvidence} from '../io/artifacts/artifacts.ts';
import {contextFolder} from '../io/artifacts/context.ts';
import {
  execInContainer,
  inspectContainer,
  readContainerLog,
  removeContainer,
  startContainer,
  stopContainer,
} from '../io/engine/containers.ts';
import type {Engine} from '../io/engine/engine.ts';
import {startServerProcess} from '../io/engine/server-process.ts';
import {checkServer, runCheck, type SmokeScope} from '../smoke/checks.ts';
import {smokeEnvironment} from '../smoke/dialects.ts';
import {verifySubject} from './subject.ts';

const readyTimeoutMs = 30_000;
const stopGraceMs = 15_000;

/** The subject while it runs, whether as a container or as a process. */
interface Running {
  url: string;
  hasEnded(): Promise<boolean>;
  /** Further checks that only this kind of subject can pass. */
  ownChecks(): Promise<Check[]>;
  /** Sends SIGTERM; the exit code, or null where it had to be killed. */
  stop(): Promise<number | null>;
  readLog(): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Runs what was built and asks it everything that a client relies on; records the answers.
 *
 * @param warn told the container's log when a check fails.
 * @returns evidence that may say that it failed: the caller decides what follows.
 * @throws Failure when what was built is gone or has changed since, or cannot be started.
 */
export async function smokeTest(
  {folder, artifact, text, card}: StoredArtifact,
  build: BuildEvidence,
  {
    engine,
    scope,
    signal,
    warn,
  }: {engine: Engine | null; scope: SmokeScope; signal: AbortSignal; warn: (text: string) => void},
): Promise<SmokeEvidence> {
  await verifySubject(folder, build, engine, text);
  const begin = performance.now();
  const running =
    build.subject.kind === 'image' && engine !== null
      ? await runImage(engine, build.subject.id, build.imageName ?? artifact.name)
      : await runProcess(join(folder, contextFolder));
  try {
    const checks: Check[] = [];
    const ready = await runCheck('ready', () => waitUntilReady(running, signal));
    const startupMs = ready.passed ? round(performance.now() - begin) : null;
    checks.push(ready);
    let latenciesMs: number[] = [];
    if (ready.passed) {
      const asked = await checkServer({url: running.url, artifact, hasCard: card !== null, signal}, scope);
      latenciesMs = asked.latenciesMs;
      const ended = () =>
        runCheck('SIGTERM ends it with exit code 0', async () => {
          const code = await running.stop();
          if (code !== 0) throw new Error(`it ended with ${code === null ? 'SIGKILL' : `exit code ${code}`}`);
        });
      checks.push(...asked.checks, ...(await running.ownChecks()), await ended());
    }
    signal.throwIfAborted();
    const passed = checks.every(check => check.passed);
    const evidence = {
      subject: build.subject,
      passed,
      checks,
      startupMs,
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
    };
    await writeEvidence(folder, 'smoke.json', evidence);
    if (!passed) warn(`log of ${getSubjectDigest(build.subject)}:\n${await running.readLog()}`);
    return evidence;
  } finally {
    await running.remove();
  }
}

async function runImage(engine: Engine, id: string, imageName: string): Promise<Running> {
  const repository = imageName
    .replace(/[:@][^/]*$/, '')
    .split('/')
    .at(-1);
  const name = `smoke-${repository}-${randomBytes(6).toString('hex')}`;
  const remove = async () => {
    const problem = await removeContainer(engine, name);
    if (problem !== undefined) {
      throw new Failure('engine', {
        code: 'CONTAINER_LEFT_BEHIND',
        message: `The container ${name} could not be removed: ${problem}`,
        fix: `Remove it by hand: ${engine.name} rm --force ${name}`,
      });
    }
  };
  const port = await startContainer(engine, id, name, smokeEnvironment).catch(async error => {
    await remove();
    throw error;
  });
  return {
    url: `http://127.0.0.1:${port}`,
    hasEnded: async () => !(await inspectContainer(engine, name)).running,
    ownChecks: async () => [
      await runCheck('health check command', async () => {
        const command = ['/nodejs/bin/node', '/app/server.mjs', '--healthcheck'];
        if (!(await execInContainer(engine, name, command))) throw new Error('it did not exit with 0');
      }),
    ],
    async stop() {
      await stopContainer(engine, name, stopGraceMs / 1000);
      const {exitCode} = await inspectContainer(engine, name);
      return exitCode === 137 ? null : exitCode;
    },
    readLog: () => readContainerLog(engine, name),
    remove,
  };
}

async function runProcess(folder: string): Promise<Running> {
  const server = await startServerProcess(folder, smokeEnvironment);
  return {
    url: `http://127.0.0.1:${server.port}`,
    hasEnded: async () => server.hasEnded(),
    ownChecks: async () => [],
    stop: () => server.stop(stopGraceMs),
    readLog: async () => server.readLog(),
    remove: async () => {
      if (!server.hasEnded()) await server.stop(0);
    },
  };
}

async function waitUntilReady(running: Running, signal: AbortSignal): Promise<void> {
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
  return value === undefined ? null : round(value);
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
