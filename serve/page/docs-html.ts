import {html} from 'hono/html';
import type {Artifact} from '../artifact/artifact.ts';
import {renderHtmlPage} from './html-page.ts';

/** Renders the frame of the documentation, which Swagger UI fills from `/openapi.json`. */
export function renderDocs({name}: Artifact): string {
  return renderHtmlPage({
    title: `${name}: documentation`,
    styles: ['docs/swagger-ui.css', 'docs.css'],
    scripts: ['docs/swagger-ui-bundle.js', 'docs.js'],
    body: html`<header>
<h1>${name}</h1>
<nav aria-label="This server">
<a href="./">Try it</a> <a href="model">Model</a> <a href="metrics">Metrics</a> <a href="openapi.json">OpenAPI</a>
</nav>
</header>
<div id="swagger-ui"></div>
<noscript><p>This page needs scripts. <a href="openapi.json">openapi.json</a> has all that it would show.</p></noscript>`,
  });
}
