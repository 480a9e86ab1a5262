import type {Artifact} from '../artifact/artifact.ts';
import type {Tally} from '../rows/predictor.ts';

/** Counts requests, and writes what was counted in Prometheus' text format. */
export type ServerMetrics = {
  /** Gives the recorder of one route, the same for all that ask for it; `route` is the path as declared, never as sent. */
  createRecorder(route: string): Recorder;
  /** Text format 0.0.4, https://prometheus.io/docs/instrumenting/exposition_formats/. */
  render(extra?: readonly Metric[]): string;
};

/** Counts one answered request of a route; without a time where none was taken. */
type Recorder = (method: string, status: number, ms?: number) => void;

/** A metric with its samples: labels as they are written, and the value. */
export type Metric = {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  samples: readonly {suffix?: string; labels?: Record<string, string>; value: number}[];
};

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Upper bounds in seconds: a prediction takes some 20 µs, a body may take a minute to arrive. */
const bucketSeconds = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** The methods that get a label of their own; a client could invent any number of others. */
const knownMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

type RouteCounts = {
  route: string;
  /** Requests by method and status. */
  counts: Map<string, Map<number, number>>;
  /** Requests by bucket, each on its own (not summed up), the last one for all that took longer. */
  buckets: number[];
  sumMs: number;
};

export function createMetrics(artifact: Artifact, tally: Tally): ServerMetrics {
  const routes: RouteCounts[] = [];
  return {
    createRecorder(route) {
      const known = routes.find(entry => entry.route === route);
      const entry: RouteCounts = known ?? {
        route,
        counts: new Map(),
        buckets: Array.from({length: bucketSeconds.length + 1}, () => 0),
        sumMs: 0,
      };
      if (known === undefined) routes.push(entry);
      return (method, status, ms) => countRequest(entry, method, status, ms);
    },
    render(extra = []) {
      const used = routes.filter(({counts}) => counts.size > 0);
      return [...describeRequests(used), ...describeModel(artifact, tally), ...extra]
        .map(formatMetric)
        .join('');
    },
  };
}

/** Writes one metric, its samples in the order given. */
export function formatMetric({name, help, type, samples}: Metric): string {
  const lines = samples.map(({suffix = '', labels = {}, value}) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${formatValue(value)}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function countRequest(entry: RouteCounts, method: string, status: number, ms: number | undefined): void {
  const known = knownMethods.includes(method) ? method : 'other';
  let byStatus = entry.counts.get(known);
  if (byStatus === undefined) {
    byStatus = new Map();
    entry.counts.set(known, byStatus);
  }
  byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
  if (ms === undefined) return;
  entry.sumMs += ms;
  const seconds = ms / 1000;
  let bucket = 0;
  while (bucket < bucketSeconds.length && seconds > (bucketSeconds[bucket] ?? 0)) bucket++;
  entry.buckets[bucket] = (entry.buckets[bucket] ?? 0) + 1;
}

function describeRequests(routes: readonly RouteCounts[]): Metric[] {
  return [
    {
      name: 'http_requests_total',
      help: 'Requests answered, by route, method and status.',
      type: 'counter',
      samples: routes.flatMap(({route, counts}) =>
        [...counts].flatMap(([method, byStatus]) =>
          [...byStatus].map(([status, value]) => ({labels: {route, method, status: String(status)}, value})),
        ),
      ),
    },
    {
      name: 'http_request_duration_seconds',
      help: 'Time from the head of a request to its answer, by route.',
      type: 'histogram',
      samples: routes.flatMap(({route, buckets, sumMs}) => {
        if (buckets.every(value => value === 0)) return [];
        let count = 0;
        const samples = buckets.map((value, i) => {
          count += value;
          const le = i < bucketSeconds.length ? String(bucketSeconds[i]) : '+Inf';
          return {suffix: '_bucket', labels: {route, le}, value: count};
        });
        return [
          ...samples,
          {suffix: '_sum', labels: {route}, value: sumMs / 1000},
          {suffix: '_count', labels: {route}, value: count},
        ];
      }),
    },
  ];
}

function describeModel({name, version, features}: Artifact, tally: Tally): Metric[] {
  return [
    {
      name: 'model_info',
      help: 'The model that is served; always 1.',
      type: 'gauge',
      samples: [{labels: {name, version}, value: 1}],
    },
    {
      name: 'model_rows_predicted_total',
      help: 'Rows predicted.',
      type: 'counter',
      samples: [{value: tally.rows}],
    },
    {
      name: 'model_unknown_inputs_ignored_total',
      help: 'Columns and params of requests that the model does not know, and that were ignored.',
      type: 'counter',
      samples: [{value: tally.ignored}],
    },
    {
      name: 'model_rows_out_of_range_total',
      help: 'Rows predicted with a feature outside the range that the model was trained on.',
      type: 'counter',
      samples: features.map((feature, j) => ({
        labels: {feature: feature.name},
        value: tally.outOfRange[j] ?? 0,
      })),
    },
  ];
}

/** As Go reads them, which has other names for what is not finite. */
function formatValue(value: number): string {
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
