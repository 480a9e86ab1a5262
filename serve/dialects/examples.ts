import * as z from 'zod/mini';
import type {Artifact} from '../artifact/artifact.ts';
import type {Content, Parameter} from '../http/route.ts';
import {predictRows} from '../model/predict.ts';
import {roundBySpread} from '../model/rounding.ts';
import {describe, type Schemas} from '../rows/schemas.ts';
import {type CsvShape, quoteCell, writeCsv} from '../rows/write-csv.ts';

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

/** What the model answers to the example rows. */
export function examplePredictions(artifact: Artifact): number[] | number[][] {
  const predictions = predictRows(artifact, exampleRows(artifact));
  return predictions.status === 'predicted' ? predictions.values : [];
}

/** What the OpenAPI document says of rows as CSV. */
export function describeCsvRows(artifact: Artifact): Content {
  const rows = exampleRows(artifact).map(row => `${row.join(',')}\n`);
  const names = artifact.features.map(({name}) => quoteCell(name));
  return {
    schema: describe(z.string(), {
      description:
        'Rows as CSV: with a first line of feature names in any order, or without one and with the values in this order',
    }),
    examples: {
      'with names': [`${names.join(',')}\n`, ...rows].join(''),
      'without names': rows.join(''),
    },
  };
}

/** What the OpenAPI document says of predictions as CSV. */
export function describeCsvPredictions(artifact: Artifact, shape: CsvShape): Content {
  const values = examplePredictions(artifact);
  const {body} = writeCsv(
    artifact.targets,
    {status: 'predicted', values, interval: undefined, warnings: [], outOfRange: 0},
    shape,
  );
  return {
    schema: describe(z.string(), {
      description: `A line per row${
        shape === 'with names' ? ' after a line of names' : ''
      }: each target, followed by its lower and upper bound where an interval was asked for`,
    }),
    examples: {predictions: body},
  };
}

/** The header of an answer as CSV, which has no place for warnings. */
export const csvAnswerHeaders = {
  'x-out-of-range':
    'In CSV: how many inputs are outside the range that the model was trained on, where some are',
};

/** The query that asks any of the dialects for a prediction interval; none where the model has no intervals. */
export function describeQuery({uncertainty}: Artifact, {level}: Schemas): Parameter[] {
  if (uncertainty === undefined) return [];
  return [
    {
      name: 'interval',
      in: 'query',
      description: 'Asks for a prediction interval of this level',
      schema: level,
    },
  ];
}
