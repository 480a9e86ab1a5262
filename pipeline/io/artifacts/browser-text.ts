import {dirname, resolve} from 'node:path';
import {build, type Plugin} from 'esbuild';

/** Ends the import of a file as the text that a browser gets: `import script from '../page.ts?text'`. */
const suffix = '?text';

/** The server's bundle holds what it serves to browsers as text, each file bundled and minified on its own. */
export const textImports: Plugin = {
  name: 'text imports',
  setup({onResolve, onLoad}) {
    onResolve({filter: /\?text$/}, ({path, resolveDir}) => {
      return {path: resolve(resolveDir, path.slice(0, -suffix.length)), namespace: 'text'};
    });
    onLoad({filter: /.*/, namespace: 'text'}, async ({path}) => {
      return {contents: await bundleForBrowser(path), loader: 'text'};
    });
  },
};

/** The same for tests, which vite loads without that bundle; a plugin for its configuration. */
export const textImportsForTests = {
  name: 'text imports',
  enforce: 'pre' as const,
  resolveId(path: string, importer: string | undefined) {
    if (importer === undefined || !path.endsWith(suffix)) return undefined;
    // named as a script: at `.css` vite's own plugin would take the module for a stylesheet
    return `\0text:${resolve(dirname(importer), path.slice(0, -suffix.length))}.js`;
  },
  async load(id: string) {
    const file = /^\0text:(.*)\.js$/.exec(id)?.[1];
    if (file === undefined) return undefined;
    return `export default ${JSON.stringify(await bundleForBrowser(file))}`;
  },
};

/** Bundles one script or stylesheet with all that it imports; the same sources give the same text on any machine. */
async function bundleForBrowser(file: string): Promise<string> {
  const {outputFiles} = await build({
    absWorkingDir: dirname(file),
    entryPoints: [file],
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: ['chrome120', 'firefox121', 'safari17'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
