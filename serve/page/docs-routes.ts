import type {Guard} from '../access/guard.ts';
import type {Artifact} from '../artifact/artifact.ts';
import type {Route} from '../http/route.ts';
import {type Problem, refuse} from '../rows/problem.ts';
import style from './client/docs.css?text';
import script from './client/docs.ts?text';
import {type DocsFile, docsFiles} from './docs-files.ts';
import {renderDocs} from './docs-html.ts';
import {createStaticRoute} from './static-routes.ts';

/** Reads one of the files beside the server; undefined where it is not there. */
export type ReadDocsFile = (name: DocsFile) => Promise<Uint8Array<ArrayBuffer> | undefined>;

/**
 * Creates the documentation at `/docs`: Swagger UI, which makes `/openapi.json` readable and sends what it describes.
 *
 * Its files are read when first asked for. A server without them says so there, and serves everything else.
 */
export function createDocsRoutes(artifact: Artifact, readFile: ReadDocsFile, guard?: Guard): Route[] {
  const read = async (name: DocsFile) => (await readFile(name)) ?? refuseDocs();
  return [
    createStaticRoute('/docs', 'html', async () => {
      const missing = (await Promise.all(docsFiles.map(read))).find(found => 'problem' in found);
      return missing ?? renderDocs(artifact, guard);
    }),
    createStaticRoute('/docs.js', 'js', () => script),
    createStaticRoute('/docs.css', 'css', () => style),
    ...docsFiles.map(name =>
      createStaticRoute(`/docs/${name}`, name.endsWith('.css') ? 'css' : 'js', () => read(name)),
    ),
  ];
}

function refuseDocs(): Problem {
  return refuse(
    404,
    'not_found',
    `The documentation needs ${docsFiles.join(' and ')} beside server.mjs. Copy them there from the npm package swagger-ui-dist, or read GET /openapi.json.`,
  );
}
