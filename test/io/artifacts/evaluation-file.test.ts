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
  expect(await readFile(join(stored.folder, 'metrics.json'), 'utf8')).toMatch(
    /^\{\n {2}"formatVersion": 1,\n {2}"rows": 30,\n/,
  );
});

test('an evaluation without a version, as earlier releases wrote it, is read', async () => {
  expect(await readEvaluation(await store(JSON.stringify(evaluation)))).toEqual(evaluation);
});

test.each([
  [
    'scores without the rest',
    JSON.stringify(artifact.metrics),
    'at "rows": expected a finite number (and 11 more)',
  ],
  [
    'a text that is cut short',
    formatEvaluation(evaluation).slice(0, 30),
    'no JSON: Unterminated string in JSON at position 30 (line 3 column 7)',
  ],
  ['an unknown key', formatEvaluation({...evaluation, extra: 1} as Evaluation), 'unknown key "extra"'],
  [
    'a newer version',
    '{"formatVersion": 2}',
    'its format is 2, and this release of csv-to-server reads formats up to 1',
  ],
])('%s is refused', async (_, text, reason) => {
  expect(await complaint(text)).toBe(
    [
      'data EVALUATION_CHANGED',
      `FOLDER/metrics.json is not an evaluation that this program writes: ${reason}.`,
      'Fix: Move FOLDER away and train again: npm run train.',
    ].join('\n'),
  );
});

test('scores that are not those of the model beside it are refused', async () => {
  expect(await complaint(change({mse: 0.01}))).toMatchInlineSnapshot(`
    "data EVALUATION_CHANGED
    FOLDER/metrics.json has other scores than model.json beside it: it was changed after it was written.
    Fix: Move FOLDER away and train again: npm run train."
  `);
});

test('a folder without the file is refused', async () => {
  const stored = await store('');
  const elsewhere = {...stored, folder: join(stored.folder, 'other')};
  expect(await failureText(readEvaluation(elsewhere), {FOLDER: stored.folder})).toMatchInlineSnapshot(`
    "data EVALUATION_CHANGED
    FOLDER/other/metrics.json is not there.
    Fix: Move FOLDER/other away and train again: npm run train."
  `);
});
