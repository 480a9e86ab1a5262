import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {cpus, tmpdir, totalmem} from 'node:os';
import {join} from 'node:path';
import {projectRoot} from '../helpers/cli-run.ts';
import {setup as warmCache} from '../helpers/warm-cache.ts';
import {type Bench, createBench} from './bench.ts';
import {findReferencePython, type ReferencePython} from './python.ts';
import {benchBatch} from './sections/batch.ts';
import {benchEngine} from './sections/engine.ts';
import {benchMemory} from './sections/memory.ts';
import {benchRoad} from './sections/road.ts';
import {benchRow} from './sections/row.ts';
import {benchSize} from './sections/size.ts';
import {benchStart} from './sections/start.ts';
import {killServers} from './server.ts';
import {formatTable, summariseGoals, type Table} from './table.ts';

const sections = new Map<string, (bench: Bench) => Promise<Table[]>>([
  ['road', benchRoad],
  ['engine', benchEngine],
  ['row', benchRow],
  ['batch', benchBatch],
  ['start', benchStart],
  ['memory', benchMemory],
  ['size', benchSize],
]);

const usage = `Usage: npm run bench [-- SECTION …]
Sections: ${[...sections.keys()].join(', ')}. Without one, all of them.
Environment:
  BENCH_ROUNDS        rounds of each comparison, 15 if not set; 1 only tries that everything works
  BENCH_SOAK_SECONDS  mixed load under which memory is watched, 60 if not set (3 for one round);
                      300 for the five minutes of the goal
  REFERENCE_PYTHON    a Python with scikit-learn, pandas, flask, fastapi and uvicorn, to compare with
`;

const names = process.argv.slice(2);
const rounds = Number(process.env.BENCH_ROUNDS || 15);
const soakSeconds = Number(process.env.BENCH_SOAK_SECONDS || (rounds === 1 ? 3 : 60));
const problems = [
  ...names.filter(name => !sections.has(name)).map(name => `There is no section ${JSON.stringify(name)}.`),
  ...(Number.isInteger(rounds) && rounds > 0 ? [] : ['BENCH_ROUNDS must be a whole number of at least 1.']),
  ...(soakSeconds >= 1 ? [] : ['BENCH_SOAK_SECONDS must be a number of at least 1.']),
];
if (names.includes('--help')) process.stdout.write(usage);
else if (problems.length === 0) await runBench(names.length > 0 ? names : [...sections.keys()]);
else {
  process.stderr.write(`${problems.join('\n')}\n${usage}`);
  process.exitCode = 2;
}

async function runBench(chosen: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const cleanUp = () => {
    killServers();
    rmSync(folder, {recursive: true, force: true});
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // not once: a second signal, as `timeout` sends one, would end the clean-up half done
    process.on(signal, () => {
      cleanUp();
      process.exit(1);
    });
  }
  try {
    warmCache();
    const python = findReferencePython(process.env.REFERENCE_PYTHON);
    const bench = createBench({rounds, soakSeconds, python, folder});
    process.stdout.write(describeMachine(python));
    const tables: Table[] = [];
    for (const name of chosen) {
      for (const table of (await sections.get(name)?.(bench)) ?? []) {
        process.stdout.write(formatTable(table));
        tables.push(table);
      }
    }
    process.stdout.write(summariseGoals(tables));
  } finally {
    cleanUp();
  }
}

function describeMachine({versions}: ReferencePython): string {
  const parts = [
    `${cpus().length} × ${cpus()[0]?.model.trim() || 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Node ${process.versions.node}`,
    ...['fastify', 'autocannon'].map(name => `${name} ${readVersion(name)}`),
    ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
    rounds === 1 ? 'one short round: tried, not measured' : `medians of ${rounds} rounds in shuffled order`,
  ];
  return `${parts.join(', ')}\n`;
}

function readVersion(name: string): string {
  const file = join(projectRoot, 'node_modules', name, 'package.json');
  const {version}: {version: string} = JSON.parse(readFileSync(file, 'utf8'));
  return version;
}
