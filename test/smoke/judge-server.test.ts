import {describe, expect, onTestFinished, test} from 'vitest';
import {smokeEnvironment} from '../../pipeline/smoke/checks.ts';
import {judgeServer, type StartedServer} from '../../pipeline/smoke/judge-server.ts';
import {parseConfig} from '../../serve/config.ts';
import {startLocalServer} from '../helpers/local-server.ts';
import {planeArtifact} from '../helpers/server-artifact.ts';

const artifact = planeArtifact();
const options = {hasCard: false, scope: 'all', signal: new AbortController().signal} as const;

async function start(changes: Partial<StartedServer> = {}): Promise<StartedServer> {
  const {vertex} = parseConfig(smokeEnvironment, '');
  const {port, close} = await startLocalServer({artifact, service: {vertex, card: undefined}});
  onTestFinished(close);
  return {
    url: `http://127.0.0.1:${port}`,
    hasEnded: async () => false,
    checkHealth: async () => true,
    stop: async () => 0,
    ...changes,
  };
}

async function judge(server: StartedServer, beginMs = performance.now()) {
  const judgement = await judgeServer(server, artifact, {...options, beginMs});
  return {...judgement, failed: judgement.checks.filter(({passed}) => !passed)};
}

describe('the judgement of a server', () => {
  test('tells how long it took to start and to answer', async () => {
    const {checks, failed, startupMs, p50Ms, p99Ms} = await judge(await start());
    expect(failed).toEqual([]);
    expect(checks[0]).toEqual({name: 'ready', passed: true});
    expect(checks.slice(-2).map(({name}) => name)).toEqual([
      'health check command',
      'SIGTERM ends it with exit code 0',
    ]);
    expect(startupMs).toBeGreaterThan(0);
    expect(p50Ms).toBeGreaterThan(0);
    expect(p99Ms).toBeGreaterThanOrEqual(p50Ms ?? Number.NaN);
  });

  test('names what it did not pass', async () => {
    const {failed} = await judge(await start({checkHealth: async () => false, stop: async () => null}));
    expect(failed).toEqual([
      {name: 'health check command', passed: false, detail: 'it did not exit with 0'},
      {name: 'SIGTERM ends it with exit code 0', passed: false, detail: 'it ended with SIGKILL'},
    ]);
  });

  test('does not ask for a health check that there is not', async () => {
    const {checks} = await judge(await start({checkHealth: null}));
    expect(checks.map(({name}) => name)).not.toContain('health check command');
  });

  test('ends early for a server that ends early', async () => {
    const server = await start({url: 'http://127.0.0.1:1', hasEnded: async () => true});
    expect(await judge(server)).toMatchObject({
      checks: [{name: 'ready', passed: false, detail: 'it ended before it was ready'}],
      startupMs: null,
      p99Ms: null,
    });
  });

  test('takes no times from a clock that stands still', async () => {
    // as seen by a clock that has not moved since
    const {failed} = await judge(await start(), performance.now() + 60_000);
    expect(failed).toEqual([
      {
        name: 'ready',
        passed: false,
        detail: 'the clock of this machine stands still, so nothing can be timed',
      },
    ]);
  });
});
