import type {Artifact} from '../../serve/artifact/artifact.ts';
import {ask, expectEqual, expectStatus, expectValues, pick, type ServerUnderTest} from './answers.ts';

/** What the subject is started with, so that it speaks Vertex AI's dialect beside its own. */
export const smokeEnvironment = {AIP_HEALTH_ROUTE: '/vertex/health', AIP_PREDICT_ROUTE: '/vertex/predict'};

/** A question for each dialect, about the held-out examples; its names and columns backwards, where they may be. */
export const dialectQuestions: Record<string, (server: ServerUnderTest) => Promise<unknown>> = {
  'CSV in and out': async server => {
    const {targets} = server.artifact;
    const {columns, rows, expected} = readBackwards(server.artifact);
    const body = toCsv([columns, ...rows]);
    const answer = await ask(server, 'POST', '/predict', {body, contentType: 'text/csv', accept: 'text/csv'});
    const [names, ...values] = expectStatus(answer, 200).text.trimEnd().split('\n');
    expectEqual('the line of names', `${names}\n`, toCsv([targets.map(({name}) => name)]));
    expectValues(
      values.map(line => line.split(',').map(Number)),
      expected,
    );
  },
  'SageMaker: /ping and /invocations': async server => {
    expectStatus(await ask(server, 'GET', '/ping'), 200);
    const {heldOut} = server.artifact;
    const expected = heldOut.map(({prediction}) => prediction);
    const instances = heldOut.map(({features}) => features);
    const json = await ask(server, 'POST', '/invocations', {body: {instances}});
    expectValues(pick(expectStatus(json, 200).body, 'predictions'), expected);
    const body = toCsv(instances);
    const csv = await ask(server, 'POST', '/invocations', {
      body,
      contentType: 'text/csv',
      accept: 'text/csv',
    });
    const lines = expectStatus(csv, 200).text.trimEnd().split('\n');
    expectEqual('content-type', csv.headers.get('content-type'), 'text/csv');
    expectValues(
      lines.map(line => line.split(',').map(Number)),
      expected,
    );
  },
  'MLflow: /invocations and /version': async server => {
    const {columns, rows, expected} = readBackwards(server.artifact);
    const records = rows.map(row => Object.fromEntries(columns.map((name, k) => [name, row[k]])));
    const bodies = [
      {dataframe_split: {columns, data: rows}},
      {dataframe_records: records},
      {inputs: Object.fromEntries(columns.map((name, k) => [name, rows.map(row => row[k])]))},
    ];
    for (const body of bodies) {
      const answer = expectStatus(await ask(server, 'POST', '/invocations', {body}), 200);
      expectValues(pick(answer.body, 'predictions'), expected);
    }
    const {text} = expectStatus(await ask(server, 'GET', '/version'), 200);
    expectEqual('version', text, `${server.artifact.name} ${server.artifact.version}`);
  },
  'Vertex AI: the routes of its environment': async server => {
    expectStatus(await ask(server, 'GET', smokeEnvironment.AIP_HEALTH_ROUTE), 200);
    const {heldOut} = server.artifact;
    const body = {instances: heldOut.map(({features}) => features)};
    const answer = expectStatus(await ask(server, 'POST', smokeEnvironment.AIP_PREDICT_ROUTE, {body}), 200);
    expectValues(
      pick(answer.body, 'predictions'),
      heldOut.map(({prediction}) => prediction),
    );
  },
  'lines of JSON in and out': async server => {
    const {columns, rows, expected} = readBackwards(server.artifact);
    const instances = rows.map(row => Object.fromEntries(columns.map((name, k) => [name, row[k]])));
    const body = [...instances, 'smoke-test-text'].map(line => `${JSON.stringify(line)}\n`).join('');
    const contentType = 'application/x-ndjson';
    const answer = expectStatus(await ask(server, 'POST', '/predict', {body, contentType}), 200);
    const lines = answer.text.trimEnd().split('\n').map(parseLine);
    expectValues(
      lines.slice(0, -1).map(line => pick(line, 'prediction')),
      expected,
    );
    expectEqual('the error of the last line', pick(pick(lines.at(-1), 'error'), 'code'), 'invalid_input');
    if (answer.text.includes('smoke-test-text')) throw new Error('the answer echoes its input');
  },
  'Open Inference Protocol, version 2': async server => {
    const {name, version, features, targets, heldOut} = server.artifact;
    expectStatus(await ask(server, 'GET', '/v2/health/ready'), 200);
    const metadata = expectStatus(await ask(server, 'GET', `/v2/models/${name}`), 200);
    expectEqual('versions', pick(metadata.body, 'versions'), [version]);
    const data = heldOut.map(example => example.features);
    const tensor = {datatype: 'FP64', shape: [data.length]};
    const table = {...tensor, name: 'features', shape: [data.length, features.length], data};
    const columns = features.map((feature, j) => {
      return {...tensor, name: feature.name, data: data.map(row => row[j])};
    });
    for (const inputs of [[table], columns.toReversed()]) {
      const path = `/v2/models/${name}/versions/${version}/infer`;
      const {body} = expectStatus(await ask(server, 'POST', path, {body: {id: 'smoke', inputs}}), 200);
      expectEqual('id', pick(body, 'id'), 'smoke');
      const outputs = targets.map((_, k) => pick(pick(pick(body, 'outputs'), String(k)), 'data'));
      expectValues(
        heldOut.map((_, i) => outputs.map(values => pick(values, String(i)))),
        heldOut.map(({prediction}) => prediction),
      );
    }
    const unknown = expectStatus(await ask(server, 'GET', `/v2/models/${name}/versions/0`), 404);
    expectEqual('type of "error"', typeof pick(unknown.body, 'error'), 'string');
  },
};

/** The held-out examples with their columns in the opposite of the model's order. */
function readBackwards({features, heldOut}: Artifact) {
  return {
    columns: features.map(({name}) => name).toReversed(),
    rows: heldOut.map(example => example.features.toReversed()),
    expected: heldOut.map(({prediction}) => prediction),
  };
}

function parseLine(line: string): unknown {
  return JSON.parse(line);
}

function toCsv(lines: readonly (readonly (string | number)[])[]): string {
  const quote = (cell: string | number) => {
    const text = String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return lines.map(cells => `${cells.map(quote).join(',')}\n`).join('');
}
