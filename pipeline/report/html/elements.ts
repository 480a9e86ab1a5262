import {html, raw} from 'hono/html';
import type {Figure} from '../figures/figure-set.ts';

/** Part of a page, already escaped. */
export type Html = ReturnType<typeof html>;

/** A table with a header for each column and, in the first cell of a row, one for the row. */
export function renderTable(
  name: string,
  header: readonly {name: string | Html; align: 'left' | 'right'}[],
  rows: readonly (readonly (string | Html)[])[],
): Html {
  const side = (column: number) => (header[column]?.align === 'left' ? html` class="left"` : '');
  return html`<div class="table" tabindex="0" role="group" aria-label="${name}"><table>
<thead><tr>${header.map(
    (cell, column) => html`<th scope="col"${side(column)}>${cell.name}</th>`,
  )}</tr></thead>
<tbody>
${rows.map(
  ([
    first = '',
    ...rest
  ]) => html`<tr><th scope="row">${first}</th>${rest.map((cell, i) => html`<td${side(i + 1)}>${cell}</td>`)}</tr>
`,
)}</tbody>
</table></div>`;
}

/** A drawing with its title and what it shows. */
export function renderFigure({title, caption, svg}: Figure): Html {
  return html`<figure>
<h3>${title}</h3>
${raw(svg)}
<figcaption>${caption}</figcaption>
</figure>
`;
}

/** Names and what is known of them. */
export function renderFacts(facts: readonly [string, string | Html][]): Html {
  return html`<dl class="facts">
${facts.map(
  ([term, text]) => html`<div><dt>${term}</dt><dd>${text}</dd></div>
`,
)}</dl>`;
}

export function left(name: string | Html) {
  return {name, align: 'left'} as const;
}

export function right(name: string | Html) {
  return {name, align: 'right'} as const;
}
