import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {cpus, tmpdir, totalmem} from 'node:os';
import {join} from 'node:path';
import type {Result} from '../../pipeline/result.ts';
import {runCli} from '../helpers/cli-run.ts';
import {findFreePort} from '../helpers/registry.ts';
import {setup as warmCache} from '../helpers/warm-cache.ts';
import {
  compare,
  findReferencePython,
  printTable,
  type Row,
  timeProcess,
  timeToFirstAnswer,
} from './measure.ts';

warmCache();
const rounds = Number(process.env.BENCH_ROUNDS ?? 15);
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
try {
  process.stdout.write(
    `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}; medians of ${rounds} rounds in shuffled order\n`,
  );
  const promoted = await benchWholeRoad();
  await benchEngine();
  await benchStart(promoted);
} finally {
  rmSync(folder, {recursive: true, force: true});
}

/** The whole road without an engine, caches warm, against the Python script that only trains. */
async function benchWholeRoad(): Promise<Result> {
  const artifacts = join(folder, 'artifacts');
  const road = ['pipeline', '--artifacts', artifacts, '--json'];
  const env = {CONTAINER_ENGINE: 'none'};
  const {result} = await runCli(road, {env});
  const python = findReferencePython();
  const contenders = [{name: 'road', measure: async () => time(() => runCli(road, {env}))}];
  const script = ['test/bench/reference/train.py', 'data/iris.data', join(folder, 'model.pickle')];
  if (python !== undefined) contenders.push({name: 'python', measure: () => timeProcess(python, script)});
  const medians = await compare(contenders, rounds);
  const [road_, python_] = [medians.get('road') ?? Number.NaN, medians.get('python')];
  const rows: Row[] = [{what: 'whole pipeline, no engine, warm caches', measured: ms(road_)}];
  if (python_ === undefined) {
    rows.push({
      what: 'reference script',
      measured: 'not measured',
      goal: 'a Python with scikit-learn and pandas (REFERENCE_PYTHON names it)',
    });
  } else {
    rows.push(
      {what: 'reference script: pandas, scikit-learn, pickle', measured: ms(python_)},
      {what: 'ratio', measured: (road_ / python_).toFixed(2), goal: '≤ 1.0'},
    );
  }
  printTable('From CSV to a tested release, against Python training alone', rows);
  return result();
}

async function benchEngine(): Promise<void> {
  const {code, result, stderr} = await runCli(['pipeline', '--artifacts', join(folder, 'engine'), '--json']);
  const {image, stages, smoke} = code === 0 ? result() : {image: null, stages: [], smoke: null};
  if (image === null) {
    printTable('With a container engine', [
      {
        what: 'not measured',
        measured: '',
        goal: `an engine that answers (${stderr.trim().split('\n').at(-1)})`,
      },
    ]);
    return;
  }
  printTable(
    'With a container engine, by stage',
    stages.map(({name, ms: value}) => ({what: name, measured: ms(value)})),
  );
  const context = join(folder, 'engine/iris', result().version ?? '', 'context');
  const layer = ['server.mjs', 'model.json'].reduce(
    (sum, file) => sum + statSync(join(context, file)).size,
    0,
  );
  printTable('Image', [
    {what: 'our layer: server and model', measured: `${(layer / 2 ** 20).toFixed(3)} MiB`, goal: '≤ 0.5 MiB'},
    {what: 'whole image', measured: `${(image.sizeBytes / 2 ** 20).toFixed(1)} MiB`},
    {what: 'container start to first 200', measured: ms(smoke?.startupMs ?? Number.NaN)},
    {what: 'p99 of 200 sequential predictions', measured: ms(smoke?.p99Ms ?? Number.NaN)},
  ]);
}

/** The bundle's start against a server that is nothing but node:http. */
async function benchStart({artifact, version}: Result): Promise<void> {
  const release = join(artifact ?? '', 'context');
  const start = async (script: string, path: string) => {
    const env = {PORT: String(await findFreePort()), MODEL_PATH: join(release, 'model.json')};
    return timeToFirstAnswer(script, env, path);
  };
  const medians = await compare(
    [
      {name: 'bundle', measure: () => start(join(release, 'server.mjs'), '/readyz')},
      {name: 'bare', measure: () => start('test/bench/reference/bare-server.mjs', '/')},
    ],
    rounds,
  );
  const [bundle, bare] = [medians.get('bundle') ?? Number.NaN, medians.get('bare') ?? Number.NaN];
  printTable(`Start to first 200, model ${version}`, [
    {what: 'server bundle', measured: ms(bundle)},
    {what: 'bare node:http', measured: ms(bare)},
    {what: 'ratio', measured: (bundle / bare).toFixed(2), goal: '≤ 1.3'},
  ]);
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
}
