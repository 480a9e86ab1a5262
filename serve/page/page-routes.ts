import type {Artifact} from '../artifact/artifact.ts';
import type {Route} from '../http/route.ts';
import style from './client/page.css?text';
import script from './client/page.ts?text';
import {type PageOptions, renderPage} from './page-html.ts';
import {createStaticRoute} from './static-routes.ts';

/** Creates the page at `/` that tells what the model is and predicts as one types. */
export function createPageRoutes(artifact: Artifact, options: PageOptions): Route[] {
  return [
    createStaticRoute('/', 'html', () => renderPage(artifact, options)),
    createStaticRoute('/page.js', 'js', () => script),
    createStaticRoute('/page.css', 'css', () => style),
  ];
}
