import * as z from 'zod/mini';
import type {Artifact} from '../artifact/artifact.ts';
import type {Content} from '../http/route.ts';
import {makeExampleRows, predictExamples} from '../rows/examples.ts';
import {describe} from '../rows/schemas.ts';
import {finishNow} from '../rows/slices.ts';
import {type CsvShape, quoteCell, writeCsv} from '../rows/write-csv.ts';

/** Describes rows as CSV for the OpenAPI document. */
export function describeCsvRows(artifact: Artifact): Content {
  const rows = makeExampleRows(artifact).map(row => `${row.join(',')}\n`);
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

/** Describes predictions as CSV for the OpenAPI document. */
export function describeCsvPredictions(artifact: Artifact, shape: CsvShape): Content {
  const {body} = finishNow(writeCsv(artifact.targets, predictExamples(artifact), shape));
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
