import {readdirSync, readFileSync} from 'node:fs';
import {
  constants,
  monitorEventLoopDelay,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks';
import type {Metric} from './metrics.ts';

/**
 * Creates a reader of what the process and Node are doing, under the names of Prometheus' client libraries
 * (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics, and prom-client for Node's).
 *
 * Delays of the event loop and garbage collections are observed from the first reading on: a server that nobody
 * scrapes does not pay for them.
 */
export function createProcessMetrics(): () => Metric[] {
  let observed: {delays: ReturnType<typeof observeDelays>; garbage: ReturnType<typeof observeGarbage>};
  return () => {
    observed ??= {delays: observeDelays(), garbage: observeGarbage()};
    const {delays, garbage} = observed;
    return [...describeProcess(), ...delays(), ...garbage(), ...describeNode()];
  };
}

function describeProcess(): Metric[] {
  const {user, system} = process.cpuUsage();
  return [
    counter('process_cpu_user_seconds_total', 'User CPU time.', user / 1e6),
    counter('process_cpu_system_seconds_total', 'System CPU time.', system / 1e6),
    counter('process_cpu_seconds_total', 'User and system CPU time.', (user + system) / 1e6),
    gauge(
      'process_start_time_seconds',
      'Start of the process, in seconds since 1970.',
      performance.timeOrigin / 1000,
    ),
    gauge('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
    gauge('process_open_fds', 'Open file descriptors.', countOpenFiles()),
    gauge('process_max_fds', 'Most file descriptors that may be open.', readMaxFiles()),
  ].filter(({samples}) => samples.length > 0);
}

function describeNode(): Metric[] {
  const {heapTotal, heapUsed, external} = process.memoryUsage();
  const version: Metric = {
    name: 'nodejs_version_info',
    help: 'Version of Node.js; always 1.',
    type: 'gauge',
    samples: [{labels: {version: process.version}, value: 1}],
  };
  return [
    gauge('nodejs_heap_size_total_bytes', 'Size of the JavaScript heap.', heapTotal),
    gauge('nodejs_heap_size_used_bytes', 'Used part of the JavaScript heap.', heapUsed),
    gauge('nodejs_external_memory_bytes', 'Memory of objects outside the JavaScript heap.', external),
    gauge(
      'nodejs_eventloop_utilization',
      'Share of time in which the event loop was busy, from the start on.',
      performance.eventLoopUtilization().utilization,
    ),
    version,
  ];
}

const resolutionMs = 20;

/** Starts to watch how late the event loop is; each reading tells of the time since the one before it. */
function observeDelays(): () => Metric[] {
  const delays = monitorEventLoopDelay({resolution: resolutionMs});
  delays.enable();
  return () => {
    // Node measures from one tick of its timer to the next: an idle loop has delays of one resolution. Without a
    // tick yet there is nothing to tell, and its mean is no number.
    const seconds = (ns: number) => (delays.count > 0 ? Math.max(0, ns / 1e9 - resolutionMs / 1000) : 0);
    const metrics = [
      gauge('nodejs_eventloop_lag_mean_seconds', 'Mean delay of the event loop.', seconds(delays.mean)),
      gauge('nodejs_eventloop_lag_max_seconds', 'Largest delay of the event loop.', seconds(delays.max)),
      gauge(
        'nodejs_eventloop_lag_p99_seconds',
        '99th percentile of the delay of the event loop.',
        seconds(delays.percentile(99)),
      ),
    ];
    delays.reset();
    return metrics;
  };
}

/** Starts to count garbage collections. */
function observeGarbage(): () => Metric[] {
  const totals = garbageKinds.map(kind => ({...kind, count: 0, seconds: 0}));
  new PerformanceObserver(list => {
    for (const {duration, detail} of list.getEntries() as GarbageEntry[]) {
      const total = totals.find(({code}) => code === detail.kind);
      if (total === undefined) continue;
      total.count++;
      total.seconds += duration / 1000;
    }
  }).observe({entryTypes: ['gc']});
  return () => [
    {
      name: 'nodejs_gc_duration_seconds',
      help: 'Garbage collections, by kind.',
      type: 'summary',
      samples: totals.flatMap(({kind, count, seconds}) => [
        {suffix: '_sum', labels: {kind}, value: seconds},
        {suffix: '_count', labels: {kind}, value: count},
      ]),
    },
  ];
}

/** Node's types leave out `detail`. */
type GarbageEntry = PerformanceEntry & {detail: NodeGCPerformanceDetail};

const garbageKinds = [
  {kind: 'major', code: constants.NODE_PERFORMANCE_GC_MAJOR},
  {kind: 'minor', code: constants.NODE_PERFORMANCE_GC_MINOR},
  {kind: 'incremental', code: constants.NODE_PERFORMANCE_GC_INCREMENTAL},
  {kind: 'weakcb', code: constants.NODE_PERFORMANCE_GC_WEAKCB},
];

/** Only Linux tells, and a container may hide it. */
function countOpenFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

function readMaxFiles(): number | undefined {
  try {
    const found = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return found === null ? undefined : Number(found[1]);
  } catch {
    return undefined;
  }
}

/** Without a value there is no sample. */
function gauge(name: string, help: string, value: number | undefined): Metric {
  return {name, help, type: 'gauge', samples: value === undefined ? [] : [{value}]};
}

function counter(name: string, help: string, value: number): Metric {
  return {name, help, type: 'counter', samples: [{value}]};
}
