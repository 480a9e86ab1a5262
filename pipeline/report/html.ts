import {html, raw} from 'hono/html';
import type {Report} from './describe-run.ts';
import {
  type Block,
  fitRows,
  listParts,
  type Mark,
  pickVisible,
  type Section,
  type Table,
  type Text,
} from './document.ts';

/** Part of a page, already escaped. */
type Html = ReturnType<typeof html>;

/**
 * Lays out a report as one self-contained page without scripts; the same report gives the same bytes.
 *
 * @param style the page's stylesheet.
 */
export function renderHtml({title, isGood, name, version, subject, sections}: Report, style: string): string {
  const [outcome, ...others] = pickVisible(sections, 'full');
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${[name, version].filter(part => part !== null).join(' ')}: ${title}</title>
<style>
${raw(style)}</style>
</head>
<body>
<header>
<h1>${name ?? ''}</h1>
${subject === null ? '' : html`<p class="lead">${renderText(subject)}</p>`}
</header>
<main>
<section aria-labelledby="outcome">
<h2 id="outcome" class="${isGood ? 'verdict' : 'verdict outside'}"><span aria-hidden="true">${isGood ? '✓' : '✕'}</span> ${title}</h2>
${renderBlocks(outcome?.blocks ?? [])}</section>
${others.map(renderSection)}</main>
<footer>Written by csv-to-server. The numbers are rounded to six digits; metrics.json and model.json have all of them.</footer>
</body>
</html>
`);
}

function renderSection({id, title, blocks}: Section): Html {
  return html`<section aria-labelledby="${id}">
<h2 id="${id}" class="ruled">${title}</h2>
${renderBlocks(blocks)}</section>
`;
}

function renderBlocks(blocks: readonly Block[]): Html {
  return html`${pickVisible(blocks, 'full').map(block => html`${renderBlock(block)}\n`)}`;
}

function renderBlock(block: Block): Html {
  switch (block.type) {
    case 'paragraph':
      return html`<p>${renderText(block.text)}</p>`;
    case 'list':
      return html`<ul>
${block.items.map(item => html`<li>${renderText(item)}</li>\n`)}</ul>`;
    case 'facts':
      return html`<dl class="facts">
${pickVisible(block.facts, 'full').map(
  ({label, text}) => html`<div><dt>${label}</dt><dd>${renderText(text)}</dd></div>\n`,
)}</dl>`;
    case 'numbers':
      return html`<dl class="key">
${block.numbers.map(
  ({label, value, note}) => html`<div><dt>${label}</dt>
<dd class="value">${value}</dd>
<dd>${note}</dd></div>\n`,
)}</dl>`;
    case 'table':
      return renderTable(block);
    case 'code':
      return html`<pre>${block.code}</pre>`;
    case 'problem':
      return html`<p class="problem"><code>${block.code}</code> ${block.message}<br>${block.fix}</p>`;
    case 'figure': {
      const {title, caption, svg} = block.figure;
      return html`<figure>
<h3>${title}</h3>
${raw(svg)}
<figcaption>${caption}</figcaption>
</figure>`;
    }
    case 'row':
      return html`<div class="row">
${renderBlocks(block.blocks)}</div>`;
  }
}

/** A table with a header for each column and, in the first cell of a row, one for the row. */
function renderTable(table: Table): Html {
  const {name, columns} = table;
  const {shown, more} = fitRows(table, 'full');
  const side = (column: number) => (columns[column]?.align === 'left' ? html` class="left"` : '');
  return html`<div class="table" tabindex="0" role="group" aria-label="${name}"><table>
<thead><tr>${columns.map((column, i) => html`<th scope="col"${side(i)}>${column.name}</th>`)}</tr></thead>
<tbody>
${shown.map(
  ([first = '', ...rest]) =>
    html`<tr><th scope="row">${renderText(first)}</th>${rest.map((cell, i) => html`<td${side(i + 1)}>${renderText(cell)}</td>`)}</tr>\n`,
)}</tbody>
</table></div>${more === '' ? '' : html`<p>${more}</p>`}`;
}

function renderText(text: Text): Html {
  return html`${listParts(text).map(part => (typeof part === 'string' ? part : renderMark(part)))}`;
}

function renderMark({as, text}: Mark): Html | string {
  switch (as) {
    case 'code':
      return html`<code>${text}</code>`;
    case 'bad':
      return html`<strong class="outside">${text}</strong>`;
    case 'soft':
      return html`<span class="unit">${text}</span>`;
    case 'good':
      return text;
  }
}
