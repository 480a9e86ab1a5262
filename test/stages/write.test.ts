import {readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {evaluateModel} from '../../pipeline/core/evaluation/evaluate-model.ts';
import {readEvaluation} from '../../pipeline/io/artifacts/evaluation-file.ts';
import {write} from '../../pipeline/stages/write.ts';
import {failureText} from '../helpers/failure-text.ts';
import {makeFolder} from '../helpers/folder.ts';
import {fitIris} from '../helpers/iris-model.ts';

const trained = fitIris(['sepal_length', 'sepal_width', 'petal_width'], ['petal_length']);
const evaluation = evaluateModel(trained);
const data = {sha256: 'e'.repeat(64), url: null};
const root = makeFolder();
const writeIris = () => write(root, {...trained, data, evaluation}, ({version}) => `# Card of ${version}\n`);

test('the evaluation is kept beside the model, and a second writing leaves it as it is', async () => {
  const stored = await writeIris();
  expect(await readEvaluation(stored)).toEqual(evaluation);
  const text = await readFile(join(stored.folder, 'metrics.json'), 'utf8');
  await writeIris();
  expect(await readFile(join(stored.folder, 'metrics.json'), 'utf8')).toBe(text);
});

test('a version that lacks its evaluation, as one that a rollback brought, gets it', async () => {
  const stored = await writeIris();
  await rm(join(stored.folder, 'metrics.json'));
  await writeIris();
  expect(await readEvaluation(stored)).toEqual(evaluation);
});

test('a version that an earlier release wrote with fewer numbers is refused, and left as it is', async () => {
  const {folder, artifact} = await writeIris();
  const older = JSON.stringify(artifact.metrics);
  await writeFile(join(folder, 'metrics.json'), older);
  expect(await failureText(writeIris(), {FOLDER: folder})).toMatch(
    /^data EVALUATION_CHANGED\nFOLDER\/metrics\.json is not an evaluation that this program writes: .*\nFix: Move FOLDER away and train again: npm run train\.$/s,
  );
  expect(await readFile(join(folder, 'metrics.json'), 'utf8')).toBe(older);
});
