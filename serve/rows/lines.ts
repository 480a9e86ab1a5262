import {parseAccept} from 'hono/utils/accept';

/** Newline-delimited JSON, https://github.com/ndjson/ndjson-spec and https://jsonlines.org. */
export const linesType = 'application/x-ndjson';

/** Whether a body of this media type is a row of JSON a line. */
export function isLinesType(mediaType: string | undefined): boolean {
  return mediaType !== undefined && /^application\/(?:x-ndjson|ndjson|jsonl|jsonlines)$/.test(mediaType);
}

/** Chooses the media type of lines that `Accept` asks for before anything else; undefined where it does not. */
export function chooseLinesType(accept: string | null): string | undefined {
  if (accept === null) return undefined;
  const [first] = parseAccept(accept).toSorted((a, b) => b.q - a.q);
  const type = first?.type.toLowerCase();
  return isLinesType(type) ? type : undefined;
}

/** Splits bytes that arrive in pieces into lines of text. */
export type LineSplitter = {
  /** Takes the next bytes and returns the lines that they complete. */
  add(bytes: Uint8Array): Line[];
  /** Returns the last line where no newline ended it. */
  end(): Line[];
};

/** The text of a line, without its newline; undefined where it was too long and is skipped. */
export type Line = string | undefined;

/**
 * Creates a splitter of UTF-8 text at newlines. It holds one incomplete line at most, and drops one that is longer
 * than `maxLineBytes` as it arrives.
 *
 * A byte order mark at the start is dropped, invalid bytes become U+FFFD; a carriage return stays in its line.
 */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  // One buffer that grows, not a list of pieces: a sender of single bytes would make it a million long.
  let held = Buffer.alloc(0);
  let heldBytes = 0;
  let skipping = false;
  let atStart = true;

  return {
    add(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const lines: Line[] = [];
      const first = chunk.indexOf(newline);
      if (first === -1) {
        hold(chunk, lines);
        return lines;
      }
      hold(chunk.subarray(0, first), lines);
      finish(lines);
      const last = chunk.lastIndexOf(newline);
      if (last > first) {
        // No character of UTF-8 has the byte of a newline in it, so whole lines can be decoded at once.
        for (const line of chunk.toString('utf8', first + 1, last).split('\n')) {
          lines.push(isTooLong(line) ? undefined : line);
        }
      }
      hold(chunk.subarray(last + 1), lines);
      return lines;
    },
    end() {
      const lines: Line[] = [];
      if (heldBytes > 0) finish(lines);
      return lines;
    },
  };

  /** Adds to the incomplete line, unless it becomes too long: then that is a line of its own, and the rest is skipped. */
  function hold(part: Buffer, lines: Line[]): void {
    if (skipping) return;
    const bytes = heldBytes + part.length;
    if (bytes > maxLineBytes) {
      lines.push(undefined);
      skipping = true;
      heldBytes = 0;
      return;
    }
    if (bytes > held.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * held.length));
      larger.set(held.subarray(0, heldBytes));
      held = larger;
    }
    held.set(part, heldBytes);
    heldBytes = bytes;
  }

  function finish(lines: Line[]): void {
    if (!skipping) {
      const line = held.toString('utf8', 0, heldBytes);
      lines.push(atStart && line.startsWith('\uFEFF') ? line.slice(1) : line);
    }
    atStart = false;
    skipping = false;
    heldBytes = 0;
  }

  function isTooLong(line: string): boolean {
    // No character has more than 3 bytes a code unit; most lines need no count of them.
    return line.length * 3 > maxLineBytes && Buffer.byteLength(line) > maxLineBytes;
  }
}

const newline = 0x0a;
