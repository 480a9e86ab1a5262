import type {Excess, JsonBounds} from './json-bounds.ts';
import {JsonScan, textBytes} from './json-scan.ts';
import {type Problem, refuse} from './problem.ts';
import type {Sliced} from './slices.ts';

/** Bodies up to this size cost too little to be bounded, whatever is in them. */
const smallBytes = 16 * 1024;

const stepBytes = 64 * 1024;

/**
 * Reads a body of JSON, a large one within bounds and in slices. Nothing of it is repeated in what is refused.
 *
 * @param examples what the body may be, for the message.
 */
export function* readJson(
  bytes: Uint8Array,
  bounds: JsonBounds,
  examples: string,
): Sliced<{value: unknown} | Problem> {
  try {
    if (bytes.length <= smallBytes) return {value: JSON.parse(decoder.decode(bytes))};
    const scan = new JsonScan(bytes, bounds);
    for (let end = stepBytes; !scan.isAtEnd; end += stepBytes) {
      const excess = scan.advance(end);
      if (excess !== undefined) return refuseExcess(excess, bounds);
      yield;
    }
    return {value: scan.finish()};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Its message is not passed on: it quotes the input.
    const what = isBlank(bytes) ? 'empty' : 'not JSON';
    return refuse(400, 'malformed_json', `The body is ${what}. Send ${examples}.`);
  }
}

/** Whether there is nothing but white space, and a byte order mark. */
function isBlank(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef ? 3 : 0;
  while (at < bytes.length && (bytes[at] ?? 0) <= 0x20) at++;
  return at >= bytes.length;
}

function refuseExcess(excess: Excess, {depth, names}: JsonBounds): Problem {
  if (excess === 'values') {
    const message = 'expected no more lists, objects, keys and values than the most rows have';
    return refuse(413, 'too_many_rows', 'The request has too many values. Send fewer rows at a time.', {
      fields: [{path: 'body', message}],
    });
  }
  const message = {
    depth: `expected lists and objects in one another to a depth of at most ${depth}`,
    keys: `expected at most ${names} keys in an object, and different ones in all`,
    text: `expected at most ${textBytes} bytes in a text`,
  }[excess];
  return refuse(400, 'invalid_input', 'The body is not what this model expects.', {
    fields: [{path: 'body', message}],
  });
}

/** Drops a byte order mark, and makes U+FFFD of invalid bytes. */
const decoder = new TextDecoder();
