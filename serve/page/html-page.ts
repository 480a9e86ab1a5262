import {html} from 'hono/html';
import type {Guard, OpenPart} from '../access/guard.ts';

/** Part of a page, already escaped. */
export type Html = ReturnType<typeof html>;

const icon =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path d='M2 13 14 3' stroke='%230f6b60' stroke-width='1.6'/><g fill='%23888'><circle cx='5' cy='8' r='1.3'/><circle cx='8' cy='10' r='1.3'/><circle cx='11' cy='3.6' r='1.3'/></g></svg>";

/** Renders a whole page. Addresses in it are relative, because a gateway may serve it under a prefix. */
export function renderHtmlPage({
  title,
  styles,
  scripts,
  body,
}: {
  title: string;
  styles: readonly string[];
  scripts: readonly string[];
  body: Html;
}): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${icon}">
${styles.map(address => html`<link rel="stylesheet" href="${address}">`)}
${scripts.map(address => html`<script src="${address}" defer></script>`)}
</head>
<body>
${body}
</body>
</html>
`);
}

/** Creates what renders links, but none to what is not open to a browser: that would only show an error. */
export function createOpenLinks(guard: Guard | undefined) {
  return (address: string, text: string, part?: OpenPart): Html | string =>
    guard === undefined || guard.isOpen(part) ? html` <a href="${address}">${text}</a>` : '';
}

/** Renders a command in a block that can be copied; the button works with client/copy.ts. */
export function renderCommand(id: string, command: string): Html {
  return html`<div class="command">
<pre id="${id}" tabindex="0" role="group" aria-label="Command">${command}</pre>
<button type="button" class="copy" data-copies="${id}" hidden>Copy</button>
</div>`;
}
