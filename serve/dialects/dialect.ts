import {type Handler, notServing} from '../http/reply.ts';
import {isJsonType, readCsvHeader, readMediaType, readText, refuseMediaType} from '../http/request-body.ts';
import type {Service} from '../http/service.ts';
import {readQueryLevel} from '../rows/envelope.ts';
import type {Prediction} from '../rows/predictor.ts';
import type {Problem} from '../rows/problem.ts';
import {readCsv} from '../rows/read-csv.ts';
import type {RowLimits} from '../rows/read-rows.ts';
import {type CsvShape, csvType, isCsvWanted, writeCsv} from '../rows/write-csv.ts';
import type {PredictRequest} from './predict/predict-request.ts';

/** How the clients of a route write rows and read predictions. */
export type Dialect = {
  /** Reads a body of JSON. */
  parse: (text: string, limits: RowLimits) => PredictRequest | Problem;
  /** Writes an answer of JSON. */
  write: (prediction: Prediction) => string;
  /** How predictions are written as CSV. Left out, rows and predictions are JSON only. */
  csv?: CsvShape;
  /** The media types that the route reads, for the answer to others. */
  accepted: string;
};

/**
 * Creates the handler of a route that predicts: it reads a body of limited size, asks the one predictor, and
 * answers as JSON, or as CSV to those who accept it rather. An interval may be asked for in the query, too.
 *
 * A draining server still answers: the request was sent before its client could know.
 */
export function createDialectHandler(service: Service, dialect: Dialect): Handler {
  const {artifact, predictor, maxBodyBytes, maxRows} = service;
  const {parse, write, csv, accepted} = dialect;
  return async request => {
    if (service.phase() === 'starting') return notServing('starting');
    const {headers} = request;
    const mediaType = readMediaType(headers);
    const isCsv = csv !== undefined && mediaType === csvType;
    if (!isCsv && !isJsonType(mediaType)) return refuseMediaType(accepted);
    const text = await readText(request, maxBodyBytes);
    if (typeof text !== 'string') return text;
    const {schemas} = service;
    const limits = {schemas, maxRows};
    const asked = isCsv
      ? {...readCsv(text, limits, readCsvHeader(headers)), level: undefined}
      : parse(text, limits);
    if ('problem' in asked) return asked;
    const level = asked.level ?? readQueryLevel(request.url, schemas);
    if (typeof level === 'object') return level;
    const prediction = predictor.predict(asked, level);
    if ('problem' in prediction) return prediction;
    const rows = asked.rows.length;
    if (csv !== undefined && isCsvWanted(headers.get('accept'))) {
      return {status: 200, rows, ...writeCsv(artifact.targets, prediction, csv)};
    }
    return {status: 200, rows, body: write(prediction)};
  };
}
