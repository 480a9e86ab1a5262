import type {Cors} from '../access/cors.ts';
import type {Guard} from '../access/guard.ts';
import {type Artifact, ArtifactError} from '../artifact/artifact.ts';
import {verifyHeldOut} from '../model/predict.ts';
import type {RequestEntry} from '../observe/log.ts';
import {createMetrics, type Metric, type ServerMetrics} from '../observe/metrics.ts';
import {createPredictor, type Predictor} from '../rows/predictor.ts';
import {createSchemas, type Schemas} from '../rows/schemas.ts';
import type {Phase} from './reply.ts';
import {createWork, type Work} from './turns.ts';

export type ServiceOptions = {
  maxBodyBytes: number;
  maxRows: number;
  phase: () => Phase;
  /** Decides who may ask; undefined where everybody may. */
  guard?: Guard | undefined;
  /** What scripts of other sites are told; undefined where none may ask. */
  cors?: Cors | undefined;
  newRequestId: () => string;
  /** A clock in milliseconds; only differences are used. */
  now: () => number;
  onRequest?: ((entry: RequestEntry) => void) | undefined;
  onError?: ((id: string, error: unknown) => void) | undefined;
  /** Told of columns and params that were ignored. */
  onIgnored?: ((entry: {id: string; route: string; ignored: number}) => void) | undefined;
  /** Lists the metrics that only the program around the service knows; asked at every scrape. */
  extraMetrics?: (() => readonly Metric[]) | undefined;
  /** The model card, where the model came with one. */
  card?: string | undefined;
  /** Reads a file that came with the server, by its name; undefined where it did not come. */
  readFile?: ((name: string) => Promise<Uint8Array<ArrayBuffer> | undefined>) | undefined;
  /** Paths on which Vertex AI asks, where it runs the server. */
  vertex?: {healthRoute?: string | undefined; predictRoute?: string | undefined} | undefined;
};

/** One model and all that its routes share. */
export type Service = ServiceOptions & {
  artifact: Artifact;
  /** Made when first used: a server that only gets plain JSON rows never needs them. */
  readonly schemas: Schemas;
  predictor: Predictor;
  metrics: ServerMetrics;
  /** The agreement of the recomputed held-out examples with those stored when the model was trained. */
  heldOut: {checked: number; maxError: number};
  work: Work;
};

/** @throws ArtifactError when the model does not reproduce its own held-out predictions. */
export function createService(artifact: Artifact, options: ServiceOptions): Service {
  const heldOut = verifyHeldOut(artifact);
  if (heldOut.status === 'disagrees') {
    throw new ArtifactError(
      `Model ${artifact.name} ${artifact.version} does not reproduce its held-out predictions: ${
        heldOut.rows.length
      } of ${heldOut.checked} disagree (first: row ${heldOut.rows[0]}; largest error ${
        heldOut.maxError
      }). Train again with \`npm run train\`.`,
    );
  }
  const predictor = createPredictor(artifact);
  let schemas: Schemas | undefined;
  return {
    ...options,
    artifact,
    heldOut,
    predictor,
    work: createWork(),
    metrics: createMetrics(artifact, predictor.tally),
    get schemas() {
      schemas ??= createSchemas(artifact);
      return schemas;
    },
  };
}
