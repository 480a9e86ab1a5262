import type * as z from 'zod/mini';
import {type Handler, type Reply, refuseInPhase} from '../http/reply.ts';
import {isJsonType, readBytes, readCsvHeader, readMediaType, refuseMediaType} from '../http/request-body.ts';
import type {Content, Operation, Parameter, Route} from '../http/route.ts';
import type {Service} from '../http/service.ts';
import {readQueryLevel} from '../rows/envelope.ts';
import {predictExamples} from '../rows/examples.ts';
import {describeJsonBody, type JsonBody, readJsonBody} from '../rows/json-body.ts';
import {chooseLinesType, isLinesType, linesType} from '../rows/lines.ts';
import type {Prediction} from '../rows/predictor.ts';
import type {Problem} from '../rows/problem.ts';
import {readCsv} from '../rows/read-csv.ts';
import {loosenSchemas, type Schemas} from '../rows/schemas.ts';
import type {Sliced} from '../rows/slices.ts';
import {type CsvShape, csvType, isCsvWanted, writeCsv} from '../rows/write-csv.ts';
import {writeJson} from '../rows/write-json.ts';
import {csvAnswerHeaders, describeCsvPredictions, describeCsvRows} from './csv-content.ts';
import {answerLines, describeLinePredictions, describeLineRows, writePredictionLines} from './lines.ts';

/** A route that predicts: the way in which its clients write rows and read predictions. */
export type RowsRoute = {
  path: string;
  /** Rows as JSON. */
  body: JsonBody;
  /** Predictions as JSON. */
  answer: {write: (prediction: Prediction) => unknown; schema: (schemas: Schemas) => z.ZodMiniType};
  /** Rows may also be CSV, and predictions are written so where Accept asks for it. */
  csv?: CsvShape;
  /**
   * Rows may also be lines of JSON, which are answered as they arrive; other rows are answered in lines where Accept
   * asks for them.
   */
  hasLines?: boolean;
  /** Columns and params that the model does not know are ignored, counted, and told of in the log. */
  ignoresUnknown?: boolean;
  /** The body of an error, where clients expect another shape than the server's own. */
  problems?: {format: NonNullable<Route['formatProblem']>; schema: z.ZodMiniType};
};

/**
 * Creates a route that predicts: it reads a body of limited size, asks the one predictor, and answers. An interval may
 * be asked for in the query, too. What it reads and writes is also what the OpenAPI document says.
 *
 * A draining server still answers: the request was sent before its client could know.
 */
export function createRowsRoute(service: Service, route: RowsRoute): Route {
  return {
    method: 'POST',
    path: route.path,
    ...(route.problems && {formatProblem: route.problems.format}),
    handler: createHandler(service, route),
    describe: () => describeRoute(service, route),
  };
}

function createHandler(
  service: Service,
  {body, answer, csv, hasLines = false, ignoresUnknown}: RowsRoute,
): Handler {
  const {artifact, predictor, maxBodyBytes, maxRows, work} = service;
  const accepted = [
    'JSON (application/json)',
    ...(csv === undefined ? [] : [`CSV (${csvType})`]),
    ...(hasLines ? [`lines of JSON (${linesType})`] : []),
  ];
  return async request => {
    if (service.phase() === 'starting') return refuseInPhase('starting');
    const {headers} = request;
    const mediaType = readMediaType(headers);
    if (hasLines && isLinesType(mediaType)) return answerLines(request, service);
    const isCsv = csv !== undefined && mediaType === csvType;
    if (!isCsv && !isJsonType(mediaType)) return refuseMediaType(accepted);
    const bytes = await readBytes(request, maxBodyBytes);
    return 'problem' in bytes ? bytes : work.onBody(bytes, answerRows(request, bytes, isCsv));
  };

  function* answerRows(request: Request, bytes: Uint8Array, isCsv: boolean): Sliced<Reply | Problem> {
    const {headers} = request;
    const schemas = ignoresUnknown ? loosenSchemas(service.schemas) : service.schemas;
    const limits = {schemas, maxRows};
    const asked = isCsv
      ? {...(yield* readCsv(bytes, limits, readCsvHeader(headers))), level: undefined}
      : yield* readJsonBody(body, bytes, limits);
    if ('problem' in asked) return asked;
    const inQuery = readQueryLevel(request.url, schemas);
    if (typeof inQuery === 'object') return inQuery;
    const prediction = yield* predictor.predictInSlices(asked, asked.level ?? inQuery);
    if ('problem' in prediction) return prediction;
    const {ignored} = asked;
    const rows = asked.rows.length;
    const linesWanted = hasLines ? chooseLinesType(headers.get('accept')) : undefined;
    if (linesWanted !== undefined) {
      return {status: 200, rows, ignored, ...(yield* writePredictionLines(prediction, linesWanted))};
    }
    if (csv !== undefined && isCsvWanted(headers.get('accept'))) {
      return {status: 200, rows, ignored, ...(yield* writeCsv(artifact.targets, prediction, csv))};
    }
    return {status: 200, rows, ignored, body: yield* writeJson(answer.write(prediction))};
  }
}

function describeRoute(
  {artifact, schemas}: Service,
  {body, answer, csv, hasLines = false, ignoresUnknown, problems}: RowsRoute,
): Operation {
  const bodySchemas = ignoresUnknown ? loosenSchemas(schemas) : schemas;
  const request: Record<string, Content> = {
    'application/json': describeJsonBody(body, artifact, bodySchemas),
  };
  const predictions = answer.write(predictExamples(artifact));
  const answers: Record<string, Content> = {
    'application/json': {schema: answer.schema(schemas), examples: {predictions}},
  };
  if (csv !== undefined) {
    request[csvType] = describeCsvRows(artifact);
    answers[csvType] = describeCsvPredictions(artifact, csv);
  }
  if (hasLines) {
    request[linesType] = describeLineRows(artifact);
    answers[linesType] = describeLinePredictions(artifact);
  }
  return {
    summary: 'Predict',
    // a model without intervals has nothing to ask for
    parameters: artifact.uncertainty === undefined ? [] : [describeLevel(schemas)],
    request,
    answer: answers,
    ...(csv !== undefined && {answerHeaders: csvAnswerHeaders}),
    problems: [400, 413, 415, 503],
    ...(problems && {problemSchema: problems.schema}),
  };
}

function describeLevel({level}: Schemas): Parameter {
  return {
    name: 'interval',
    in: 'query',
    description: 'Asks for a prediction interval of this level',
    schema: level,
  };
}
