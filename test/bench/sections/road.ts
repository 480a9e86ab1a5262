import {spawn} from 'node:child_process';
import {join} from 'node:path';
import {projectRoot, runCli} from '../../helpers/cli-run.ts';
import type {Bench} from '../bench.ts';
import {compare} from '../compare.ts';
import {reference} from '../contenders.ts';
import {describeLack} from '../python.ts';
import {atMost, formatMs, type Row, type Table} from '../table.ts';

/** The whole road without an engine, caches warm, against the Python script that only trains. */
export async function benchRoad({rounds, folder, python}: Bench): Promise<Table[]> {
  const road = ['pipeline', '--artifacts', join(folder, 'road'), '--json'];
  const script = [reference('train.py'), join(projectRoot, 'data/iris.data'), join(folder, 'road.pickle')];
  const lack = describeLack(python, ['scikit-learn', 'pandas']);
  const timeScript = () => time(() => runProcess(python.command, script));
  const medians = await compare(
    {
      road: () => time(() => runCli(road, {env: {CONTAINER_ENGINE: 'none'}})),
      ...(lack === undefined ? {script: timeScript} : {}),
    },
    {rounds, uncounted: 1},
  );
  const what = 'reference script: pandas, scikit-learn, pickle';
  const rows: Row[] = [
    {what: 'whole pipeline, no engine, warm caches', measured: formatMs(medians.road.ms)},
    ...(medians.script === undefined
      ? [{what, missing: lack ?? ''}]
      : [
          {what, measured: formatMs(medians.script.ms)},
          atMost('pipeline ÷ script', medians.road.ms / medians.script.ms, 1),
        ]),
  ];
  return [{title: 'From CSV to a tested release, against Python training alone', rows}];
}

/** Runs a process to its end; throws with what it wrote when it fails. */
async function runProcess(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, {stdio: ['ignore', 'ignore', 'pipe']});
  let stderr = '';
  child.stderr.on('data', chunk => (stderr += chunk));
  const code = await new Promise(resolve => child.once('close', resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr}`);
}

async function time(work: () => Promise<unknown>): Promise<{ms: number}> {
  const begin = performance.now();
  await work();
  return {ms: performance.now() - begin};
}
