import type {Trace} from './trace.ts';

/** From the most to the least that is written. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export type Log = {
  /** Whether a line at this level would be written, for callers that would otherwise prepare it in vain. */
  enabled(level: Level): boolean;
  /** Adds one line: `{"time", "level", "message", …facts}`. Lines above info are written at once. */
  write(level: Level, message: string, facts?: Record<string, unknown>): void;
  /** Adds the line of one request, at level info. */
  request(entry: RequestEntry): void;
  /** Writes what is still held back. */
  flush(): void;
};

export type RequestEntry = {
  id: string;
  method: string;
  /** The route as declared, or `unmatched`: never the path as sent. */
  route: string;
  status: number;
  ms: number;
  /** Rows predicted; undefined when none were. */
  rows: number | undefined;
  /** Where the request named the trace that it belongs to. */
  trace?: Trace | undefined;
};

type Level = Exclude<LogLevel, 'silent'>;

export type LogOptions = {
  level: LogLevel;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Receives whole lines of JSON, each ended by a newline, and how many they are. */
  output: (lines: string, count: number) => void;
};

/** Lines are held back for so long, and up to so many characters: a write for each request would cost more than the request. */
const maxDelayMs = 100;
const maxHeldChars = 64 * 1024;

/** Creates a log of JSON lines that are written in batches. */
export function createLog({level, now, output}: LogOptions): Log {
  const threshold = logLevels.indexOf(level);
  let held = '';
  let heldLines = 0;
  let timer: NodeJS.Timeout | undefined;
  let lastMs = Number.NaN;
  let lastTime = '';

  return {
    enabled,
    flush,
    write(level, message, facts) {
      if (!enabled(level)) return;
      add(`${JSON.stringify({time: readTime(), level, message, ...facts})}\n`);
      if (level === 'warn' || level === 'error') flush();
    },
    request({id, method, route, status, ms, rows, trace}) {
      if (!enabled('info')) return;
      // A template halves the cost of the line; it may, because none of these values needs an escape: ids were
      // checked, methods are the parser's tokens, routes are ours.
      const counted = rows === undefined ? '' : `,"rows":${rows}`;
      const traced =
        trace === undefined
          ? ''
          : `,"trace_id":"${trace.traceId}","parent_id":"${trace.parentId}","span_id":"${trace.spanId}"`;
      add(
        `{"time":"${readTime()}","level":"info","message":"request","id":"${id}","method":"${method}",` +
          `"route":"${route}","status":${status},"ms":${Math.round(ms * 1000) / 1000}${counted}${traced}}\n`,
      );
    },
  };

  function enabled(level: Level): boolean {
    return logLevels.indexOf(level) >= threshold;
  }

  function add(line: string): void {
    held += line;
    heldLines++;
    if (held.length > maxHeldChars) flush();
    else timer ??= setTimeout(flush, maxDelayMs);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (held === '') return;
    const [lines, count] = [held, heldLines];
    held = '';
    heldLines = 0;
    output(lines, count);
  }

  /** Many requests share a millisecond, and formatting it costs as much as the rest of the line. */
  function readTime(): string {
    const ms = now();
    if (ms !== lastMs) {
      lastMs = ms;
      lastTime = new Date(ms).toISOString();
    }
    return lastTime;
  }
}
