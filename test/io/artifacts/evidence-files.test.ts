import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {readEvidence} from '../../../pipeline/io/artifacts/evidence-files.ts';
import {failureText} from '../../helpers/failure-text.ts';
import {makeFolder} from '../../helpers/folder.ts';

const smoke = {subject: {kind: 'bundle', sha256: 'a'.repeat(64)}, startupMs: 9, p50Ms: 1, p99Ms: 1};
const failed = [{name: 'answers', passed: false, detail: 'status 500'}];

test('evidence that is not there is none', async () => {
  expect(await readEvidence(makeFolder(), 'smoke.json')).toBeUndefined();
});

test.each([
  ['{"passed": true}', 'at "subject": expected an object (and 4 more)'],
  ['', 'no JSON: Unexpected end of JSON input'],
  [JSON.stringify({...smoke, passed: true, checks: failed}), 'it passed, and its check "answers" failed'],
])('evidence that is not what a stage writes is refused: %s', async (broken, reason) => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'smoke.json'), broken);
  expect(await failureText(readEvidence(folder, 'smoke.json'), {FOLDER: folder})).toBe(
    `rejected EVIDENCE_BROKEN\nFOLDER/smoke.json is not what the stage before writes: ${reason}.\nFix: Run that stage again, which replaces the file: npm run smoke.`,
  );
});

test('evidence of a newer release of this program is told from broken evidence', async () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'smoke.json'), '{"formatVersion": 3}');
  expect(await failureText(readEvidence(folder, 'smoke.json'), {FOLDER: folder})).toBe(
    'rejected EVIDENCE_BROKEN\nFOLDER/smoke.json is not what the stage before writes: its format is 3, and this release of csv-to-server reads formats up to 2.\nFix: Update csv-to-server, or run that stage again, which replaces the file: npm run smoke.',
  );
});
