import {expect, test} from 'vitest';
import {evaluateModel} from '../../../pipeline/core/evaluation/evaluate-model.ts';
import {pickMetrics} from '../../../pipeline/core/evaluation/metrics.ts';
import {assembleContent} from '../../../pipeline/core/release/artifact-content.ts';
import {requireOwnDescriptor} from '../../../pipeline/core/release/descriptor-match.ts';
import {sealArtifact} from '../../../serve/artifact/artifact.ts';
import {failureText} from '../../helpers/failure-text.ts';
import {fitIris} from '../../helpers/iris-model.ts';

const trained = fitIris(['sepal_length', 'petal_width'], ['petal_length']);
const {descriptor} = trained;
const {artifact} = sealArtifact(
  assembleContent({
    ...trained,
    data: {sha256: 'e'.repeat(64), url: 'https://example.org/iris.data'},
    metrics: pickMetrics(evaluateModel(trained)),
    libraries: {},
  }),
);
const complain = (today: typeof descriptor) =>
  failureText((async () => requireOwnDescriptor(artifact, today, 'data/lax.json'))(), {
    VERSION: artifact.version,
  });

test('a model is judged by the descriptor that it was trained by, whatever its rules and words are now', async () => {
  const stricter = {
    ...descriptor,
    gate: {rules: [{metric: 'mse', max: 0.01}]},
    about: {title: 'Iris', notes: []},
  };
  expect(await complain(stricter)).toBe('No failure: undefined');
  // the address from which the file came does not make another descriptor
  expect(await complain({...descriptor, source: {file: 'copy.data'}})).toBe('No failure: undefined');
});

test('a descriptor of the same name with other features is refused', async () => {
  expect(await complain({...descriptor, features: ['sepal_length', 'sepal_width']})).toMatchInlineSnapshot(`
    "usage OTHER_DESCRIPTOR
    iris VERSION was not trained by data/lax.json, so its rules are not about this model:
      features: trained with ["sepal_length","petal_width"], found ["sepal_length","sepal_width"]
    Fix: Name the descriptor that it was trained by with --dataset FILE (for a model that was trained without one: the same --csv, --target and other options), or train by this one: npm run train."
  `);
});

test('a descriptor with another seed is refused', async () => {
  expect(await complain({...descriptor, split: {...descriptor.split, seed: 7}})).toContain(
    'split: trained with {"testSize":0.2,"seed":42}, found {"testSize":0.2,"seed":7}',
  );
});
