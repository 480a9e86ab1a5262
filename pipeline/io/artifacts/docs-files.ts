import {createHash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {docsFiles} from '../../../serve/page/docs-files.ts';

/** The licences of those files and of what is bundled in them, which must go wherever they go. */
const licenceFile = 'swagger-ui.LICENSE.txt';
const licenceSources = ['NOTICE', 'LICENSE', 'swagger-ui-bundle.js.LICENSE.txt'];

/** The files that go beside the server for its documentation, by name, in the order in which they are hashed. */
export const docsFileNames = [...docsFiles, licenceFile] as const;
export type DocsFiles = Record<(typeof docsFileNames)[number], Buffer>;

/** Reads them from the package swagger-ui-dist. */
export async function readDocsFiles(): Promise<DocsFiles> {
  const [style, script, ...licences] = await Promise.all([
    readPart('swagger-ui.css'),
    readPart('swagger-ui-bundle.js'),
    ...licenceSources.map(readPart),
  ]);
  return {'swagger-ui.css': style, 'swagger-ui-bundle.js': script, [licenceFile]: Buffer.concat(licences)};
}

/** Hex SHA-256 over the bytes of all of them. */
export function hashDocsFiles(files: DocsFiles): string {
  const hash = createHash('sha256');
  for (const name of docsFileNames) hash.update(files[name]);
  return hash.digest('hex');
}

function readPart(name: string): Promise<Buffer> {
  return readFile(new URL(`../../../node_modules/swagger-ui-dist/${name}`, import.meta.url));
}
