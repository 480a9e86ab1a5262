import {existsSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {runCli} from '../helpers/cli-run.ts';
import {makeFolder} from '../helpers/folder.ts';

const root = makeFolder();
const withoutEngine = {env: {CONTAINER_ENGINE: 'none'}};

/** Runs a command with artifacts of its own; the text of the one report.html that it left behind. */
async function runFor(artifacts: string, ...args: string[]) {
  const run = await runCli([...args, '--json', '--artifacts', artifacts], withoutEngine);
  const parent = join(artifacts, 'iris');
  const version = readdirSync(parent).find(entry => /^[0-9a-f]{12}$/.test(entry)) ?? '';
  const read = (file: string) => readFileSync(join(parent, version, file), 'utf8');
  return {...run, folder: join(parent, version), report: read('report.html'), read};
}

describe('report.html', () => {
  test('has the same bytes from two processes in two places, as figures.json has', async () => {
    const one = await runFor(join(root, 'one'), 'train');
    const other = await runFor(join(root, 'another-place'), 'train');
    expect([one.code, other.code]).toEqual([0, 0]);
    expect(other.report).toBe(one.report);
    expect(other.read('figures.json')).toBe(one.read('figures.json'));
    expect(one.report).not.toContain(root);
    expect(one.report).toContain('<span aria-hidden="true">✓</span> Trained');
    expect(one.report.match(/<svg /g)).toHaveLength(7);
  });

  test('is written anew by every later command, with the figures of train', async () => {
    const artifacts = join(root, 'stages');
    await runFor(artifacts, 'train');
    const built = await runFor(artifacts, 'build');
    expect(built.report).toContain('Gate: not judged');
    const smoked = await runFor(artifacts, 'smoke');
    expect(smoked.report).toContain('but it passed the smoke test');
    const judged = await runFor(artifacts, 'gate');
    expect(judged.report).toContain('Passed the gate');
    const pushed = await runFor(artifacts, 'push');
    expect(pushed.report).toContain('<span aria-hidden="true">✓</span> Promoted');
    for (const {code, report} of [built, smoked, judged, pushed]) {
      expect(code).toBe(0);
      expect(report).not.toContain(root);
      expect(report.match(/<svg /g)).toHaveLength(7);
    }
  });

  test('of a rejected run shows the rule that failed, and of a missing figures.json that it is missing', async () => {
    const artifacts = join(root, 'rejected');
    const rejected = await runFor(artifacts, 'pipeline', '--max-mse', '0.01');
    expect(rejected.code).toBe(4);
    expect(rejected.report).not.toContain(root);
    expect(rejected.report).toContain('<span aria-hidden="true">✕</span> Rejected');
    expect(rejected.report).toMatch(
      /<code>mse<\/code><\/th><td>0\.12992<\/td><td class="left">at most 0\.01<\/td><td class="left"><strong class="outside">failed/,
    );
    rmSync(join(rejected.folder, 'figures.json'));
    const again = await runFor(artifacts, 'gate', '--max-mse', '0.01');
    expect(again.code).toBe(4);
    expect(again.report).toContain('this version folder holds no figures.json');
    writeFileSync(join(rejected.folder, 'figures.json'), '{"figures": "broken"}');
    expect((await runFor(artifacts, 'gate', '--max-mse', '0.01')).report).toBe(again.report);
  });

  test('waits for nobody when the data cannot be learnt from', async () => {
    const csv = join(root, 'bad.csv');
    writeFileSync(csv, 'a,y\n1,2\n2,x\n3,4\n');
    const begin = performance.now();
    const artifacts = join(root, 'bad');
    const run = await runCli([
      'train',
      '--csv',
      csv,
      '--target',
      'y',
      '--features',
      'a',
      '--artifacts',
      artifacts,
    ]);
    expect(run.code).toBe(3);
    expect(performance.now() - begin).toBeLessThan(20_000);
    expect(existsSync(join(artifacts, 'bad'))).toBe(false);
  });

  test('is not waited for when the run is interrupted', async () => {
    let sent = false;
    const run = await runCli(['pipeline', '--artifacts', join(root, 'interrupted')], {
      ...withoutEngine,
      onStderr: (text, send) => {
        if (sent || !text.includes('\nsplit')) return;
        sent = true;
        send('SIGTERM');
      },
    });
    expect(sent).toBe(true);
    expect(run.code).toBe(143);
  });
});
