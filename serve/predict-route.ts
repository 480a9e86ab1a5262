import {answerLines, isLinesType} from './ndjson.ts';
import {parsePredictRequest, readQueryLevel} from './predict-request.ts';
import type {Prediction} from './predictor.ts';
import {notServing} from './reply.ts';
import {isJsonType, readMediaType, readText, refuseMediaType} from './request-body.ts';
import type {Route} from './route.ts';
import type {Service} from './service.ts';

/**
 * `POST /predict`: one number per row, or one list per row when the model has several targets.
 *
 * A draining server still answers: the request was sent before its client could know.
 */
export function createPredictRoute(service: Service): Route {
  const {artifact, predictor, maxBodyBytes, maxRows} = service;
  const write = createWriter(artifact.version);
  return {
    method: 'POST',
    path: '/predict',
    async handler(request) {
      if (service.phase() === 'starting') return notServing('starting');
      const mediaType = readMediaType(request.headers);
      if (isLinesType(mediaType)) return answerLines(request, service);
      if (!isJsonType(mediaType)) return refuseMediaType('JSON (application/json)');
      const text = await readText(request, maxBodyBytes);
      if (typeof text !== 'string') return text;
      const {schemas} = service;
      const asked = parsePredictRequest(text, {schemas, maxRows});
      if ('problem' in asked) return asked;
      const level = asked.level ?? readQueryLevel(request.url, schemas);
      if (typeof level === 'object') return level;
      const prediction = predictor.predict(asked, level);
      if ('problem' in prediction) return prediction;
      return {status: 200, body: write(prediction), rows: asked.rows.length};
    },
  };
}

/** Writes `{"prediction", "interval"?, "warnings"?, "model_version"}`. */
export function createWriter(modelVersion: string): (prediction: Prediction) => string {
  const end = `,"model_version":${JSON.stringify(modelVersion)}}`;
  return ({values, interval, warnings}) => {
    const bounds = interval === undefined ? '' : `,"interval":${JSON.stringify(interval)}`;
    const notes = warnings.length === 0 ? '' : `,"warnings":${JSON.stringify(warnings)}`;
    return `{"prediction":${JSON.stringify(values)}${bounds}${notes}${end}`;
  };
}
