import {describe, expect, test} from 'vitest';
import {evidenceFormats, SmokeEvidence} from '../../../pipeline/core/release/evidence.ts';
import {readVersioned} from '../../../pipeline/core/release/formats.ts';

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

test('evidence of a program that knew no index names the image by its own digest', () => {
  const id = `sha256:${'b'.repeat(64)}`;
  const release = {store: 'engine', ref: 'iris:production', digest: id, tag: 't', channel: 'production'};
  const old = {formatVersion: 1, subject: {kind: 'image', engine: 'docker', id}, ...release};
  expect(readVersioned(JSON.stringify(old), evidenceFormats['release.json'])).toEqual({
    status: 'read',
    value: {subject: {kind: 'image', engine: 'docker', id, digest: id}, ...release},
  });
});
