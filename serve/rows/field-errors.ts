/** One thing wrong with a request: where, in the notation of JavaScript (`features[3][1]`), and what was expected. */
export type FieldError = {path: string; message: string};

/** Collects what is wrong: the first `limit` in full, the rest only counted. */
export class FieldErrors {
  readonly fields: FieldError[] = [];
  count = 0;
  readonly #limit: number;

  constructor(limit = 20) {
    this.#limit = limit;
  }

  /** @param path computed only when the error is listed: a bad batch may have a million of them. */
  add(path: () => string, message: string): void {
    if (this.count++ < this.#limit) this.fields.push({path: path(), message});
  }

  /** No more are listed. */
  get isFull(): boolean {
    return this.count >= this.#limit;
  }

  /** Says how many values are at fault, of all or of those that were read, and how many of them are listed. */
  summary(isWhole = true): string {
    const count = isWhole ? this.count : `At least ${this.count}`;
    const found = count === 1 ? '1 value is' : `${count} values are`;
    const listed = this.count > this.fields.length ? ` (the first ${this.fields.length} are listed)` : '';
    return `${found} not what this model expects${listed}.`;
  }
}

/** Names a member of an object as JavaScript does: `.width`, or `["petal width"]` where a dot cannot. */
export function formatMember(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** Names the kind of a JSON value, for messages that must not repeat the value. */
export function nameKind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'number':
      return Number.isFinite(value) ? 'a number' : 'a number too large for a double';
    case 'boolean':
      return 'a boolean';
    default:
      return 'an object';
  }
}
