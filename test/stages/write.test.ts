import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {evaluateModel} from '../../pipeline/core/evaluation/evaluate-model.ts';
import {pickMetrics} from '../../pipeline/core/evaluation/metrics.ts';
import {readEvaluation} from '../../pipeline/io/artifacts/evaluation-file.ts';
import {writeArtifact} from '../../pipeline/stages/write.ts';
import {failureText} from '../helpers/failure-text.ts';
import {makeFolder} from '../helpers/folder.ts';
import {fitIris} from '../helpers/iris-model.ts';
import {irisContent} from '../helpers/server-artifact.ts';

const evaluation = evaluateModel(fitIris(['sepal_length', 'sepal_width', 'petal_width'], ['petal_length']));
const trained = {content: {...irisContent(), metrics: pickMetrics(evaluation)}, evaluation, about: undefined};
const root = makeFolder();

test('the evaluation is kept beside the model, and a second writing leaves it as it is', async () => {
  const stored = await writeArtifact(root, trained);
  expect(await readEvaluation(stored)).toEqual(evaluation);
  const text = await readFile(join(stored.folder, 'metrics.json'), 'utf8');
  await writeArtifact(root, trained);
  expect(await readFile(join(stored.folder, 'metrics.json'), 'utf8')).toBe(text);
});

test('a version that an earlier release wrote with fewer numbers is refused, and left as it is', async () => {
  const {folder} = await writeArtifact(root, trained);
  const older = JSON.stringify(trained.content.metrics);
  await writeFile(join(folder, 'metrics.json'), older);
  expect(await failureText(writeArtifact(root, trained), {FOLDER: folder})).toMatchInlineSnapshot(`
    "data EVALUATION_CHANGED
    FOLDER/metrics.json is not an evaluation that this program writes: at "rows": expected a finite number (and 11 more).
    Fix: Remove FOLDER and train again: npm run train."
  `);
  expect(await readFile(join(folder, 'metrics.json'), 'utf8')).toBe(older);
});
