import * as z from 'zod/mini';
import type {Prediction} from '../rows/predictor.ts';
import type {RowsRoute} from './rows-route.ts';

/** `{"predictions", "interval"?, "warnings"?}`: the answer that clients of SageMaker, MLflow and Vertex AI read. */
export const predictionsAnswer: RowsRoute['answer'] = {
  write: ({values, interval, warnings}: Prediction) => ({
    predictions: values,
    interval,
    ...(warnings.length > 0 && {warnings}),
  }),
  schema: ({prediction, interval, warnings}) =>
    z.strictObject({
      predictions: z.array(prediction),
      interval: z.optional(interval),
      warnings: z.optional(warnings),
    }),
};
