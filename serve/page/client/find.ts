/**
 * Finds an element that the page has.
 *
 * @throws Error when it has not: page and script are of two versions.
 */
export function find<Tag extends keyof HTMLElementTagNameMap>(
  root: ParentNode,
  tag: Tag,
  selector?: string,
): HTMLElementTagNameMap[Tag];
export function find(root: ParentNode, tag: 'svg', selector?: string): SVGSVGElement;
export function find(root: ParentNode, tag: string, selector = ''): Element {
  const element = root.querySelector(tag + selector);
  if (element === null) throw new Error(`The page has no ${tag}${selector}. Load it again.`);
  return element;
}
