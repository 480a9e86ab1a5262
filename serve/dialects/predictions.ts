import * as z from 'zod/mini';
import type {Artifact} from '../artifact/artifact.ts';
import type {Content} from '../http/route.ts';
import type {Prediction} from '../rows/predictor.ts';
import type {Schemas} from '../rows/schemas.ts';
import {examplePredictions} from './examples.ts';

/** Writes `{"predictions", "interval"?, "warnings"?}`: the answer that clients of SageMaker, MLflow and Vertex AI read. */
export function writePredictions({values, interval, warnings}: Prediction): string {
  return JSON.stringify({
    predictions: values,
    interval,
    ...(warnings.length === 0 ? {} : {warnings}),
  });
}

/** What the OpenAPI document says of that answer. */
export function describePredictions(artifact: Artifact, {prediction, interval, warnings}: Schemas): Content {
  return {
    schema: z.strictObject({
      predictions: z.array(prediction),
      interval: z.optional(interval),
      warnings: z.optional(warnings),
    }),
    examples: {predictions: {predictions: examplePredictions(artifact)}},
  };
}

/** What the OpenAPI document says of the options that these platforms let a client send: null is as good as none. */
export function describeOptions({level}: Schemas) {
  return z.optional(z.nullable(z.strictObject({interval: z.optional(level)})));
}
