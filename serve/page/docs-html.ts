import {html} from 'hono/html';
import type {Artifact} from '../artifact/artifact.ts';
import {renderHtmlPage} from './html-page.ts';

/** Renders the frame of the documentation; client/docs.ts fills it from `/openapi.json`. */
export function renderDocs({name, version}: Artifact): string {
  return renderHtmlPage(
    'docs',
    `${name}: documentation`,
    html`<header>
<h1>${name}</h1>
<p class="lead">Every request that this server answers, to read and to send.</p>
<nav aria-label="This server">
<a href="./">Try it</a> <a href="model">Model</a> <a href="metrics">Metrics</a> <a href="openapi.json">OpenAPI</a>
</nav>
</header>
<div class="columns">
<nav id="contents" aria-label="Operations"></nav>
<main id="operations">
<p id="loading" role="status">Reading openapi.json …</p>
<noscript><p>This page needs scripts. <a href="openapi.json">openapi.json</a> has all that it would show.</p></noscript>
</main>
</div>
<footer><p>${name} <code>${version}</code></p></footer>`,
  );
}
