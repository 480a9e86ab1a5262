import {setTimeout as wait} from 'node:timers/promises';
import {describe, expect, test} from 'vitest';
import {createProcessMetrics} from '../../../serve/observe/process-metrics.ts';
import {parseScrape} from '../../helpers/prometheus-text.ts';
import {planeArtifact} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

describe('what the process does', () => {
  test('is told in plausible numbers', async () => {
    const startedMs = Date.now();
    const {app} = createTestApp(planeArtifact());
    const {read, samples} = parseScrape(await (await app.request('/metrics')).text());
    const [user, system] = [read('process_cpu_user_seconds_total'), read('process_cpu_system_seconds_total')];
    expect(read('process_cpu_seconds_total')).toBeCloseTo(user + system, 3);
    expect(user).toBeGreaterThan(0);
    expect(read('process_start_time_seconds')).toBeLessThan(startedMs / 1000);
    expect(read('process_start_time_seconds')).toBeGreaterThan(startedMs / 1000 - 86_400);
    const mebibyte = 1024 * 1024;
    expect(read('process_resident_memory_bytes')).toBeGreaterThan(10 * mebibyte);
    expect(read('nodejs_heap_size_used_bytes')).toBeGreaterThan(mebibyte);
    expect(read('nodejs_heap_size_total_bytes')).toBeGreaterThan(mebibyte);
    expect(read('nodejs_external_memory_bytes')).toBeGreaterThan(0);
    expect(read('nodejs_eventloop_utilization')).toBeGreaterThanOrEqual(0);
    expect(read('nodejs_eventloop_utilization')).toBeLessThanOrEqual(1);
    expect(read('nodejs_version_info', {version: process.version})).toBe(1);
    if (process.platform === 'linux') {
      expect(read('process_open_fds')).toBeGreaterThan(3);
      expect(read('process_max_fds')).toBeGreaterThanOrEqual(read('process_open_fds'));
    }
    const kinds = (samples.get('nodejs_gc_duration_seconds_count') ?? []).map(({labels}) => labels.kind);
    expect(kinds).toEqual(['major', 'minor', 'incremental', 'weakcb']);
  });

  test('shows a blocked event loop, and that an idle one is not late', async () => {
    const readProcess = createProcessMetrics();
    const read = (name: string) => readProcess().find(metric => metric.name === name)?.samples[0]?.value;
    expect(read('nodejs_eventloop_lag_max_seconds')).toBe(0);
    await wait(100);
    const end = performance.now() + 200;
    while (performance.now() < end);
    await wait(60);
    const lag = read('nodejs_eventloop_lag_max_seconds') ?? 0;
    expect(lag).toBeGreaterThan(0.1);
    await wait(300);
    expect(read('nodejs_eventloop_lag_mean_seconds')).toBeLessThan(0.05);
  });

  test('counts garbage collections from the first scrape on', async () => {
    const readProcess = createProcessMetrics();
    const count = () =>
      readProcess()
        .find(({name}) => name === 'nodejs_gc_duration_seconds')
        ?.samples.filter(({suffix}) => suffix === '_count')
        .reduce((sum, {value}) => sum + value, 0) ?? 0;
    expect(count()).toBe(0);
    let kept: object[] = [];
    for (let i = 0; i < 100 && count() === 0; i++) {
      kept = Array.from({length: 200_000}, (_, j) => ({j, kept: kept.length}));
      await wait(1);
    }
    expect(count()).toBeGreaterThan(0);
  });
});
