import type {Artifact} from '../artifact/artifact.ts';
import {predictRows} from '../model/predict.ts';
import {roundBySpread} from '../model/rounding.ts';
import type {Prediction} from './predictor.ts';

/** Two rows that a client of the model might send, both inside its training range. */
export function exampleRows({features}: Pick<Artifact, 'features'>): number[][] {
  return [
    features.map(feature => roundBySpread(feature.mean, feature)),
    features.map(feature => roundBySpread(Math.min(feature.mean + feature.scale, feature.max), feature)),
  ];
}

/** The same rows by the names of the features. */
export function exampleInstances(artifact: Pick<Artifact, 'features'>): Record<string, number>[] {
  return exampleRows(artifact).map(row =>
    Object.fromEntries(artifact.features.map(({name}, j) => [name, row[j] ?? 0])),
  );
}

/** The prediction of the example rows, without an interval. */
export function examplePrediction(artifact: Artifact): Prediction {
  const predictions = predictRows(artifact, exampleRows(artifact));
  const values = predictions.status === 'predicted' ? predictions.values : [];
  return {status: 'predicted', values, interval: undefined, warnings: [], outOfRange: 0};
}
