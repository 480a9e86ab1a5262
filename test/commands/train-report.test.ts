import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {projectRoot, runCli} from '../helpers/cli-run.ts';
import {makeFolder} from '../helpers/folder.ts';

const folder = makeFolder();
const csi = '\u001b[';

/** What scikit-learn 1.9.1 and statsmodels 0.15.0 say of the 30 test rows, and of OLS on the 120 training rows. */
const oracle = {
  scores: {
    mse: '0.12992',
    rmse: '0.360444',
    mae: '0.260617',
    medianAbsoluteError: '0.169144',
    maxError: '1.02878',
    r2: '0.960359',
    bias: '0.0976416',
  },
  coefficients: [
    ['intercept', '-0.250466', '-0.865962 to 0.36503', '0.422'],
    ['sepal_length', '0.724173', '0.603788 to 0.844558', '< 2e-16', '3.16038'],
    ['sepal_width', '-0.641963', '-0.784238 to -0.499688', '7.3e-15', '1.29612'],
    ['petal_width', '1.46632', '1.32603 to 1.60661', '< 2e-16', '3.59005'],
  ],
  fit: [
    'r2 0.969994',
    'adjustedR2 0.969218',
    'residualStandardError 0.307255',
    'F 1,249.95 on 3 and 116 degrees of freedom',
  ],
  groups: [
    ['Iris-setosa', '0.0780326'],
    ['Iris-versicolor', '0.110001'],
    ['Iris-virginica', '0.193387'],
  ],
  worst: [
    ['142', '5.1', '6.12878'],
    ['146', '5.2', '6.04815'],
    ['74', '4.7', '4.12908'],
  ],
};

describe('what train reports on iris', () => {
  test('agrees in report.md, model card and table with scikit-learn and statsmodels to the digit shown', async () => {
    const run = await runCli(['train', '--artifacts', join(folder, 'agree')]);
    expect(run.code).toBe(0);
    const [, version = ''] = /^TRAINED iris ([0-9a-f]{12})\n/.exec(run.stdout) ?? [];
    const read = (file: string) => readFileSync(join(folder, 'agree/iris', version, file), 'utf8');
    const reports = {
      table: run.stdout,
      'report.md': read('report.md'),
      'model-card.md': read('model-card.md'),
    };
    for (const [file, text] of Object.entries(reports)) {
      // a line of a table, in Markdown or not, as its cells
      const lines = text.split('\n').map(line =>
        line
          .replaceAll('`', '')
          .split(/ *\| *| {2,}/)
          .filter(cell => cell !== ''),
      );
      // the unit follows the name
      const startsAs = (cells: string[]) =>
        lines.some(line => cells.every((cell, i) => (i === 0 ? line[0]?.split(' ')[0] : line[i]) === cell));
      for (const score of Object.entries(oracle.scores))
        expect(startsAs(score), `${file}: ${score}`).toBe(true);
      for (const cells of oracle.coefficients) expect(startsAs(cells), `${file}: ${cells}`).toBe(true);
      for (const [name = '', mse = ''] of oracle.groups)
        expect(
          lines.some(line => line[0] === name && line.includes(mse)),
          `${file}: ${name}`,
        ).toBe(true);
      const flat = text.replaceAll(/\s+/g, ' ');
      for (const part of oracle.fit) expect(flat, file).toContain(part);
      if (file === 'table') continue;
      for (const cells of oracle.worst) expect(startsAs(cells), `${file}: ${cells}`).toBe(true);
    }
    expect(run.stdout).toMatch(/^ {2}mse +0\.12992 +at most 0\.2 +met$/m);
    expect(run.stdout).toMatch(/^ {2}r2 +0\.960359 +at least 0\.9 +met$/m);
    expect(reports['report.md'].split('\n').length).toBeLessThan(75);
    const card = reports['model-card.md'];
    expect(card).toContain(
      'Fisher, R. (1936). Iris. UCI Machine Learning Repository. https://doi.org/10.24432/C56C76\n',
    );
    expect(card).toContain(
      '- Licence of the data: CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)\n',
    );
    expect(card).toMatch(/^- Note: .*row 35, .*row 38, /m);
  });

  test('has no colours when it is piped, and no line over 80 columns', async () => {
    const run = await runCli(['train', '--artifacts', join(folder, 'piped')]);
    expect(run.stdout + run.stderr).not.toContain(csi);
    const table = run.stdout.slice(run.stdout.indexOf('\n\n'));
    for (const line of table.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test('is exactly one JSON object with --json, also where colours are forced', async () => {
    const run = await runCli(['train', '--json', '--artifacts', join(folder, 'json')], {
      env: {FORCE_COLOR: '1'},
    });
    expect(run.stdout).toMatch(/^\{.*\}\n$/);
    expect(run.result().outcome).toBe('trained');
  });
});

test('what is said of the data in the descriptor changes the card, and neither model nor version', async () => {
  const train = async (name: string, about: object | undefined) => {
    const descriptor = JSON.parse(readFileSync(join(projectRoot, 'data/iris.json'), 'utf8'));
    const {$schema: _, about: __, ...rest} = descriptor;
    const file = join(folder, `${name}.json`);
    const source = {...rest.source, snapshot: join(projectRoot, 'data/iris.data')};
    writeFileSync(file, JSON.stringify({...rest, source, about}));
    const run = await runCli(['train', '--json', '--dataset', file, '--artifacts', join(folder, 'about')]);
    expect(run.result().error).toBeNull();
    const place = run.result().artifact ?? '';
    return {place, card: readFileSync(join(place, 'model-card.md'), 'utf8')};
  };
  const silent = await train('silent', undefined);
  const stated = await train('stated', {licence: 'CC0'});
  expect(stated.place).toBe(silent.place);
  expect(silent.card).toContain('- Licence of the data: nobody has stated one\n');
  expect(stated.card).toBe(
    silent.card.replace('Licence of the data: nobody has stated one', 'Licence of the data: CC0'),
  );
});
