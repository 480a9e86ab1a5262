import {monitorEventLoopDelay} from 'node:perf_hooks';
import type {Metric} from './metrics.ts';

const resolutionMs = 20;

/**
 * Creates a reader of what an operator sets alarms on: processor, memory, restarts and a blocked event loop. The names
 * are those of Prometheus' client libraries
 * (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics, and prom-client for Node's).
 *
 * The event loop is watched from the first reading on: a server that nobody scrapes does not pay for it. Each reading
 * tells of the time since the one before it.
 */
export function createProcessMetrics(): () => Metric[] {
  let delays: ReturnType<typeof monitorEventLoopDelay> | undefined;
  return () => {
    if (delays === undefined) {
      delays = monitorEventLoopDelay({resolution: resolutionMs});
      delays.enable();
    }
    // Node measures from one tick of its timer to the next: an idle loop has a delay of one resolution.
    const lagSeconds = delays.count > 0 ? Math.max(0, delays.max / 1e9 - resolutionMs / 1000) : 0;
    delays.reset();
    const {user, system} = process.cpuUsage();
    return [
      describe('process_cpu_seconds_total', 'counter', 'User and system CPU time.', (user + system) / 1e6),
      describe('process_resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss()),
      describe(
        'process_start_time_seconds',
        'gauge',
        'Start of the process, in seconds since 1970.',
        performance.timeOrigin / 1000,
      ),
      describe(
        'nodejs_eventloop_lag_max_seconds',
        'gauge',
        'Largest delay of the event loop since it was last asked for.',
        lagSeconds,
      ),
    ];
  };
}

function describe(name: string, type: 'counter' | 'gauge', help: string, value: number): Metric {
  return {name, help, type, samples: [{value}]};
}
