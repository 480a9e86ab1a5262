import type {Excess, JsonBounds} from './json-bounds.ts';

/** The longest text: a name. */
export const textBytes = 64 * 1024;
/** A list with more is parsed a piece of this size at a time. */
const pieceBytes = 64 * 1024;
/** A list with more is parsed on its own. */
const listBytes = 1024;

/** A list or object that was parsed already, and the text that stands for it in what surrounds it. */
type Hole = {from: number; to: number; marker: string};

/**
 * Parses JSON a piece at a time: a pass over the bytes counts what is in them, and finds where long lists can be cut
 * into pieces that JSON.parse reads on their own. So a body that would cost too much is refused before it is parsed.
 *
 * The value is what JSON.parse makes of the whole: each byte is read by it once, within its own brackets.
 *
 * @throws SyntaxError where the bytes are not JSON.
 */
export class JsonScan {
  readonly #bytes: Buffer;
  readonly #bounds: JsonBounds;
  readonly #counts = {containers: 0, keys: 0, commas: 0};
  #at: number;
  #isInText = false;
  /** Where the latest text begins. */
  #textAt = 0;
  readonly #names = new Set<number>();
  #depth = 0;
  // By depth: whether a list, where it begins, where its next piece begins, its keys, and its values so far.
  readonly #isList: boolean[] = [];
  readonly #begins: number[] = [];
  readonly #pieces: number[] = [];
  readonly #keys: number[] = [];
  readonly #values: (unknown[] | undefined)[] = [];
  readonly #holes: Hole[] = [];
  readonly #parsed = new Map<unknown, unknown>();
  #parts = 0;

  constructor({buffer, byteOffset, length}: Uint8Array, bounds: JsonBounds) {
    this.#bytes = Buffer.from(buffer, byteOffset, length);
    this.#bounds = bounds;
    const hasMark = this.#bytes.toString('latin1', 0, 3) === '\xef\xbb\xbf';
    this.#at = hasMark ? 3 : 0;
    this.#pieces[0] = this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Reads on to a position, or a little further. @returns what there is too much of, where that is so. */
  advance(position: number): Excess | undefined {
    const bytes = this.#bytes;
    const end = Math.min(position, bytes.length);
    let at = this.#at;
    let isInText = this.#isInText;
    while (at < end) {
      const byte = bytes[at++] ?? 0;
      if (isInText) {
        if (byte === backslash) {
          at++;
        } else if (byte === quote) {
          isInText = false;
          if (at - this.#textAt > textBytes) return 'text';
        }
        continue;
      }
      if (kinds[byte] === 0) continue;
      if (byte === quote) {
        isInText = true;
        this.#textAt = at;
        continue;
      }
      const excess = this.#note(byte, at - 1);
      if (excess !== undefined) return excess;
    }
    this.#at = at;
    this.#isInText = isInText;
    return undefined;
  }

  /** @returns the value, once all was read. */
  finish(): unknown {
    if (this.#depth > 0) throw new SyntaxError('a bracket is not closed');
    return this.#parse(this.#pieces[0] ?? 0, this.#bytes.length, '', '');
  }

  #note(byte: number, at: number): Excess | undefined {
    const counts = this.#counts;
    const bounds = this.#bounds;
    const depth = this.#depth;
    switch (byte) {
      case comma:
        if (++counts.commas > bounds.commas) return 'values';
        if (this.#isList[depth] && at - (this.#pieces[depth] ?? 0) >= pieceBytes) this.#cut(at);
        return undefined;
      case colon:
        if (++counts.keys > bounds.keys) return 'values';
        this.#keys[depth] = (this.#keys[depth] ?? 0) + 1;
        return (this.#keys[depth] ?? 0) > bounds.names ? 'keys' : this.#noteName(at);
      case openList:
      case openObject:
        if (++counts.containers > bounds.containers) return 'values';
        if (depth === bounds.depth) return 'depth';
        this.#depth = depth + 1;
        this.#isList[depth + 1] = byte === openList;
        this.#begins[depth + 1] = at;
        this.#pieces[depth + 1] = at + 1;
        this.#keys[depth + 1] = 0;
        return undefined;
      case closeList:
      case closeObject:
        this.#close(byte === closeList, at);
        return undefined;
      default:
        throw new SyntaxError('outside of a text every character is one of ASCII');
    }
  }

  /** Notes the key that ends before a colon. Each that is new costs more than a thousand that are not. */
  #noteName(colonAt: number): Excess | undefined {
    const bytes = this.#bytes;
    let hash = 0;
    // Blanks may stand before the colon: then the name is told from others all the same, or taken for another.
    for (let at = colonAt - 2; at >= this.#textAt; at--) hash = (Math.imul(hash, 31) + (bytes[at] ?? 0)) | 0;
    this.#names.add(hash);
    return this.#names.size > this.#bounds.names ? 'keys' : undefined;
  }

  /** Parses the next piece of the innermost list, up to a comma or its end. */
  #cut(at: number): unknown[] {
    const depth = this.#depth;
    const piece = this.#parse(this.#pieces[depth] ?? 0, at, '[', ']');
    // Two commas in a row, or one at either end of the list, would not be seen in pieces.
    if (!Array.isArray(piece) || piece.length === 0) throw new SyntaxError('a value is missing');
    const values = this.#values[depth] ?? [];
    for (const value of piece) values.push(value);
    this.#values[depth] = values;
    this.#pieces[depth] = at + 1;
    return values;
  }

  #close(isList: boolean, at: number): void {
    const depth = this.#depth;
    if (depth === 0 || this.#isList[depth] !== isList) throw new SyntaxError('brackets do not match');
    const from = this.#begins[depth] ?? 0;
    const size = at - from;
    if (this.#values[depth] !== undefined) this.#fill(from, at + 1, this.#cut(at));
    else if (size > (isList ? listBytes : pieceBytes)) {
      this.#fill(from, at + 1, this.#parse(from, at + 1, '', ''));
    }
    this.#values[depth] = undefined;
    this.#depth--;
  }

  #fill(from: number, to: number, value: unknown): void {
    const marker = `${markerStart}${++this.#parts}`;
    this.#parsed.set(marker, value);
    this.#holes.push({from, to, marker});
  }

  /** Parses a range of the bytes, in which the parts that were parsed before are put in their places. */
  #parse(from: number, to: number, before: string, after: string): unknown {
    const bytes = this.#bytes;
    const first = this.#holes.findLastIndex(hole => hole.from < from) + 1;
    const holes = this.#holes.splice(first);
    let text = before;
    let at = from;
    for (const hole of holes) {
      text += `${bytes.toString('utf8', at, hole.from)}"${hole.marker}"`;
      at = hole.to;
    }
    text += bytes.toString('utf8', at, to) + after;
    if (holes.length === 0) return JSON.parse(text);
    return JSON.parse(text, (_, value) => {
      if (typeof value !== 'string' || !this.#parsed.has(value)) return value;
      const part = this.#parsed.get(value);
      this.#parsed.delete(value);
      return part;
    });
  }
}

/** No sender knows it, so that no text of a body is taken for a part that was parsed before. */
const markerStart = `part ${crypto.randomUUID()} `;

const [quote, comma, colon, backslash] = [0x22, 0x2c, 0x3a, 0x5c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
/** Which bytes are to be looked at, outside of texts. */
const kinds = new Uint8Array(256).fill(1, 0x80);
for (const byte of [quote, comma, colon, openList, closeList, openObject, closeObject]) kinds[byte] = 1;
