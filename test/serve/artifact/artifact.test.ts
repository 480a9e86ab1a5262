import {createHash} from 'node:crypto';
import {describe, expect, test} from 'vitest';
import {
  type ArtifactContent,
  ArtifactError,
  parseArtifact,
  sealArtifact,
} from '../../../serve/artifact/artifact.ts';
import {pairContent, planeContent} from '../../helpers/server-artifact.ts';

const retrain = 'Train again with `npm run train`, or restore the file from the release.';

function sealText(): string {
  return sealArtifact(planeContent()).text;
}

/** The message of the ArtifactError that `run` throws; anything else fails the test. */
function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ArtifactError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function parseMessage(text: string): string {
  return messageOf(() => parseArtifact(text, 'model.json'));
}

/** Text of an artifact whose content was changed, with the version that its new content has. */
function forge(change: (content: ArtifactContent) => void): string {
  const content = planeContent();
  change(content);
  const rest = {formatVersion: 1, ...content};
  const version = createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 12);
  return `${JSON.stringify({formatVersion: 1, version, ...content})}\n`;
}

describe('a sealed artifact', () => {
  test('is read back as it was written', () => {
    const {artifact, text} = sealArtifact(planeContent());
    expect(parseArtifact(text, 'model.json')).toEqual(artifact);
    const {formatVersion, version, ...content} = artifact;
    expect(formatVersion).toBe(1);
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(content).toEqual(planeContent());
  });

  test('may have a target named as a member that every object has', () => {
    for (const name of ['constructor', 'prototype', 'toString']) {
      const content = planeContent();
      const [target] = content.targets;
      const [scores] = Object.values(content.metrics.targets);
      if (target === undefined || scores === undefined) throw new Error('the plane has one target');
      content.targets = [{...target, name}];
      content.metrics = {...content.metrics, targets: {[name]: scores}};
      const {text} = sealArtifact(content);
      expect(Object.entries(parseArtifact(text, 'model.json').metrics.targets)).toEqual([[name, scores]]);
    }
  });

  test('is one line of JSON with a newline at its end', () => {
    const text = sealText();
    expect(text.indexOf('\n')).toBe(text.length - 1);
    expect(sealArtifact(JSON.parse(JSON.stringify(planeContent()))).text).toBe(text);
  });

  test('has as version the first 12 hex digits of the SHA-256 of its other keys', () => {
    const {name, features, targets, metrics, heldOut, provenance} = planeContent();
    const json = JSON.stringify({formatVersion: 1, name, features, targets, metrics, heldOut, provenance});
    const expected = createHash('sha256').update(json).digest('hex').slice(0, 12);
    expect(sealArtifact(planeContent()).artifact.version).toBe(expected);
  });

  test('does not depend on the order in which its keys were given', () => {
    const content = planeContent();
    const reversed = Object.fromEntries(Object.entries(content).reverse()) as ArtifactContent;
    reversed.targets = content.targets.map(({name, unit, intercept, coefficients}) => {
      return {coefficients, intercept, unit, name};
    });
    expect(sealArtifact(reversed).text).toBe(sealText());
  });

  test('has another version when any number of it is another', () => {
    const content = planeContent();
    content.metrics.mse = 0.25000000000000006;
    expect(sealArtifact(content).artifact.version).not.toBe(sealArtifact(planeContent()).artifact.version);
  });

  test('is refused when a number is not finite', () => {
    const content = planeContent();
    content.metrics.mse = Number.NaN;
    expect(messageOf(() => sealArtifact(content))).toBe(
      'The trained model cannot be written: at "metrics.mse": expected a finite number.',
    );
    const infinite = planeContent();
    infinite.targets = [{name: 'y', unit: null, intercept: 5, coefficients: [2, Number.POSITIVE_INFINITY]}];
    expect(messageOf(() => sealArtifact(infinite))).toBe(
      'The trained model cannot be written: at "targets.0.coefficients.1": expected a finite number.',
    );
  });

  test('is refused when a length disagrees', () => {
    const content = planeContent();
    content.targets = [{name: 'y', unit: null, intercept: 5, coefficients: [2]}];
    expect(messageOf(() => sealArtifact(content))).toBe(
      `the trained model: targets[0].coefficients has 1 values, expected 2 (one per feature). ${retrain}`,
    );
  });
});

describe('parseArtifact', () => {
  test('refuses every change of a single byte, wherever it is', () => {
    const text = sealText();
    for (let i = 0; i < text.length; i++) {
      // The neighbour of a character is another valid one more often than not: a digit stays a digit.
      const changed = text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ 1) + text.slice(i + 1);
      expect(() => parseArtifact(changed, 'model.json'), `byte ${i}`).toThrow(ArtifactError);
    }
  });

  test('says that a number was changed', () => {
    const {artifact, text} = sealArtifact(planeContent());
    const changed = text.replace('"intercept":5', '"intercept":6');
    const content = planeContent();
    const [target] = content.targets;
    if (target === undefined) throw new Error('the plane has a target');
    const version = sealArtifact({...content, targets: [{...target, intercept: 6}]}).artifact.version;
    expect(parseMessage(changed)).toBe(
      `model.json was changed after it was written: its version says ${artifact.version}, its bytes say ${version}. ${retrain}`,
    );
  });

  test('says that the version was changed', () => {
    const {artifact, text} = sealArtifact(planeContent());
    expect(parseMessage(text.replace(artifact.version, '0123456789ab'))).toBe(
      `model.json was changed after it was written: its version says 0123456789ab, its bytes say ${artifact.version}. ${retrain}`,
    );
  });

  test('says that the same numbers stand there in other characters', () => {
    const {artifact, text} = sealArtifact(planeContent());
    const message = `model.json was changed after it was written: its version says ${artifact.version}, its bytes say the same numbers in other characters. ${retrain}`;
    expect(parseMessage(text.replace('"intercept":5', '"intercept":5.0'))).toBe(message);
    expect(parseMessage(text.trimEnd())).toBe(message);
    expect(parseMessage(JSON.stringify(JSON.parse(text), null, 2))).toBe(message);
  });

  test('refuses a truncated file and names its length', () => {
    const text = sealText().slice(0, 100);
    expect(parseMessage(text)).toBe(`model.json is not JSON (100 characters). ${retrain}`);
    expect(parseMessage('')).toBe(`model.json is not JSON (0 characters). ${retrain}`);
  });

  test('refuses a later format and asks for a newer program', () => {
    expect(parseMessage('{"formatVersion":2,"anything":"else"}')).toBe(
      'model.json has format version 2; this program reads version 1. Use the program that wrote it, or a newer one.',
    );
  });

  test('refuses an earlier format and asks for another training', () => {
    expect(parseMessage('{"formatVersion":0}')).toBe(
      `model.json has format version 0; this program reads version 1. ${retrain}`,
    );
  });

  test('refuses JSON that is no artifact', () => {
    expect(parseMessage('null')).toBe(`model.json is not a model artifact: expected an object. ${retrain}`);
    expect(parseMessage(sealText().replace('"name":"plane"', '"title":"plane"'))).toBe(
      `model.json is not a model artifact: at "name": expected text (and 1 more). ${retrain}`,
    );
  });

  test('refuses an unknown key', () => {
    expect(parseMessage(sealText().replace('"name":"plane"', '"name":"plane","more":1'))).toBe(
      `model.json is not a model artifact: unknown key "more". ${retrain}`,
    );
  });

  test.each([
    ['"row":3', '"row":0', 'at "heldOut.0.row": expected more than 0'],
    ['"row":3', '"row":1.5', 'at "heldOut.0.row": expected a whole number'],
    ['"name":"plane"', '"name":""', 'at "name": expected a length of at least 1'],
    ['abab"', 'abax"', 'at "provenance.dataset.sha256": expected text of the form /^[0-9a-f]{64}$/'],
    ['"formatVersion":1', '"formatVersion":"1"', 'at "formatVersion": expected 1'],
  ])('says what was expected instead of a change from %s to %s', (from, to, problem) => {
    expect(parseMessage(sealText().replace(from, to))).toBe(
      `model.json is not a model artifact: ${problem}. ${retrain}`,
    );
  });

  test('refuses a number that becomes infinite', () => {
    expect(parseMessage(sealText().replace('"intercept":5', '"intercept":1e999'))).toBe(
      `model.json is not a model artifact: at "targets.0.intercept": expected a finite number. ${retrain}`,
    );
  });

  test.each([
    ['targets[0].coefficients', 'feature', (content: ArtifactContent) => content.targets[0]?.coefficients],
    ['heldOut[1].features', 'feature', (content: ArtifactContent) => content.heldOut[1]?.features],
    ['heldOut[1].actual', 'target', (content: ArtifactContent) => content.heldOut[1]?.actual],
    ['heldOut[1].prediction', 'target', (content: ArtifactContent) => content.heldOut[1]?.prediction],
  ])('refuses %s with a value too many, even with the right hash', (path, of, select) => {
    const expected = of === 'feature' ? 2 : 1;
    expect(parseMessage(forge(content => select(content)?.push(1)))).toBe(
      `model.json: ${path} has ${expected + 1} values, expected ${expected} (one per ${of}). ${retrain}`,
    );
  });

  test('refuses two features or two targets of one name', () => {
    const twice = planeContent();
    twice.features = twice.features.map(feature => ({...feature, name: 'a'}));
    expect(messageOf(() => sealArtifact(twice))).toBe(
      `the trained model: features[1] has the name of features[0], "a". ${retrain}`,
    );
    const pair = pairContent();
    pair.targets = pair.targets.map(target => ({...target, name: 'sum'}));
    expect(messageOf(() => sealArtifact(pair))).toBe(
      `the trained model: targets[1] has the name of targets[0], "sum". ${retrain}`,
    );
  });
});
