import {spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {beforeAll, describe, expect, test} from 'vitest';
import {projectRoot} from './helpers/cli-run.ts';
import {makeFolder} from './helpers/folder.ts';

/** What `npm run lint` must not let through, each with the line that says so. */
const breaches = {
  imports: [
    [
      'the server needs the pipeline, if only for a type',
      {'serve/app.ts': "import type {Failure} from '../pipeline/core/failure.ts';"},
      'serve imports only what lies below it: serve/app.ts → pipeline/core/failure.ts',
    ],
    [
      'core reads files',
      {'pipeline/core/dataset/read.ts': "import {readFile} from 'node:fs/promises';"},
      'core computes and does not act: pipeline/core/dataset/read.ts → fs/promises',
    ],
    [
      'core starts processes',
      {'pipeline/core/release/start.ts': "import {spawn} from 'node:child_process';"},
      'core computes and does not act: pipeline/core/release/start.ts → child_process',
    ],
    [
      'core uses zx',
      {'pipeline/core/release/run.ts': "import {$} from 'zx/core';"},
      'core uses no package that acts: pipeline/core/release/run.ts → ',
    ],
    ...(['io', 'run', 'report', 'commands', 'stages'] as const).map(
      folder =>
        [
          `core knows ${folder}`,
          {
            [`pipeline/core/gate/knows-${folder}.ts`]: `import type {A} from '../../${folder}/a.ts';`,
            [`pipeline/${folder}/a.ts`]: 'export type A = 1;',
          },
          `pipeline/core/gate imports only what lies below it: pipeline/core/gate/knows-${folder}.ts → pipeline/${folder}/a.ts`,
        ] as const,
    ),
    [
      'a folder of core knows one above it',
      {
        'pipeline/core/fit/judge.ts': "import type {A} from '../gate/a.ts';",
        'pipeline/core/gate/a.ts': 'export type A = 1;',
      },
      'pipeline/core/fit imports only what lies below it: pipeline/core/fit/judge.ts → pipeline/core/gate/a.ts',
    ],
    [
      'a second file imports the library that fits',
      {'pipeline/core/fit/second.ts': "import Fit from 'ml-regression-multivariate-linear';"},
      'only pipeline/core/fit/regression.ts imports ml-regression-multivariate-linear: pipeline/core/fit/second.ts → ',
    ],
    [
      'zx is used outside of the engine',
      {'pipeline/io/artifacts/run.ts': "import {$} from 'zx';"},
      'only pipeline/io/engine imports zx: pipeline/io/artifacts/run.ts → ',
    ],
    [
      'DuckDB is used outside of the data',
      {'pipeline/stages/query.ts': "const duckdb = await import('@duckdb/node-api');"},
      'only pipeline/io/data imports @duckdb: pipeline/stages/query.ts → ',
    ],
    [
      'files import each other, if only for types',
      {
        'serve/rows/one.ts': "import type {Two} from './two.ts';\nexport type One = Two;",
        'serve/rows/two.ts': "import type {One} from './one.ts';\nexport type Two = One;",
      },
      'no circle of files: serve/rows/one.ts → serve/rows/two.ts → serve/rows/one.ts',
    ],
    [
      'folders import each other',
      {
        'serve/http/a.ts': "import type {B} from '../page/b.ts';",
        'serve/page/b.ts': 'export type B = 1;',
        'serve/page/c.ts': "import type {D} from '../http/d.ts';",
        'serve/http/d.ts': 'export type D = 1;',
      },
      'no circle of folders: serve/http → serve/page, as by serve/http/a.ts → serve/page/b.ts',
    ],
    [
      'an import leads nowhere',
      {'serve/lost.ts': "import {a} from './none.ts';"},
      'every import leads somewhere: serve/lost.ts → ./none.ts',
    ],
  ],
  sources: [
    ['an environment is read', {'serve/env.ts': 'export const a = process.env.A;'}, 'serve/env.ts:1:18'],
    [
      'arguments are read',
      {'pipeline/args.ts': 'export const a = process.argv[2];'},
      'pipeline/args.ts:1:18',
    ],
    ['the program is ended', {'pipeline/end.ts': 'process.exit(1);'}, 'pipeline/end.ts:1:1'],
    ['an exit code is set', {'pipeline/code.ts': 'process.exitCode = 1;'}, 'pipeline/code.ts:1:1'],
    [
      'they are taken from the module',
      {'pipeline/module.ts': "import {argv} from 'node:process';\nexport const a = argv;"},
      'pipeline/module.ts:1:1',
    ],
    [
      'a type is exported again, which the import rules do not see',
      {'pipeline/again.ts': "export type {A} from './a.ts';"},
      'pipeline/again.ts:1:1',
    ],
  ],
  unused: [
    ['nobody needs a file', {'pipeline/unused-file.ts': 'export const a = 1;'}, 'pipeline/unused-file.ts'],
    [
      'nobody needs an export or a type',
      {
        'pipeline/cli.ts': "import {used} from './half-used.ts';\nused();",
        'pipeline/half-used.ts': 'export function used() {}\nexport const idle = 1;\nexport type Idle = 1;',
      },
      /^idle +pipeline\/half-used\.ts.*^Idle +type +pipeline\/half-used\.ts/ms,
    ],
    ['nobody needs a dependency', {}, /^zod +package\.json/m],
  ],
} as const;

const folder = makeFolder();

/** Runs a program of node_modules, or a script, on the files of the breaches; its lines, without colours. */
function run(command: string, ...args: string[]): string {
  const {stdout, stderr} = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: {...process.env, NO_COLOR: '1', FORCE_COLOR: undefined},
  });
  return stdout + stderr;
}

beforeAll(() => {
  for (const part of ['.biome.json', '.gitignore', '.lint', 'package.json', 'tsconfig.json']) {
    cpSync(join(projectRoot, part), join(folder, part), {recursive: true});
  }
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, '.gitignore'), 'node_modules');
  const files = Object.values(breaches).flatMap(kind => kind.flatMap(([, files]) => Object.entries(files)));
  for (const [file, text] of [...files, ['pipeline/core/failure.ts', 'export class Failure {}']] as const) {
    mkdirSync(dirname(join(folder, file)), {recursive: true});
    writeFileSync(join(folder, file), `${text}\n`);
  }
});

describe('npm run lint fails where', () => {
  const said = {imports: '', sources: '', unused: ''};
  beforeAll(() => {
    said.imports = run(process.execPath, join(projectRoot, '.lint/check-imports.mjs'));
    said.sources = run('node_modules/.bin/biome', 'lint', '--max-diagnostics=none', '.');
    said.unused = run('node_modules/.bin/knip');
  });

  test.each(breaches.imports)('%s', (_, __, line) => {
    expect(said.imports).toContain(`\n${line}`);
  });

  test.each(breaches.sources)('%s', (_, __, place) => {
    expect(said.sources).toMatch(new RegExp(`^${place} (plugin|lint/style/noProcessEnv) `, 'm'));
  });

  test.each(breaches.unused)('%s', (_, __, line) => {
    expect(said.unused).toMatch(line);
  });
});

test('npm run lint holds to all of these, and so do our sources', () => {
  const {scripts} = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
  const steps = ['biome check --error-on-warnings .', 'node .lint/check-imports.mjs', 'knip'];
  expect(scripts.lint.split(' && ')).toEqual(expect.arrayContaining(steps));
  const check = spawnSync(process.execPath, ['.lint/check-imports.mjs'], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  expect(check).toMatchObject({stderr: '', status: 0});
});
