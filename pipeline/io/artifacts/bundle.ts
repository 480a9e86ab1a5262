import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {isBuiltin} from 'node:module';
import {fileURLToPath} from 'node:url';
import {build, type Plugin} from 'esbuild';
import {textImports} from './browser-text.ts';
import {type DocsFiles, hashDocsFiles, readDocsFiles} from './docs-files.ts';

export interface ServerBundle {
  bytes: Buffer;
  /** What goes beside it. */
  docs: DocsFiles;
  /** Hex SHA-256 of `bytes`: the same sources and packages give the same hash on any machine. */
  sha256: string;
}

/**
 * Bundles the server and all that it imports into one ES module for Node 24.
 *
 * The hash of the files beside it becomes part of its bytes and so of its hash: a release with others is another release.
 */
export async function bundleServer(): Promise<ServerBundle> {
  const docs = await readDocsFiles();
  const check = await readFile(new URL('../../../serve/check-node.js', import.meta.url), 'utf8');
  const result = await build({
    absWorkingDir: fileURLToPath(new URL('../../..', import.meta.url)),
    entryPoints: ['serve/main.ts'],
    outfile: 'server.mjs',
    write: false,
    bundle: true,
    minify: true,
    // Node prints the line at which a program fails: a bundle in one line would bury the reason.
    lineLimit: 120,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Without it Node 14 reads up to the check of its version, and can say what is wrong.
    supported: {'logical-assignment': false},
    charset: 'utf8',
    legalComments: 'eof',
    plugins: [textImports, builtinsOnDemand],
    banner: {js: `// docs: ${hashDocsFiles(docs)}\n${check}`},
    logLevel: 'silent',
  });
  const bytes = Buffer.from(result.outputFiles[0]?.contents ?? []);
  return {bytes, docs, sha256: createHash('sha256').update(bytes).digest('hex')};
}

/**
 * Takes Node's own modules from the process, when the code that needs them runs, instead of importing them at the
 * start. An import also reads every one of a module's exports, and `node:http` has one that loads Node's `fetch`:
 * 30 ms, whether it is used or not.
 */
const builtinsOnDemand: Plugin = {
  name: 'builtins on demand',
  setup({onResolve, onLoad}) {
    onResolve({filter: /^[a-z]/}, ({path}) =>
      isBuiltin(path) ? {path: path.replace(/^node:/, ''), namespace: 'builtin'} : undefined,
    );
    onLoad({filter: /./, namespace: 'builtin'}, ({path}) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }));
  },
};
