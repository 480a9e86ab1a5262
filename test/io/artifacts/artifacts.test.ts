import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {Failure} from '../../../pipeline/core/failure.ts';
import {openArtifact, readEvidence, storeArtifact} from '../../../pipeline/io/artifacts/artifacts.ts';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {planeContent} from '../../helpers/server-artifact.ts';

const root = makeFolder();
const {artifact, text} = sealArtifact(planeContent());
const parent = join(root, artifact.name);
const files = {'model.json': text, 'report.html': '<p>'};

async function failureOf(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    reason => reason,
  );
  if (!(error instanceof Failure)) throw new Error(`expected a Failure, got ${error}`);
  return {kind: error.kind, code: error.code, message: error.message, fix: error.fix};
}

describe('the artifacts folder', () => {
  test('gets a version whole or not at all, and never a second time', async () => {
    const folder = await storeArtifact(root, artifact, files);
    expect(folder).toBe(join(parent, artifact.version));
    await storeArtifact(root, artifact, {...files, 'report.html': 'another'});
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe('<p>');
    expect(readdirSync(parent).sort()).toEqual([artifact.version, 'latest'].sort());
  });

  test('opens the version that was trained last, or the one asked for', async () => {
    await storeArtifact(root, artifact, files);
    const other = sealArtifact({...planeContent(), heldOut: []});
    await storeArtifact(root, other.artifact, {'model.json': other.text});
    expect((await openArtifact(root, artifact.name, undefined)).artifact.version).toBe(
      other.artifact.version,
    );
    expect((await openArtifact(root, artifact.name, artifact.version)).text).toBe(text);
    await storeArtifact(root, artifact, files);
    expect((await openArtifact(root, artifact.name, undefined)).artifact.version).toBe(artifact.version);
  });

  test('survives twenty runs that write the same version at once', async () => {
    const place = makeFolder();
    await Promise.all(Array.from({length: 20}, () => storeArtifact(place, artifact, files)));
    expect(readdirSync(join(place, artifact.name)).sort()).toEqual([artifact.version, 'latest'].sort());
    expect(readFileSync(join(place, artifact.name, artifact.version, 'model.json'), 'utf8')).toBe(text);
  });

  test('says which versions there are when the one asked for is not', async () => {
    const place = makeFolder();
    await storeArtifact(place, artifact, files);
    expect(await failureOf(openArtifact(place, artifact.name, '000000000000'))).toEqual({
      kind: 'usage',
      code: 'NO_ARTIFACT',
      message: `${join(place, artifact.name, '000000000000/model.json')} does not exist; found the versions ${artifact.version}.`,
      fix: 'Train one with `npm run train`, or name another with --version, --dataset or --artifacts.',
    });
  });

  test('refuses to go on with a model that was changed on disk', async () => {
    const place = makeFolder();
    const folder = await storeArtifact(place, artifact, files);
    const path = join(folder, 'model.json');
    writeFileSync(path, text.replace('"intercept":5', '"intercept":6'));
    const fix = `Remove ${folder} and train again: npm run train.`;
    expect(await failureOf(openArtifact(place, artifact.name, undefined))).toMatchObject({
      kind: 'data',
      code: 'ARTIFACT_CHANGED',
      fix,
    });
    expect(await failureOf(storeArtifact(place, artifact, files))).toEqual({
      kind: 'data',
      code: 'ARTIFACT_CHANGED',
      message: `${path} differs from the model whose version it carries: it was changed or cut short after it was written.`,
      fix,
    });
  });

  test('treats evidence that is not what a stage writes as no evidence', async () => {
    const folder = join(root, 'evidence');
    mkdirSync(folder);
    expect(await readEvidence(folder, 'smoke.json')).toBeUndefined();
    const smoke = {subject: {kind: 'bundle', sha256: 'a'.repeat(64)}, startupMs: 9, p50Ms: 1, p99Ms: 1};
    const failed = [{name: 'answers', passed: false, detail: 'status 500'}];
    for (const [broken, reason] of [
      ['{"passed": true}', 'at "subject": expected an object (and 4 more)'],
      ['', 'no JSON: Unexpected end of JSON input'],
      [JSON.stringify({...smoke, passed: true, checks: failed}), 'it passed, and its check "answers" failed'],
    ] as const) {
      writeFileSync(join(folder, 'smoke.json'), broken);
      expect(await failureOf(readEvidence(folder, 'smoke.json'))).toEqual({
        kind: 'rejected',
        code: 'EVIDENCE_BROKEN',
        message: `${join(folder, 'smoke.json')} is not what the stage before writes: ${reason}.`,
        fix: `Remove ${join(folder, 'smoke.json')} and run that stage again: npm run smoke.`,
      });
    }
    writeFileSync(join(folder, 'smoke.json'), '{"formatVersion": 2}');
    expect(await failureOf(readEvidence(folder, 'smoke.json'))).toEqual({
      kind: 'rejected',
      code: 'EVIDENCE_BROKEN',
      message: `${join(folder, 'smoke.json')} is not what the stage before writes: its format is 2, and this release of csv-to-server reads formats up to 1.`,
      fix: `Update csv-to-server, or remove ${join(folder, 'smoke.json')} and run that stage again: npm run smoke.`,
    });
    rmSync(folder, {recursive: true});
  });
});
