/** One element of a drawing, with as much of the DOM as d3 uses to build it; its text is SVG. */
class SvgElement {
  readonly namespaceURI = 'http://www.w3.org/2000/svg';
  textContent = '';
  readonly ownerDocument: SvgDocument;
  readonly #name: string;
  readonly #attributes = new Map<string, string>();
  readonly #children: SvgElement[] = [];

  constructor(document: SvgDocument, name: string) {
    this.ownerDocument = document;
    this.#name = name;
  }

  setAttribute(name: string, value: unknown): void {
    this.#attributes.set(name, String(value));
  }

  removeAttribute(name: string): void {
    this.#attributes.delete(name);
  }

  appendChild(child: SvgElement): SvgElement {
    return this.insertBefore(child, null);
  }

  insertBefore(child: SvgElement, next: SvgElement | null): SvgElement {
    this.#children.splice(next === null ? this.#children.length : this.#children.indexOf(next), 0, child);
    return child;
  }

  /** Leaves out Plot's stylesheet, which the page has, and the marks' names, which say less than the drawing's. */
  toString(): string {
    if (this.#name === 'style') return '';
    const attributes = [...this.#attributes].map(([name, value]) => {
      if (name !== 'aria-label') return ` ${name}="${escapeText(cutDecimals(value))}"`;
      return this.#name === 'svg' ? ` ${name}="${escapeText(value)}"` : '';
    });
    const content = escapeText(this.textContent) + this.#children.join('');
    const tag = `${this.#name}${attributes.join('')}`;
    return content === '' ? `<${tag}/>` : `<${tag}>${content}</${this.#name}>`;
  }
}

/** A document in which a drawing is built, for the sake of which no whole DOM needs to be loaded. */
export class SvgDocument {
  readonly documentElement = new SvgElement(this, 'svg');

  createElementNS(_: string, name: string): SvgElement {
    return new SvgElement(this, name);
  }
}

/** Leaves out the digits of coordinates that nobody can see. */
function cutDecimals(value: string): string {
  return value.replace(/-?\d+\.\d{3,}(e-?\d+)?/g, number => String(Number(Number(number).toFixed(2))));
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
