import {describe, expect, test} from 'vitest';
import {SmokeEvidence} from '../../../pipeline/core/release/evidence.ts';

const subject = {kind: 'bundle', sha256: 'a'.repeat(64)};
const answers = {name: 'answers', passed: true};
const stops = {name: 'stops', passed: false, detail: 'expected exit code 0, found 137'};

/** What is said of a smoke test; nothing of one that agrees with itself. */
function complain(smoke: object): string[] {
  const {error} = SmokeEvidence.safeParse({subject, startupMs: 100, p50Ms: 1, p99Ms: 2, ...smoke});
  return error?.issues.map(({message}) => message) ?? [];
}

describe('a smoke test', () => {
  test('that agrees with itself is taken', () => {
    expect(complain({passed: true, checks: [answers]})).toEqual([]);
    expect(complain({passed: false, checks: [answers, stops]})).toEqual([]);
  });

  test('that passed above a failed check is refused', () => {
    expect(complain({passed: true, checks: [answers, stops]})).toEqual([
      'it passed, and its check "stops" failed',
    ]);
  });

  test('that failed above checks that all passed is refused', () => {
    expect(complain({passed: false, checks: [answers]})).toEqual([
      'it failed, and each of its checks passed',
    ]);
  });

  test('that passed without a check is refused', () => {
    expect(complain({passed: true, checks: []})).toEqual(['it has no check']);
  });
});
