import * as z from 'zod/mini';
import {Artifact, Feature, Target} from '../../artifact/artifact.ts';
import type {Operation} from '../../http/route.ts';
import {describe} from '../../rows/schemas.ts';

/** Describes `/healthz`. */
export function describeHealth(): Operation {
  return {
    summary: 'Whether the process is alive',
    answer: {
      'application/json': {
        schema: z.strictObject({status: z.literal('alive')}),
        examples: {alive: {status: 'alive'}},
      },
    },
    problems: [],
  };
}

/** Describes `/readyz`. */
export function describeReadiness(example: unknown): Operation {
  return {
    summary: 'Whether predictions can be asked for: the model has reproduced its held-out examples',
    answer: {
      'application/json': {
        schema: z.strictObject({
          status: z.literal('ready'),
          held_out: z.strictObject({
            checked: describe(z.int(), {description: 'Number of examples that were recomputed'}),
            max_error: describe(z.number(), {
              description: 'Largest difference from a stored prediction, relative to it where it is above 1',
            }),
          }),
        }),
        examples: {ready: example},
      },
    },
    problems: [503],
  };
}

/** Describes `/model`. */
export function describeMetadata(example: unknown): Operation {
  const {name, version, metrics, provenance} = Artifact.shape;
  const feature = z.pick(Feature, {name: true, unit: true, min: true, max: true, mean: true});
  return {
    summary: 'What the model is: its features and targets, how well it predicts, and where it comes from',
    answer: {
      'application/json': {
        schema: z.strictObject({
          name,
          version,
          features: describe(z.array(feature), {
            description: 'In the order of a row; minimum, maximum and mean are those of the training rows',
          }),
          targets: z.array(z.pick(Target, {name: true, unit: true})),
          metrics: describe(metrics, {description: 'On the rows that were not trained on'}),
          held_out: describe(z.int(), {
            description: 'Number of examples that the readiness check recomputes',
          }),
          provenance,
        }),
        examples: {model: example},
      },
    },
    isKept: true,
    problems: [],
  };
}

/** Describes `/metrics`. */
export function describeMetrics(mediaType: string): Operation {
  return {
    summary: 'Counters and gauges for Prometheus',
    answer: {
      [mediaType]: {
        schema: z.string(),
        examples: {
          excerpt:
            '# HELP model_rows_predicted_total Rows predicted.\n# TYPE model_rows_predicted_total counter\nmodel_rows_predicted_total 30\n',
        },
      },
    },
    problems: [],
  };
}
