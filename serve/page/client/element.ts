/** Creates an element. Text stays text: nothing that the server says is ever read as HTML. */
export function create<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A description, of whose Markdown only code spans are in use. */
export function renderText(text: string): (Node | string)[] {
  return text.split('`').map((part, i) => (i % 2 === 1 ? create('code', {}, part) : part));
}
