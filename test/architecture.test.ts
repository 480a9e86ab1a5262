import {readdirSync} from 'node:fs';
import {relative} from 'node:path';
import {build} from 'esbuild';
import {beforeAll, describe, expect, test} from 'vitest';
import {projectRoot} from './helpers/cli-run.ts';

/** What each source file imports, by path in the project or by package name. */
const imports = new Map<string, string[]>();

beforeAll(async () => {
  const sources = ['pipeline', 'serve'].flatMap(folder =>
    readdirSync(`${projectRoot}/${folder}`, {recursive: true, encoding: 'utf8'})
      .filter(file => file.endsWith('.ts'))
      .map(file => `${folder}/${file}`),
  );
  for (const source of sources) {
    // one file at a time, everything it imports left outside: what remains are its own import statements
    const result = await build({
      absWorkingDir: projectRoot,
      entryPoints: [source],
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'node',
      plugins: [
        {
          name: 'leave imports outside',
          setup: ({onResolve}) =>
            onResolve({filter: /.*/}, ({path, kind, resolveDir}) => {
              if (kind === 'entry-point') return;
              const target = path.startsWith('.')
                ? relative(projectRoot, new URL(path, `file://${resolveDir}/`).pathname)
                : path;
              return {path: target, external: true};
            }),
        },
      ],
    });
    imports.set(source, result.metafile.inputs[source]?.imports.map(({path}) => path) ?? []);
  }
});

/** The files that break a rule, each with the import that breaks it. */
function findBreaches(
  isSubject: (file: string) => boolean,
  isForbidden: (target: string) => boolean,
): string[] {
  return [...imports].flatMap(([file, targets]) =>
    isSubject(file) ? targets.filter(isForbidden).map(target => `${file} imports ${target}`) : [],
  );
}

describe('the layout', () => {
  test('has sources to look at', () => {
    expect(imports.get('pipeline/cli.ts')).toContain('pipeline/run/options.ts');
  });

  test('keeps the server free of the pipeline', () => {
    expect(
      findBreaches(
        file => file.startsWith('serve/'),
        target => target.startsWith('pipeline/'),
      ),
    ).toEqual([]);
  });

  test('keeps files, processes and the network out of core', () => {
    const effects =
      /^(node:)?(fs|child_process|net|http|https|dgram)(\/|$)|^(zx|got|@duckdb|esbuild)(\/|$)|^pipeline\/(io|stages)\//;
    expect(
      findBreaches(
        file => file.startsWith('pipeline/core/'),
        target => effects.test(target),
      ),
    ).toEqual([]);
  });

  test('keeps adapters free of stages', () => {
    expect(
      findBreaches(
        file => file.startsWith('pipeline/io/'),
        target => target.startsWith('pipeline/stages/'),
      ),
    ).toEqual([]);
  });

  test('has one file for each of the libraries that may one day be replaced', () => {
    const importers = (library: string) =>
      [...imports].filter(([, targets]) => targets.includes(library)).map(([file]) => file);
    expect(importers('ml-regression-multivariate-linear')).toEqual(['pipeline/core/fit/regression.ts']);
    expect(importers('@duckdb/node-api')).toEqual(['pipeline/io/data/duckdb/rows.ts']);
    expect(importers('zx/core')).toEqual(['pipeline/io/engine/command.ts']);
    expect(importers('zx')).toEqual([]);
  });

  test('acts on import in the two entry points only: nothing else reads the command line or exits', async () => {
    const {readFile} = await import('node:fs/promises');
    const acting = /process\.(argv|exit\b|exitCode)/;
    const found: string[] = [];
    for (const file of imports.keys())
      if (acting.test(await readFile(`${projectRoot}/${file}`, 'utf8'))) found.push(file);
    expect(found.sort()).toEqual(['pipeline/cli.ts', 'serve/main.ts']);
  });
});
