import * as z from 'zod/mini';
import {notServing} from '../../http/reply.ts';
import {readMediaType} from '../../http/request-body.ts';
import type {Operation, Route} from '../../http/route.ts';
import type {Service} from '../../http/service.ts';
import {isLinesType, linesType} from '../../rows/lines.ts';
import {createDialectHandler} from '../dialect.ts';
import {
  csvAnswerHeaders,
  describeCsvPredictions,
  describeCsvRows,
  describeQuery,
  exampleInstances,
  examplePredictions,
  exampleRows,
} from '../examples.ts';
import {answerLines, describeLinePredictions, describeLineRows} from './lines.ts';
import {parsePredictRequest} from './predict-request.ts';
import {createWriter} from './write-prediction.ts';

/**
 * `POST /predict`: one number per row, or one list per row when the model has several targets. Rows may come as
 * JSON, as CSV, or as a stream of lines, which are answered as such.
 */
export function createPredictRoute(service: Service): Route {
  const answer = createDialectHandler(service, {
    parse: parsePredictRequest,
    write: createWriter(service.artifact.version),
    csv: 'with names',
    accepted: 'JSON (application/json), CSV (text/csv) or lines of JSON (application/x-ndjson)',
  });
  return {
    method: 'POST',
    path: '/predict',
    handler(request) {
      if (!isLinesType(readMediaType(request.headers))) return answer(request);
      return service.phase() === 'starting' ? notServing('starting') : answerLines(request, service);
    },
    describe: () => describePredict(service),
  };
}

function describePredict({artifact, schemas}: Service): Operation {
  const {level, prediction} = schemas;
  const interval = z.optional(level);
  const rows = exampleRows(artifact);
  return {
    tag: 'Prediction',
    summary: 'Predict',
    parameters: describeQuery(artifact, schemas),
    request: {
      'application/json': {
        schema: z.union([
          z.strictObject({features: schemas.rows, interval}),
          z.strictObject({instances: schemas.instances, interval}),
        ]),
        examples: {
          rows: {features: rows},
          'one row': {features: rows[0]},
          'rows by name': {instances: exampleInstances(artifact)},
          ...(artifact.uncertainty === undefined
            ? {}
            : {'with an interval': {features: rows, interval: 0.95}}),
        },
      },
      'text/csv': describeCsvRows(artifact),
      [linesType]: describeLineRows(artifact),
    },
    answer: {
      'application/json': {
        schema: z.strictObject({
          prediction: z.array(prediction),
          interval: z.optional(schemas.interval),
          warnings: z.optional(schemas.warnings),
          model_version: z.string(),
        }),
        examples: {
          predictions: {prediction: examplePredictions(artifact), model_version: artifact.version},
        },
      },
      'text/csv': describeCsvPredictions(artifact, 'with names'),
      [linesType]: describeLinePredictions(artifact),
    },
    answerHeaders: csvAnswerHeaders,
    problems: [400, 413, 415, 503],
  };
}
