import {html} from 'hono/html';
import type {Guard} from '../access/guard.ts';
import type {Artifact} from '../artifact/artifact.ts';
import {createOpenLinks, renderHtmlPage} from './html-page.ts';

/** Renders the frame of the documentation, which Swagger UI fills from `/openapi.json`. */
export function renderDocs({name}: Artifact, guard: Guard | undefined): string {
  const linkOpen = createOpenLinks(guard);
  return renderHtmlPage({
    title: `${name}: documentation`,
    styles: ['docs/swagger-ui.css', 'docs.css'],
    scripts: ['docs/swagger-ui-bundle.js', 'docs.js'],
    body: html`<header>
<h1>${name}</h1>
<nav aria-label="This server">
<a href="./">Try it</a>${linkOpen('model', 'Model')}${linkOpen('metrics', 'Metrics', 'metrics')} <a href="openapi.json">OpenAPI</a>
</nav>
</header>
<div id="swagger-ui"></div>
<noscript><p>This page needs scripts. <a href="openapi.json">openapi.json</a> has all that it would show.</p></noscript>`,
  });
}
