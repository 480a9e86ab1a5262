import {type ParseError, parse, visit} from 'jsonc-parser';

export type ParsedJson =
  | {status: 'parsed'; value: unknown}
  | {status: 'malformed'; line: number; column: number; reason: string};

/** Parses JSON text, a leading byte order mark allowed; malformed text gives the 1-based line and column of the first wrong character. */
export function parseJsonText(text: string): ParsedJson {
  const json = text.replace(/^\ufeff/, '');
  const tooDeep = findTooDeep(json);
  if (tooDeep !== null) return placeProblem(json, tooDeep, `more than ${maxDepth} values within each other`);
  try {
    return {status: 'parsed', value: JSON.parse(json)};
  } catch (error) {
    const {offset, reason} = explainMalformed(json, error instanceof Error ? error.message : String(error));
    return placeProblem(json, offset, reason);
  }
}

/** Finds what is wrong with a file of JSON, be it one value or, starting with an object, one value a line; null when nothing is. */
export function findJsonProblem(text: string): {line: number; column: number; reason: string} | null {
  const whole = parseJsonText(text);
  if (whole.status === 'parsed') return null;
  if (!text.trimStart().startsWith('{')) return whole;
  for (const [i, line] of text.split('\n').entries()) {
    const parsed = line.trim() === '' ? null : parseJsonText(line);
    if (parsed?.status === 'malformed') return {...parsed, line: i + 1};
  }
  return null;
}

/** A key that an object has twice: JSON.parse silently takes the last. */
export interface DuplicateKey {
  /** From the outermost value: keys, and indices of lists. */
  path: (string | number)[];
  /** 1-based lines of its first place and of this one. */
  firstLine: number;
  line: number;
}

/** Finds the keys that stand more than once in an object of a text that is JSON. */
export function findDuplicateKeys(json: string): DuplicateKey[] {
  const duplicates: DuplicateKey[] = [];
  const objects: Map<string, number>[] = [];
  visit(json, {
    onObjectBegin: () => {
      objects.push(new Map());
    },
    onObjectProperty(key, _offset, _length, startLine, _startCharacter, pathOfObject) {
      const firstLines = objects.at(-1);
      const firstLine = firstLines?.get(key);
      if (firstLine === undefined) firstLines?.set(key, startLine + 1);
      else duplicates.push({path: [...pathOfObject(), key], firstLine, line: startLine + 1});
    },
    onObjectEnd: () => objects.pop(),
  });
  return duplicates;
}

function placeProblem(json: string, offset: number, reason: string): ParsedJson {
  const before = json.slice(0, offset).split('\n');
  return {status: 'malformed', line: before.length, column: (before.at(-1) ?? '').length + 1, reason};
}

/** Finds the bracket from which on the readers of JSON, which call themselves, would run out of stack. */
function findTooDeep(json: string): number | null {
  let depth = 0;
  for (const {0: token, index} of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth > maxDepth) return index;
  }
  return null;
}

const maxDepth = 1_000;

/** Takes place and reason from V8's message; where it names no place, from the first token that is wrong. */
function explainMalformed(json: string, message: string): {offset: number; reason: string} {
  const position = / at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) {
    return {offset: Number(position), reason: message.replace(/( in JSON)? at position.*$/s, '')};
  }
  const errors: ParseError[] = [];
  parse(json, errors, {disallowComments: true});
  const {offset, length} = errors[0] ?? {offset: json.length, length: 0};
  const token = json.slice(offset, offset + length);
  return {
    offset,
    reason: token === '' ? 'Unexpected end of the text' : `Unexpected ${JSON.stringify(token)}`,
  };
}
