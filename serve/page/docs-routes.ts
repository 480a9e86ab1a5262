import type {Artifact} from '../artifact/artifact.ts';
import type {Route} from '../http/route.ts';
import style from './client/docs.css?text';
import script from './client/docs.ts?text';
import {renderDocs} from './docs-html.ts';
import {createStaticRoute} from './static-routes.ts';

/** The documentation at `/docs`: `/openapi.json` made readable, and each operation to try. */
export function createDocsRoutes(artifact: Artifact): Route[] {
  return [
    createStaticRoute('/docs', 'html', () => renderDocs(artifact)),
    createStaticRoute('/docs.js', 'js', () => script),
    createStaticRoute('/docs.css', 'css', () => style),
  ];
}
