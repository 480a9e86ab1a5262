import * as z from 'zod/mini';
import {type JsonBody, levelNumber} from '../../rows/json-body.ts';
import {instanceList, rowList} from '../../rows/row-shapes.ts';
import type {Dialect} from '../dialect.ts';
import {createRowsRoute} from '../rows-route.ts';
import {listPredictQuestions} from './questions.ts';

/** `{"features": [[…], …]}` or `{"instances": [{name: value}, …]}`, each with an optional `"interval"`. */
export const predictBody: JsonBody = {
  keys: {features: rowList, instances: instanceList},
  option: {key: 'interval', ...levelNumber},
};

/**
 * The server's own dialect, `POST /predict`: one number per row, or one list per row when the model has several
 * targets. Rows may come as JSON, as CSV, or as a stream of lines, which are answered as such.
 */
export const predict: Dialect = {
  name: 'Prediction',
  description: "The server's own way to ask for predictions",
  createRoutes: service => [
    createRowsRoute(service, {
      path: '/predict',
      body: predictBody,
      answer: {
        write: ({values, interval, warnings}) => ({
          prediction: values,
          interval,
          ...(warnings.length > 0 && {warnings}),
          model_version: service.artifact.version,
        }),
        schema: ({prediction, interval, warnings}) =>
          z.strictObject({
            prediction: z.array(prediction),
            interval: z.optional(interval),
            warnings: z.optional(warnings),
            model_version: z.string(),
          }),
      },
      csv: 'with names',
      hasLines: true,
    }),
  ],
  smoke: {listQuestions: ({artifact}) => listPredictQuestions(artifact)},
};
