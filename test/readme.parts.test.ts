import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {describe, expect, onTestFinished, test} from 'vitest';
import {projectRoot} from './helpers/cli-run.ts';
import {makeFolder} from './helpers/folder.ts';
import {testWith} from './helpers/parts.ts';
import {findFreePort, startRegistry} from './helpers/registry.ts';

const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) =>
  block
    .trim()
    .split('\n')
    .filter(line => !line.startsWith('# ')),
);
const dialects = blocks.findIndex(([first]) => first?.includes('interval='));

const folder = makeFolder();
const csv = join(folder, 'flats.csv');
// price = 3·area + 10·rooms, rent = price / 100: a fit without error
const rows = Array.from({length: 30}, (_, i) => [20 + i, 1 + ((i * 7) % 5)]).map(([area = 0, rooms = 0]) => [
  area,
  rooms,
  3 * area + 10 * rooms,
  (3 * area + 10 * rooms) / 100,
]);
writeFileSync(csv, `area,rooms,price,rent\n${rows.map(row => row.join(',')).join('\n')}\n60,,200,2\n`);

/** Runs a command of the README as it stands, but for its artifacts, which go to a temporary folder. */
function run(
  command: string,
  {artifacts = 'artifacts', env = {}}: {artifacts?: string; env?: Record<string, string>} = {},
) {
  const [line, options = ''] = command.split(' -- ');
  return spawnSync('sh', ['-c', `${line} -- ${options} --artifacts ${join(folder, artifacts)}`], {
    cwd: projectRoot,
    encoding: 'utf8',
    env: {...process.env, CI: '', REGISTRY: '', CONTAINER_ENGINE: 'none', ...env},
  });
}

describe('the README', () => {
  test('has no command that neither CI nor a test of this file runs', () => {
    expect(blocks).toEqual([
      ['npm ci && npm run pipeline', 'npm ci && npm test'], // CI
      ['npm run serve', expect.stringMatching(/^curl /)],
      ['npm run train', 'npm run build', 'npm run smoke', 'npm run gate', 'npm run push'],
      [
        expect.stringMatching(/^npm run train -- --csv your\.csv /),
        expect.stringMatching(/^npm run pipeline -- --csv your\.csv /),
      ],
      ['REGISTRY=127.0.0.1:5000/team npm run pipeline'],
      ['npm run pipeline -- --max-mse 0.1'],
      [
        'REGISTRY=127.0.0.1:5000/team npm run history',
        'REGISTRY=127.0.0.1:5000/team npm run history -- --at 2026-05-03',
        'REGISTRY=127.0.0.1:5000/team npm run rollback -- --to previous --reason "wrong on Mondays"',
      ],
      ['docker run --rm --publish 127.0.0.1:8000:8000 iris:production'],
      Array.from({length: 7}, () => expect.stringContaining('curl -s ')),
      ['npm run test:unit', 'npm run lint', 'npm run bench', 'npm run clean'], // CI
    ]);
  });

  testWith('curl')('goes stage by stage, then serves and answers as it says', async () => {
    for (const command of blocks[2] ?? []) {
      const {status, stderr} = run(command);
      expect(`${command}: ${status}${status === 0 ? '' : stderr}`).toBe(`${command}: 0`);
    }
    const port = await findFreePort();
    const server = spawn('npm', ['run', 'serve', '--', '--artifacts', join(folder, 'artifacts')], {
      cwd: projectRoot,
      env: {...process.env, PORT: String(port)},
      stdio: 'ignore',
      detached: true,
    });
    onTestFinished(() => stopGroup(server));
    expect(await ask(port)).toEqual(JSON.parse(/^```json\n(.*?)^```$/ms.exec(readme)?.[1] ?? ''));
    const answers = (blocks[dialects] ?? []).map(command => {
      const local = command.replace('127.0.0.1:8000', `127.0.0.1:${port}`);
      return spawnSync('sh', ['-c', local], {encoding: 'utf8'}).stdout.replace(/\n?$/, '\n');
    });
    expect(answers.join('')).toBe(/^```text\n(\{"prediction.*?)^```$/ms.exec(readme)?.[1]);
  });

  test('trains on a CSV of its reader', () => {
    const commands = (blocks[3] ?? []).map(command => command.replace('your.csv', csv));
    const [train, pipeline] = commands.map(command => run(command, {artifacts: 'csv'}));
    expect(train?.stderr).toContain('30 rows, 1 with missing cells dropped: price, rent from area, rooms');
    expect(train?.status).toBe(0);
    // the row without rooms is an error where nobody said to drop it
    expect(pipeline?.stderr).toContain('flats.csv:32 "rooms": expected a number');
    expect(pipeline?.status).toBe(3);
    expect(run(`${commands[1]} --drop-missing`, {artifacts: 'csv'}).stdout).toContain('PROMOTED flats ');
  });

  test('ends with 4 where it says so', () => {
    const rejected = run(blocks[5]?.[0] ?? '');
    expect(rejected.status).toBe(4);
    expect(rejected.stdout).toContain('REJECTED iris');
  });

  testWith(
    'docker',
    'registry',
    'curl',
  )('promotes to a registry, and the image of the engine answers', async () => {
    const registry = await startRegistry();
    onTestFinished(() => registry.remove());
    const promoted = run(blocks[4]?.[0]?.replace('127.0.0.1:5000', registry.host) ?? '', {
      env: {CONTAINER_ENGINE: 'docker'},
    });
    expect(promoted.stdout).toContain('PROMOTED iris ');
    const [history, then, rollback] = (blocks[6] ?? []).map(command =>
      run(command.replace('127.0.0.1:5000', registry.host), {env: {CONTAINER_ENGINE: 'docker'}}),
    );
    expect(history?.stdout).toContain('production');
    expect(then?.stdout).toContain('iris:production held nothing that its log knows of at 2026-05-03');
    expect(rollback?.stderr).toContain('is the first release of its chain');
    expect(
      run('npm run pipeline', {artifacts: 'engine', env: {CONTAINER_ENGINE: 'docker'}}).stdout,
    ).toContain('The channel production now holds iris:production.');
    const port = await findFreePort();
    const command = blocks[7]?.[0]?.replace('127.0.0.1:8000', `127.0.0.1:${port}`) ?? '';
    const container = spawn('sh', ['-c', `exec ${command}`], {stdio: 'ignore'});
    onTestFinished(() => void container.kill('SIGTERM'));
    const answer = await ask(port);
    expect(answer.prediction[0]).toBeCloseTo(1.4892105741903334, 12); // scikit-learn 1.2.1
  });
});

/** Sends the README's curl to a port, as soon as something answers there. */
async function ask(port: number): Promise<{prediction: number[]; model_version: string}> {
  const curl = blocks[1]?.[1]?.replace('127.0.0.1:8000', `127.0.0.1:${port}`) ?? '';
  for (let attempt = 0; attempt < 100; attempt++) {
    const {status, stdout} = spawnSync('sh', ['-c', curl], {encoding: 'utf8'});
    if (status === 0) return JSON.parse(stdout);
    await sleep(100);
  }
  throw new Error(`no answer to: ${curl}`);
}

function stopGroup({pid}: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGTERM');
}
