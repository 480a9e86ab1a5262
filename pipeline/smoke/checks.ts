import type {Artifact} from '../../serve/artifact/artifact.ts';
import type {Question} from '../../serve/dialects/dialect.ts';
import {dialects} from '../../serve/dialects/dialects.ts';
import type {Check} from '../core/release/evidence.ts';
import {type Connection, openConnection} from './connection.ts';
import {judgeAnswer} from './judge-answer.ts';

/** A running server and the artifact that it must serve. */
export interface ServerUnderTest {
  /** `http://127.0.0.1:PORT` */
  url: string;
  artifact: Artifact;
  /** Whether a model card came with it. */
  hasCard: boolean;
  signal: AbortSignal;
}

/**
 * The questions that a server must answer: `all` that this version of the project serves, or only the `core` that every release
 * has served since the first, for a release that may be older than a dialect.
 */
export type SmokeScope = 'all' | 'core';

/** The variables that a server must be started with to be asked everything. */
export const smokeEnvironment: Readonly<Record<string, string>> = Object.assign(
  {},
  ...dialects.map(({smoke}) => smoke.environment),
);

/**
 * Asks a running server all that its dialects ask, over one connection.
 *
 * @returns a check per question, and how long each exchange of the timed ones took, in ms.
 */
export async function checkServer(
  {url, artifact, hasCard, signal}: ServerUnderTest,
  scope: SmokeScope,
  spoken = dialects,
): Promise<{checks: Check[]; latenciesMs: number[]}> {
  const questions = spoken
    .flatMap(({smoke}) => smoke.listQuestions({artifact, hasCard}))
    .filter(({isCore}) => scope === 'all' || isCore);
  const connection = openConnection(url, signal);
  const checks: Check[] = [];
  const latenciesMs: number[] = [];
  try {
    for (const question of questions) {
      signal.throwIfAborted();
      checks.push(
        await runCheck(question.name, async () => {
          const timesMs = await ask(question, connection, artifact.version);
          if (question.isTimed) latenciesMs.push(...timesMs);
        }),
      );
    }
  } finally {
    connection.close();
  }
  return {checks, latenciesMs};
}

/** Runs one check; what it throws is the reason why it failed. */
export async function runCheck(name: string, run: () => Promise<unknown>): Promise<Check> {
  try {
    await run();
    return {name, passed: true};
  } catch (error) {
    return {name, passed: false, detail: error instanceof Error ? error.message : String(error)};
  }
}

async function ask({exchanges}: Question, connection: Connection, version: string): Promise<number[]> {
  if (exchanges.length === 0) throw new Error('the artifact holds no held-out example to ask for');
  const timesMs: number[] = [];
  for (const exchange of exchanges) {
    const beginMs = performance.now();
    const answer = await connection.send(exchange);
    timesMs.push(performance.now() - beginMs);
    judgeAnswer(exchange, answer, version);
  }
  return timesMs;
}
