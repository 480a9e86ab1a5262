import {spawn} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {afterAll, beforeAll, expect} from 'vitest';
import {sealArtifact} from '../../serve/artifact/artifact.ts';
import {projectRoot} from '../helpers/cli-run.ts';
import {clientsFolder} from '../helpers/machine-parts.ts';
import {testWith} from '../helpers/parts.ts';
import {uncertainPlaneContent} from '../helpers/server-artifact.ts';
import {
  bundleServer,
  type RunningServer,
  type ServerBundle,
  startServer,
  stopServer,
} from '../helpers/server-process.ts';

const python = join(clientsFolder, 'python/bin');
const npm = join(clientsFolder, 'npm');
const scripts = join(projectRoot, 'test/clients');

let bundle: ServerBundle;
let server: RunningServer;
let folder: string;
beforeAll(async () => {
  bundle = await bundleServer(sealArtifact(uncertainPlaneContent()).text);
  server = await startServer(bundle);
  // below it, so that what is made finds the packages of Node
  folder = await mkdtemp(join(npm, 'test-')).catch(() => '');
  if (folder === '') return;
  const document = await (await fetch(`${server.url}/openapi.json`)).text();
  await writeFile(join(folder, 'openapi.json'), document);
});
afterAll(async () => {
  await stopServer(server);
  await bundle.remove();
  if (folder !== '') await rm(folder, {recursive: true});
});

/** Runs a program to its end, which must be good; gives what it wrote. */
async function run(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const child = spawn(program, args, {
    cwd: folder,
    env: {...process.env, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  expect({code, output: code === 0 ? '' : stdout + stderr}).toEqual({code: 0, output: ''});
  return stdout + stderr;
}

testWith('pythonClients').each([
  ["Triton's client", 'triton.py'],
  ["KServe's client", 'kserve_sdk.py'],
  ["MLflow's client", 'mlflow_client.py'],
  ["SageMaker's serializers", 'sagemaker_serializers.py'],
])('%s predicts, with its defaults', async (_, script) => {
  await run(join(python, 'python'), [join(scripts, script), server.url]);
});

testWith('pythonClients')('openapi-python-client makes a client that predicts', async () => {
  const made = join(folder, 'made');
  const args = ['generate', '--path', 'openapi.json', '--output-path', made, '--meta', 'none'];
  const said = await run(join(python, 'openapi-python-client'), args);
  expect(said).not.toMatch(/Unable to process schema/);
  await run(join(python, 'python'), [join(scripts, 'generated.py'), server.url, folder]);
});

// what depends on other members of the body is more than a schema can say: that is not looked for
testWith('pythonClients')('schemathesis finds nothing', async () => {
  await run(
    join(python, 'schemathesis'),
    [
      'run',
      `${server.url}/openapi.json`,
      '--max-examples=20',
      '--seed=1',
      '--exclude-checks=positive_data_acceptance',
    ],
    {SCHEMATHESIS_HOOKS: 'schemathesis_hooks', PYTHONPATH: scripts},
  );
});

testWith('npmClients')('redocly finds nothing in the OpenAPI document', async () => {
  const said = await run(join(npm, 'node_modules/.bin/redocly'), ['lint', 'openapi.json'], {
    REDOCLY_TELEMETRY: 'off',
  });
  expect(said).not.toMatch(/warning/i);
});

testWith('npmClients')('openapi-typescript makes types with which a client predicts', async () => {
  const bin = join(npm, 'node_modules/.bin');
  await run(join(bin, 'openapi-typescript'), ['openapi.json', '--output', 'openapi.d.ts']);
  await writeFile(join(folder, 'predict.mts'), caller(server.url));
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck'];
  await run(join(bin, 'tsc'), [...options, 'predict.mts']);
  await run(process.execPath, ['predict.mjs']);
});

/** A program that asks the plane y = 2a + 3b + 5 through types that were made of the document. */
function caller(url: string): string {
  return `import createClient from 'openapi-fetch';
import type {paths} from './openapi.d.ts';
const client = createClient<paths>({baseUrl: '${url}'});
const {data, error} = await client.POST('/predict', {body: {features: [[1, 1], [2, 4]]}});
const prediction = typeof data === 'object' ? data.prediction : undefined;
if (JSON.stringify(prediction) !== '[10,21]') throw new Error(JSON.stringify({data, error}));
// @ts-expect-error a text is no number
await client.POST('/predict', {body: {features: [['x', 1]]}});
`;
}
