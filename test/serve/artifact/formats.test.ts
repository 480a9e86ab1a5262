import {createHash} from 'node:crypto';
import {describe, expect, test} from 'vitest';
import * as z from 'zod/mini';
import {type Artifact, ArtifactError, parseArtifact, sealArtifact} from '../../../serve/artifact/artifact.ts';
import {type Format, parseBySchema, requireSeal} from '../../../serve/artifact/format.ts';
import {formats} from '../../../serve/artifact/formats.ts';
import {planeContent} from '../../helpers/server-artifact.ts';
import {createTestApp} from '../../helpers/test-app.ts';

/** A format that never was: a slope per feature, and neither scores nor held-out examples. */
const Ancient = z.strictObject({
  formatVersion: z.literal(0),
  version: z.string(),
  name: z.string(),
  target: z.string(),
  base: z.number(),
  slopes: z.record(z.string(), z.number()),
});

const formatZero: Format<Artifact> = {
  formatVersion: 0,
  read(json, text, where) {
    const ancient = parseBySchema(Ancient, json, where);
    requireSeal(ancient, text, where);
    const {name, target, base, slopes, version} = ancient;
    const {metrics, provenance} = planeContent();
    return {
      formatVersion: 1,
      version,
      name,
      features: Object.keys(slopes).map(name => ({name, unit: null, mean: 0, scale: 1, min: -9, max: 9})),
      targets: [{name: target, unit: null, intercept: base, coefficients: Object.values(slopes)}],
      metrics,
      heldOut: [],
      provenance,
    };
  },
};
const all = [formatZero, ...formats];

function writeAncient(base: number): {text: string; version: string} {
  const rest = {name: 'ancient', target: 'y', base, slopes: {a: 2, b: 3}};
  const sealed = JSON.stringify({formatVersion: 0, ...rest});
  const version = createHash('sha256').update(sealed).digest('hex').slice(0, 12);
  return {text: `${JSON.stringify({formatVersion: 0, version, ...rest})}\n`, version};
}

function errorOf(run: () => unknown): ArtifactError {
  try {
    run();
  } catch (error) {
    if (error instanceof ArtifactError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a model of an older format', () => {
  test('is read as the newest, predicts, and is served under its own version', async () => {
    const {text, version} = writeAncient(5);
    const {post} = createTestApp(parseArtifact(text, 'model.json', all));
    const answer = await post('/predict', {features: [[1, 2]]});
    // y = 2a + 3b + 5
    expect(await answer.json()).toEqual({prediction: [13], model_version: version});
    expect(answer.headers.get('x-model-version')).toBe(version);
  });

  test('is held to its own bytes', () => {
    const {text, version} = writeAncient(5);
    const changed = text.replace('"base":5', '"base":6');
    expect(errorOf(() => parseArtifact(changed, 'model.json', all))).toMatchObject({
      reason: 'broken',
      message: `model.json was changed after it was written: its version says ${version}, its bytes say ${
        writeAncient(6).version
      }. Train again with \`npm run train\`, or restore the file from the release.`,
    });
  });

  test('leaves the newest as it is', () => {
    const {artifact, text} = sealArtifact(planeContent());
    expect(parseArtifact(text, 'model.json', all)).toEqual(artifact);
  });
});

describe('a model of a format that this program does not know', () => {
  test('is told from a broken one, with what to do', () => {
    expect(errorOf(() => parseArtifact('{"formatVersion":2}', 'model.json', all))).toMatchObject({
      reason: 'unknown-format',
      message:
        'model.json has format version 2; this program reads versions 0, 1. Use the program that wrote it, or a newer one.',
    });
    expect(errorOf(() => parseArtifact('{"formatVersion":-1}', 'model.json'))).toMatchObject({
      reason: 'unknown-format',
      message:
        'model.json has format version -1; this program reads version 1. Train again with `npm run train`, or restore the file from the release.',
    });
    expect(errorOf(() => parseArtifact('{}', 'model.json'))).toMatchObject({reason: 'broken'});
  });
});
