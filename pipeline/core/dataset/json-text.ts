export type ParsedJson =
  | {status: 'parsed'; value: unknown}
  | {status: 'malformed'; line: number; column: number; reason: string};

/** Parses JSON text, a leading byte order mark allowed; malformed text gives the 1-based line and column of the first wrong character. */
export function parseJsonText(text: string): ParsedJson {
  const json = text.replace(/^\ufeff/, '');
  const failure = tryParse(json);
  if (failure.status === 'parsed') return failure;
  const before = json.slice(0, failure.position ?? findFirstWrong(json)).split('\n');
  return {
    status: 'malformed',
    line: before.length,
    column: (before.at(-1) ?? '').length + 1,
    reason: failure.reason,
  };
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
  // the objects and lists around the current token; `at` is the key or index that its value has
  const around: {firstLines: Map<string, number> | null; at: string | number}[] = [];
  let line = 1;
  let expectsKey = false;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],\n]/g)) {
    const inner = around.at(-1);
    if (token === '\n') line++;
    else if (token === '{' || token === '[') {
      around.push(token === '{' ? {firstLines: new Map(), at: ''} : {firstLines: null, at: 0});
      expectsKey = token === '{';
    } else if (token === '}' || token === ']') {
      around.pop();
      expectsKey = false;
    } else if (token === ',') {
      expectsKey = inner?.firstLines != null;
      if (typeof inner?.at === 'number') inner.at++;
    } else if (expectsKey && inner?.firstLines != null) {
      expectsKey = false;
      inner.at = String(JSON.parse(token));
      const firstLine = inner.firstLines.get(inner.at);
      if (firstLine === undefined) inner.firstLines.set(inner.at, line);
      else duplicates.push({path: around.map(({at}) => at), firstLine, line});
    }
  }
  return duplicates;
}

type Attempt =
  | {status: 'parsed'; value: unknown}
  | {status: 'malformed'; reason: string; position: number | null};

function tryParse(json: string): Attempt {
  try {
    return {status: 'parsed', value: JSON.parse(json)};
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /at position (\d+)/.exec(message)?.[1];
    const reason = message
      .replace(/ in JSON at position.*$/s, '')
      .replace(/, (\.\.\.)?".*is not valid JSON$/s, '')
      .replace(/ of JSON input$/, ' of the text');
    if (position !== undefined) return {status: 'malformed', reason, position: Number(position)};
    return {status: 'malformed', reason, position: message.startsWith('Unexpected end') ? json.length : null};
  }
}

/** V8 names no position for an unexpected token: it is the end of the longest prefix that could still become JSON. */
function findFirstWrong(json: string): number {
  let good = 0;
  let bad = json.length;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    const attempt = tryParse(json.slice(0, middle));
    if (attempt.status === 'parsed' || (attempt.position ?? -1) >= middle) good = middle;
    else bad = middle;
  }
  return good;
}
