import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {createLog, type LogLevel} from '../../../serve/observe/log.ts';

const time = '2024-01-02T03:04:05.678Z';
const entry = {id: 'a-1', method: 'POST', route: '/predict', status: 200, ms: 0.12345, rows: 3};

function create(level: LogLevel = 'info') {
  const written: string[] = [];
  const log = createLog({level, now: () => Date.parse(time), output: lines => written.push(lines)});
  return {log, written};
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a log', () => {
  test('writes each line as one JSON object', () => {
    const {log, written} = create();
    log.write('info', 'listening', {address: 'http://127.0.0.1:8000', note: 'a "quote"\n'});
    log.flush();
    expect(written).toEqual([
      `{"time":"${time}","level":"info","message":"listening","address":"http://127.0.0.1:8000","note":"a \\"quote\\"\\n"}\n`,
    ]);
  });

  test('writes a request with its time in milliseconds, to a microsecond', () => {
    const {log, written} = create();
    log.request(entry);
    log.request({...entry, rows: undefined});
    log.flush();
    const line = {time, level: 'info', message: 'request', ...entry, ms: 0.123};
    const {rows: _, ...withoutRows} = line;
    expect(
      written
        .join('')
        .trimEnd()
        .split('\n')
        .map(text => JSON.parse(text)),
    ).toEqual([line, withoutRows]);
  });

  test('holds lines back for at most 100 ms, then writes them together', () => {
    const {log, written} = create();
    log.request(entry);
    log.request(entry);
    vi.advanceTimersByTime(99);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(written).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(written).toHaveLength(1);
  });

  test('holds back at most 64 KiB', () => {
    const {log, written} = create();
    log.write('info', 'x'.repeat(65_536));
    expect(written).toHaveLength(1);
  });

  test('writes a warning or an error at once, behind what came before it', () => {
    const {log, written} = create();
    log.write('info', 'first');
    log.write('error', 'second');
    expect(written.join('')).toMatch(/first.*\n.*second/);
  });

  test.each([
    ['debug', ['debug', 'info', 'warn', 'error', 'request']],
    ['info', ['info', 'warn', 'error', 'request']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ] as const)('at level %s writes %j', (level, expected) => {
    const {log, written} = create(level);
    for (const each of ['debug', 'info', 'warn', 'error'] as const) log.write(each, each);
    log.request(entry);
    log.flush();
    const lines = written
      .join('')
      .split('\n')
      .filter(line => line !== '');
    expect(lines.map(line => JSON.parse(line).message)).toEqual(expected);
  });
});
