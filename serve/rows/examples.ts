import type {Artifact} from '../artifact/artifact.ts';
import {predictRows} from '../model/predict.ts';
import {roundBySpread} from '../model/rounding.ts';
import type {Prediction} from './predictor.ts';

/** Makes two rows that a client of the model might send, both inside its training range. */
export function makeExampleRows({features}: Pick<Artifact, 'features'>): number[][] {
  return [
    features.map(feature => roundBySpread(feature.mean, feature)),
    features.map(feature => roundBySpread(Math.min(feature.mean + feature.scale, feature.max), feature)),
  ];
}

/** Makes the same rows by the names of the features. */
export function makeExampleInstances(artifact: Pick<Artifact, 'features'>): Record<string, number>[] {
  return makeExampleRows(artifact).map(row =>
    Object.fromEntries(artifact.features.map(({name}, j) => [name, row[j] ?? 0])),
  );
}

/** Predicts the example rows, without an interval. */
export function predictExamples(artifact: Artifact): Prediction {
  const predictions = predictRows(artifact, makeExampleRows(artifact));
  const values = predictions.status === 'predicted' ? predictions.values : [];
  return {status: 'predicted', values, interval: undefined, warnings: [], outOfRange: 0};
}
