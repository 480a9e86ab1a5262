import {readdirSync} from 'node:fs';
import {monitorEventLoopDelay, PerformanceObserver} from 'node:perf_hooks';
import type {Metric} from './metrics.ts';

/**
 * Creates a reader of what the process and Node are doing, under the names that Prometheus' client libraries use.
 *
 * Delays of the event loop and garbage collections are observed from the first reading on: a server that nobody
 * scrapes does not pay for them.
 */
export function createProcessMetrics(): () => Metric[] {
  const startSeconds = (Date.now() - performance.now()) / 1000;
  const garbage = {count: 0, seconds: 0};
  let delays: ReturnType<typeof monitorEventLoopDelay> | undefined;
  return () => {
    if (delays === undefined) {
      delays = monitorEventLoopDelay({resolution: 20});
      delays.enable();
      new PerformanceObserver(list => {
        for (const {duration} of list.getEntries()) {
          garbage.count++;
          garbage.seconds += duration / 1000;
        }
      }).observe({entryTypes: ['gc']});
    }
    const {user, system} = process.cpuUsage();
    const {rss, heapTotal, heapUsed, external} = process.memoryUsage();
    const openFiles = countOpenFiles();
    // Without a sample yet the histogram has a mean that is no number.
    const seconds = (ns: number) => (Number.isFinite(ns) && delays?.count !== 0 ? ns / 1e9 : 0);
    const metrics = [
      counter('process_cpu_user_seconds_total', 'User CPU time.', user / 1e6),
      counter('process_cpu_system_seconds_total', 'System CPU time.', system / 1e6),
      counter('process_cpu_seconds_total', 'User and system CPU time.', (user + system) / 1e6),
      gauge('process_start_time_seconds', 'Start of the process, in seconds since 1970.', startSeconds),
      gauge('process_resident_memory_bytes', 'Resident memory.', rss),
      ...(openFiles === undefined ? [] : [gauge('process_open_fds', 'Open file descriptors.', openFiles)]),
      gauge('nodejs_heap_size_total_bytes', 'Size of the JavaScript heap.', heapTotal),
      gauge('nodejs_heap_size_used_bytes', 'Used part of the JavaScript heap.', heapUsed),
      gauge('nodejs_external_memory_bytes', 'Memory of objects outside the JavaScript heap.', external),
      gauge('nodejs_eventloop_lag_mean_seconds', 'Mean delay of the event loop.', seconds(delays.mean)),
      gauge('nodejs_eventloop_lag_max_seconds', 'Largest delay of the event loop.', seconds(delays.max)),
      gauge(
        'nodejs_eventloop_lag_p99_seconds',
        '99th percentile of the delay of the event loop.',
        seconds(delays.percentile(99)),
      ),
      gauge(
        'nodejs_eventloop_utilization',
        'Share of time in which the event loop was busy, from the start on.',
        performance.eventLoopUtilization().utilization,
      ),
      counter('nodejs_gc_runs_total', 'Garbage collections.', garbage.count),
      counter('nodejs_gc_seconds_total', 'Time in garbage collections.', garbage.seconds),
      {
        ...gauge('nodejs_version_info', 'Version of Node.js; always 1.', 1),
        samples: [{labels: {version: process.version}, value: 1}],
      },
    ];
    // Each scrape tells of the time since the one before it.
    delays.reset();
    return metrics;
  };
}

function countOpenFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined; // only Linux has it, and a container may hide it
  }
}

function gauge(name: string, help: string, value: number): Metric {
  return {name, help, type: 'gauge', samples: [{value}]};
}

function counter(name: string, help: string, value: number): Metric {
  return {name, help, type: 'counter', samples: [{value}]};
}
