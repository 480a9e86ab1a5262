import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {openArtifact, setLatest, storeVersion} from '../../../pipeline/io/artifacts/version-folder.ts';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {failureText} from '../../helpers/failure-text.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {planeContent} from '../../helpers/server-artifact.ts';
import {asUnprivileged} from '../../helpers/unprivileged.ts';

const {artifact, text} = sealArtifact(planeContent());
const files = {'model.json': text, 'report.html': '<p>'};

async function storeLatest(root: string): Promise<string> {
  const folder = await storeVersion(root, artifact, files);
  await setLatest(root, artifact);
  return folder;
}

describe('the artifacts folder', () => {
  test('gets a version whole or not at all, and keeps its files as they were written', async () => {
    const root = makeFolder();
    const folder = await storeLatest(root);
    expect(folder).toBe(join(root, artifact.name, artifact.version));
    await storeVersion(root, artifact, {...files, 'report.html': 'another'});
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe('<p>');
    expect(readdirSync(join(root, artifact.name)).sort()).toEqual([artifact.version, 'latest'].sort());
  });

  test('adds to a version what it lacks: one that a rollback brought can be trained again', async () => {
    const root = makeFolder();
    const folder = await storeVersion(root, artifact, {'model.json': text});
    await storeVersion(root, artifact, files);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe('<p>');
  });

  test('opens the version that was trained last, or the one asked for', async () => {
    const root = makeFolder();
    await storeLatest(root);
    const other = sealArtifact({...planeContent(), heldOut: []});
    await storeVersion(root, other.artifact, {'model.json': other.text});
    const newest = async () => (await openArtifact(root, artifact.name, undefined)).artifact.version;
    expect(await newest()).toBe(artifact.version);
    await setLatest(root, other.artifact);
    expect(await newest()).toBe(other.artifact.version);
    expect((await openArtifact(root, artifact.name, artifact.version)).text).toBe(text);
  });

  test('survives twenty runs that write the same version at once', async () => {
    const root = makeFolder();
    await Promise.all(Array.from({length: 20}, () => storeLatest(root)));
    expect(readdirSync(join(root, artifact.name)).sort()).toEqual([artifact.version, 'latest'].sort());
    expect(readFileSync(join(root, artifact.name, artifact.version, 'model.json'), 'utf8')).toBe(text);
  });

  test('says which versions there are when the one asked for is not', async () => {
    const root = makeFolder();
    await storeLatest(root);
    const problem = await failureText(openArtifact(root, artifact.name, '000000000000'), {
      FOLDER: join(root, artifact.name),
      VERSION: artifact.version,
    });
    expect(problem).toMatchInlineSnapshot(`
      "usage NO_ARTIFACT
      FOLDER/000000000000/model.json does not exist; found the versions VERSION.
      Fix: Train one with \`npm run train\`, or name another with --version, --dataset or --artifacts."
    `);
  });

  test('refuses to go on with a model that was changed on disk', async () => {
    const root = makeFolder();
    const folder = await storeLatest(root);
    writeFileSync(join(folder, 'model.json'), text.replace('"intercept":5', '"intercept":6'));
    const names = {FOLDER: folder, VERSION: artifact.version};
    expect(await failureText(openArtifact(root, artifact.name, undefined), names)).toMatch(
      /^data ARTIFACT_CHANGED\nFOLDER\/model\.json was changed after it was written: .*\nFix: Move FOLDER away and train again: npm run train\.$/s,
    );
    expect(await failureText(storeVersion(root, artifact, files), names)).toMatchInlineSnapshot(`
      "data ARTIFACT_CHANGED
      FOLDER/model.json differs from the model whose version it carries: it was changed or cut short after it was written.
      Fix: Move FOLDER away and train again: npm run train."
    `);
  });

  test('does not take a folder that it may not read for an empty one', async () => {
    const root = makeFolder();
    const parent = join(root, artifact.name);
    mkdirSync(parent, {mode: 0o000});
    const open = () => asUnprivileged(() => openArtifact(root, artifact.name, undefined));
    await expect(open()).rejects.toMatchObject({code: 'EACCES'});
  });
});
