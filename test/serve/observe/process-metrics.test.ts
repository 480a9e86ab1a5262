import {setTimeout as wait} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import {createProcessMetrics} from '../../../serve/observe/process-metrics.ts';
import {parseScrape} from '../../helpers/prometheus-text.ts';
import {planeArtifact} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

describe('what the process does', () => {
  test('is told in plausible numbers, and in no more than an operator sets alarms on', async () => {
    const startedMs = Date.now();
    const {app} = createTestApp(planeArtifact());
    const {read, samples} = parseScrape(await (await app.request('/metrics')).text());
    expect([...samples.keys()].filter(name => /^(process|nodejs)_/.test(name))).toEqual([
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_start_time_seconds',
      'nodejs_eventloop_lag_max_seconds',
    ]);
    expect(read('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(read('process_start_time_seconds')).toBeLessThan(startedMs / 1000);
    expect(read('process_start_time_seconds')).toBeGreaterThan(startedMs / 1000 - 86_400);
    expect(read('process_resident_memory_bytes')).toBeGreaterThan(10 * 1024 * 1024);
  });

  test('shows a blocked event loop once, in the reading after it', async () => {
    const readProcess = createProcessMetrics();
    const read = () => readProcess().find(({name}) => name.includes('lag'))?.samples[0]?.value ?? Number.NaN;
    expect(read()).toBe(0);
    await wait(100);
    const end = performance.now() + 200;
    while (performance.now() < end);
    await wait(60);
    expect(read()).toBeGreaterThan(0.1);
  });
});
