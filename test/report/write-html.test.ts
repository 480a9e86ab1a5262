import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {Failure} from '../../pipeline/core/failure.ts';
import {writeHtmlReport} from '../../pipeline/report/write-html.ts';
import {know} from '../../pipeline/run/facts.ts';
import {foldResult} from '../../pipeline/run/outcome.ts';
import {runCli} from '../helpers/cli-run.ts';
import {makeFolder} from '../helpers/folder.ts';
import {artifact} from '../helpers/promoted-run.ts';

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
  test('names no place of the machine that wrote it', async () => {
    const pages = [];
    for (const place of ['here', 'there']) {
      const folder = join(root, place, 'iris', '0123456789ab');
      mkdirSync(folder, {recursive: true});
      const failure = new Failure('rejected', {
        code: 'X',
        message: `${folder} holds no smoke.json`,
        fix: `Remove ${folder}.`,
      });
      const ref = join(root, place, 'iris/releases/one');
      const facts = {
        write: {folder, artifact, text: '', card: null},
        unchanged: {store: 'folder', ref, digest: `sha256:${'a'.repeat(64)}`, channel: 'production'},
      } as const;
      await writeHtmlReport(
        facts,
        foldResult([know('write', facts.write), know('unchanged', facts.unchanged)], {failure}),
      );
      pages.push(readFileSync(join(folder, 'report.html'), 'utf8'));
    }
    expect(pages[1]).toBe(pages[0]);
    expect(pages[0]).not.toContain(root);
    expect(pages[0]).toContain('iris/0123456789ab holds no smoke.json');
  });

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
    expect(built.report).toContain('<dt>bundle</dt>');
    const smoked = await runFor(artifacts, 'smoke');
    expect(smoked.report).toMatch(/<dt>smoke test<\/dt><dd>(\d+) of \1 checks passed/);
    const rejected = await runFor(artifacts, 'gate', '--max-mse', '0.01');
    expect(rejected.code).toBe(4);
    expect(rejected.report).toContain('<span aria-hidden="true">✕</span> Rejected');
    expect(rejected.report).toMatch(
      /<code>mse<\/code><\/th><td>0\.12992<\/td><td class="left">at most 0\.01<\/td><td class="left"><strong class="outside">failed/,
    );
    const judged = await runFor(artifacts, 'gate');
    expect(judged.report).toContain('Gate: passed');
    const pushed = await runFor(artifacts, 'push');
    expect(pushed.report).toContain('<span aria-hidden="true">✓</span> Promoted');
    for (const {report} of [built, smoked, rejected, judged, pushed]) {
      expect(report).not.toContain(root);
      expect(report.match(/<svg /g)).toHaveLength(7);
    }
    expect([built, smoked, judged, pushed].map(({code}) => code)).toEqual([0, 0, 0, 0]);
  });

  test('says of figures that are missing, or not what this program writes, that they are missing', async () => {
    const artifacts = join(root, 'figures');
    const {folder} = await runFor(artifacts, 'train');
    writeFileSync(join(folder, 'figures.json'), '{"figures": "broken"}');
    const broken = await runFor(artifacts, 'build');
    expect(broken.report).toContain('this version folder holds no figures.json');
    rmSync(join(folder, 'figures.json'));
    expect((await runFor(artifacts, 'build')).report).toBe(broken.report);
  });
});
