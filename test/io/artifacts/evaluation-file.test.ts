import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {evaluateModel} from '../../../pipeline/core/evaluation/evaluate-model.ts';
import type {Evaluation} from '../../../pipeline/core/evaluation/evaluation.ts';
import {pickMetrics} from '../../../pipeline/core/evaluation/metrics.ts';
import {formatEvaluation, readEvaluation} from '../../../pipeline/io/artifacts/evaluation-file.ts';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {failureText} from '../../helpers/failure-text.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {fitIris} from '../../helpers/iris-model.ts';
import {irisContent} from '../../helpers/server-artifact.ts';

const evaluation = evaluateModel(fitIris(['sepal_length', 'sepal_width', 'petal_width'], ['petal_length']));
const {artifact} = sealArtifact({...irisContent(), metrics: pickMetrics(evaluation)});

const root = makeFolder();

/** A version folder with this text as its metrics.json. */
async function store(metricsText: string) {
  const folder = await mkdtemp(join(root, 'version-'));
  await writeFile(join(folder, 'metrics.json'), metricsText);
  return {folder, artifact};
}

/** What is said about that folder, which the message calls FOLDER. */
async function complaint(metricsText: string): Promise<string> {
  const stored = await store(metricsText);
  return failureText(readEvaluation(stored), {FOLDER: stored.folder});
}

const change = (part: Partial<Evaluation>) => formatEvaluation({...evaluation, ...part});

test('an evaluation is read as it was written', async () => {
  const stored = await store(formatEvaluation(evaluation));
  expect(await readEvaluation(stored)).toEqual(evaluation);
  expect(await readFile(join(stored.folder, 'metrics.json'), 'utf8')).toMatch(/^\{\n {2}"rows": 30,\n/);
});

const outdated = [
  'data EVALUATION_CHANGED',
  'FOLDER/metrics.json is not an evaluation that this program writes: another release of this program wrote it, or it was changed or cut short.',
  'Fix: Remove FOLDER and train again: npm run train.',
].join('\n');

test('scores without the rest, as earlier releases wrote them, are refused', async () => {
  expect(await complaint(JSON.stringify(artifact.metrics))).toBe(outdated);
});

test('a text that is cut short, or has a key that is not known, is refused', async () => {
  const broken = await complaint(formatEvaluation(evaluation).slice(0, 100));
  expect(await complaint(formatEvaluation({...evaluation, extra: 1} as Evaluation))).toBe(broken);
  expect(broken).toBe(outdated);
});

test('scores that are not those of the model beside it are refused', async () => {
  expect(await complaint(change({mse: 0.01}))).toMatchInlineSnapshot(`
    "data EVALUATION_CHANGED
    FOLDER/metrics.json has other scores than model.json beside it: it was changed after it was written.
    Fix: Remove FOLDER and train again: npm run train."
  `);
});

test('a folder without the file is refused', async () => {
  const stored = await store('');
  const elsewhere = {...stored, folder: join(stored.folder, 'other')};
  expect(await failureText(readEvaluation(elsewhere), {FOLDER: stored.folder})).toMatchInlineSnapshot(`
    "data EVALUATION_CHANGED
    FOLDER/other/metrics.json cannot be read.
    Fix: Remove FOLDER/other and train again: npm run train."
  `);
});
