import {describe, expect, test} from 'vitest';
import {createMetrics, formatMetric, metricsContentType} from '../../../serve/observe/metrics.ts';
import {parseScrape, type Scrape} from '../../helpers/prometheus-text.ts';
import {oddArtifact, planeArtifact} from '../../helpers/server-artifact.ts';
import {createTestApp, type TestApp} from '../../helpers/test-app.ts';

const plane = planeArtifact();

async function scrape({app}: Pick<TestApp, 'app'>): Promise<Scrape & {text: string}> {
  const response = await app.request('/metrics');
  expect(response.status).toBe(200);
  const text = await response.text();
  return {text, ...parseScrape(text)};
}

describe('GET /metrics', () => {
  test('is in the text format 0.0.4', async () => {
    const {app} = createTestApp(plane);
    const response = await app.request('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(metricsContentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect((await response.text()).endsWith('\n')).toBe(true);
  });

  // https://prometheus.io/docs/practices/naming/ and what promtool's linter looks for
  test('follows the conventions for names, types and units', async () => {
    const server = createTestApp(plane);
    await server.post('/predict', {features: [[9, 9]]});
    const {text, types, samples} = await scrape(server);
    const suffixes = {
      counter: /_total$/,
      gauge: /(?<!_total|_count|_sum|_bucket)$/,
      histogram: /_seconds$/,
      summary: /_seconds$/,
    };
    for (const [name, type] of types) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
      expect(name).toMatch(suffixes[type as keyof typeof suffixes]);
      expect(name).not.toMatch(/milli|micro|nano|_ms\b|_kb|_mb|_percent/);
      expect(name).not.toContain(type);
    }
    const families = [...types].flatMap(([name, type]) => {
      if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
      return type === 'summary' ? [`${name}_sum`, `${name}_count`] : [name];
    });
    for (const name of samples.keys()) expect(families).toContain(name);
    for (const line of text.split('\n').filter(line => line.startsWith('# HELP'))) {
      expect(line).toMatch(/^# HELP \S+ [A-Z\d].*\S$/);
    }
  });

  test('has each family and each series once, with a value', async () => {
    const server = createTestApp(oddArtifact());
    await server.post('/predict', {features: [[1, 1]]});
    const {text, samples} = await scrape(server);
    const heads = text.split('\n').filter(line => line.startsWith('#'));
    expect(new Set(heads).size).toBe(heads.length);
    const series = text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
    expect(new Set(series.map(line => line.slice(0, line.lastIndexOf(' ')))).size).toBe(series.length);
    for (const [name, list] of samples) {
      for (const {value} of list) expect(value, name).not.toBeNaN();
    }
  });

  test('counts requests by route, method and status', async () => {
    const server = createTestApp(plane);
    const {app, post} = server;
    await post('/predict', {features: [[1, 1]]});
    await post('/predict', {features: [[1, 1]]});
    await post('/predict', {features: 'none'});
    await app.request('/healthz');
    await app.request('/healthz', {method: 'HEAD'});
    await app.request('/predict', {method: 'PUT'});
    const {read} = await scrape(server);
    const count = (route: string, method: string, status: string) =>
      read('http_requests_total', {route, method, status});
    expect(count('/predict', 'POST', '200')).toBe(2);
    expect(count('/predict', 'POST', '400')).toBe(1);
    expect(count('/predict', 'PUT', '405')).toBe(1);
    expect(count('/healthz', 'GET', '200')).toBe(1);
    expect(count('/healthz', 'HEAD', '200')).toBe(1);
    // what a scrape tells is from before its own answer
    expect(count('/metrics', 'GET', '200')).toBeNaN();
    expect((await scrape(server)).read('http_requests_total', {route: '/metrics'})).toBe(1);
  });

  test('never has a path or a method as it was sent', async () => {
    const server = createTestApp(plane);
    const {app} = server;
    const paths = [
      '/secret',
      '/predict/secret',
      '/v2/models/secret',
      '/healthz?secret',
      '/predict%2Fsecret',
      '//secret',
    ];
    for (const path of paths) {
      await app.request(path);
      await app.request(path, {method: 'POST', body: 'secret', headers: {'x-request-id': 'secret'}});
    }
    for (let i = 0; i < 100; i++) {
      await app.request('/predict', {method: `SECRET${i}`});
      await app.request(`/secret${i}`, {method: `SECRET${i}`});
    }
    const {text, samples} = await scrape(server);
    expect(text.toLowerCase()).not.toContain('secret');
    const requests = samples.get('http_requests_total') ?? [];
    expect(requests.length).toBeLessThan(20);
    const known = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'];
    for (const {labels} of requests) expect(known).toContain(labels.method);
    expect(
      requests.find(({labels}) => labels.method === 'other' && labels.route === 'unmatched')?.value,
    ).toBe(100);
  });

  test('has a histogram of latencies for each route, its buckets summed up', async () => {
    // 0.04 ms, 2 ms, 3 s and an hour
    const latencies = [0.04, 2, 3_000, 3_600_000];
    let ms = 0;
    let looks = 0;
    const server = createTestApp(plane, {
      now: () => {
        if (looks++ % 2 === 1) ms += latencies.shift() ?? 0;
        return ms;
      },
    });
    for (let i = 0; i < 4; i++) await server.app.request('/healthz');
    const {read, samples} = await scrape(server);
    const name = 'http_request_duration_seconds';
    const buckets = (samples.get(`${name}_bucket`) ?? []).filter(({labels}) => labels.route === '/healthz');
    const bounds = buckets.map(({labels}) =>
      labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le),
    );
    expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
    expect(bounds.at(-1)).toBe(Number.POSITIVE_INFINITY);
    for (const [i, bound] of bounds.entries()) {
      expect(buckets[i]?.value).toBe([0.00004, 0.002, 3, 3600].filter(seconds => seconds <= bound).length);
    }
    expect(read(`${name}_count`, {route: '/healthz'})).toBe(4);
    expect(read(`${name}_sum`, {route: '/healthz'})).toBeCloseTo(3603.00204, 9);
    // a route that was never asked for has no series
    expect(read(`${name}_count`, {route: '/readyz'})).toBeNaN();
  });

  test('counts a latency equal to a bound in its bucket', () => {
    const metrics = createMetrics(plane, {ignored: 0, rows: 0, outOfRange: [0, 0]});
    metrics.createRecorder('/predict')('POST', 200, 1);
    const {read} = parseScrape(metrics.render());
    const bucket = (le: string) => read('http_request_duration_seconds_bucket', {le});
    expect([bucket('0.0005'), bucket('0.001'), bucket('0.0025')]).toEqual([0, 1, 1]);
  });

  test('counts in one place for all that record a route', () => {
    const metrics = createMetrics(plane, {ignored: 0, rows: 0, outOfRange: [0, 0]});
    metrics.createRecorder('/predict')('POST', 200, 1);
    metrics.createRecorder('/predict')('POST', 200, 1);
    expect(parseScrape(metrics.render()).read('http_requests_total', {route: '/predict'})).toBe(2);
  });

  test('counts rows predicted, and those out of range by feature, whatever the dialect', async () => {
    const server = createTestApp(plane);
    const {post} = server;
    // a was trained on 0 to 2, b on 0 to 4
    await post('/predict', {
      features: [
        [1, 1],
        [9, 1],
        [9, 9],
      ],
    });
    await post('/predict', {instances: [{a: 2, b: -0.5}]});
    await post('/predict', '1,1\n1,5\n', {'content-type': 'text/csv'});
    const lines = await post('/predict', '[1,1]\n[3,1]\nwrong\n', {'content-type': 'application/x-ndjson'});
    // they are predicted as they are read
    await lines.text();
    await post('/invocations', {dataframe_split: {columns: ['b', 'a'], data: [[9, 1]]}});
    const inputs = [{name: 'x', shape: [2, 2], datatype: 'FP64', data: [1, 1, 1, 7]}];
    await post('/v2/models/plane/infer', {inputs});
    // refused: not predicted
    await post('/predict', {features: [[9, 'x']]});
    await post('/predict', {features: [[1e308, 1e308]]});
    const {read} = await scrape(server);
    expect(read('model_rows_predicted_total')).toBe(3 + 1 + 2 + 2 + 1 + 2);
    expect(read('model_rows_out_of_range_total', {feature: 'a'})).toBe(2 + 1);
    expect(read('model_rows_out_of_range_total', {feature: 'b'})).toBe(1 + 1 + 1 + 1 + 1);
  });

  test('has the names of model and features, whatever is in them', async () => {
    const odd = oddArtifact();
    const {read, samples} = await scrape(createTestApp(odd));
    expect(read('model_info', {name: odd.name, version: odd.version})).toBe(1);
    const features = (samples.get('model_rows_out_of_range_total') ?? []).map(({labels}) => labels.feature);
    expect(features).toEqual(odd.features.map(({name}) => name));
    for (const character of ['"', '\\', '\n']) expect(features.join()).toContain(character);
  });

  test('adds what the program around the service knows', async () => {
    let dropped = 7;
    const server = createTestApp(plane, {
      extraMetrics: () => [
        {name: 'log_lines_dropped_total', help: 'Lines.', type: 'counter', samples: [{value: dropped++}]},
      ],
    });
    expect((await scrape(server)).read('log_lines_dropped_total')).toBe(7);
    const {read, types} = await scrape(server);
    expect(read('log_lines_dropped_total')).toBe(8);
    expect(types.get('log_lines_dropped_total')).toBe('counter');
  });
});

describe('formatMetric', () => {
  test('escapes labels as the format asks', () => {
    const metric = {name: 'm', help: 'H.', type: 'gauge' as const};
    const text = formatMetric({...metric, samples: [{labels: {a: 'x\\y"z\nw', b: '{},='}, value: 1}]});
    expect(text).toBe('# HELP m H.\n# TYPE m gauge\nm{a="x\\\\y\\"z\\nw",b="{},="} 1\n');
    expect(parseScrape(text).samples.get('m')).toEqual([{labels: {a: 'x\\y"z\nw', b: '{},='}, value: 1}]);
  });

  test.each([
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
    [1e21, '1e+21'],
    [5e-7, '5e-7'],
  ])('writes %d as Go reads it', (value, text) => {
    const metric = {name: 'm', help: 'H.', type: 'gauge' as const, samples: [{value}]};
    expect(formatMetric(metric)).toContain(`\nm ${text}\n`);
  });
});
