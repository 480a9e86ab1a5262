import {type Exchange, echoMarker} from '../../serve/dialects/dialect.ts';
import {heldOutTolerance} from '../../serve/model/predict.ts';
import type {Answer} from './connection.ts';

const maxShownChars = 200;

/**
 * Judges an answer by what its exchange expects, and by what holds for every answer: it names the model's version and
 * the request, and repeats nothing that was sent to be refused.
 *
 * @throws Error that says what was expected and what came.
 */
export function judgeAnswer(exchange: Exchange, {status, headers, text}: Answer, version: string): void {
  const {answer: expected, method, path} = exchange;
  const fail = (reason: string): never => {
    throw new Error(`${method} ${path}: ${reason}`);
  };
  if (status !== expected.status) {
    fail(`expected status ${expected.status}, got ${status}: ${text.slice(0, maxShownChars)}`);
  }
  for (const [name, value] of Object.entries({'x-model-version': version, ...expected.headers})) {
    if (headers[name] !== value) fail(`${name}: expected ${value}, got ${headers[name] ?? 'none'}`);
  }
  if (headers['x-request-id'] === undefined) fail('the answer has no x-request-id');
  // the answer is looked at first: it is short, and what was sent may be the largest body that there is
  if (text.includes(echoMarker) && `${path} ${JSON.stringify(exchange.body)}`.includes(echoMarker)) {
    fail('the answer echoes its input');
  }
  if (expected.says === undefined) return;
  const difference = findDifference(readText(exchange, text), expected.says, '');
  if (difference !== undefined) fail(difference);
}

/** Finds where an answer is not as expected; undefined where nothing is. */
function findDifference(found: unknown, expected: unknown, path: string): string | undefined {
  if (typeof expected === 'number') {
    const tolerance = heldOutTolerance * Math.max(1, Math.abs(expected));
    return typeof found === 'number' && Math.abs(found - expected) <= tolerance
      ? undefined
      : describeDifference(found, expected, path);
  }
  if (typeof expected !== 'object' || expected === null) {
    return Object.is(found, expected) ? undefined : describeDifference(found, expected, path);
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(found)) return describeDifference(found, expected, path);
    if (found.length !== expected.length) {
      return `${path || 'the answer'}: expected ${expected.length} values, got ${found.length}`;
    }
  } else if (typeof found !== 'object' || found === null) return describeDifference(found, expected, path);
  for (const [key, value] of Object.entries(expected)) {
    const place = Array.isArray(expected) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const difference = findDifference(Object(found)[key], value, place);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function describeDifference(found: unknown, expected: unknown, path: string): string {
  const show = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, maxShownChars);
  return `${path || 'the answer'}: expected ${show(expected)}, got ${show(found)}`;
}

function readText({answer: {read}}: Exchange, text: string): unknown {
  return read === undefined ? JSON.parse(text) : read(text);
}
