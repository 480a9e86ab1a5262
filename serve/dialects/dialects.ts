import type {Dialect} from './dialect.ts';
import {invocations} from './invocations.ts';
import {kserveV1} from './kserve-v1.ts';
import {openInference} from './open-inference/open-inference.ts';
import {predict} from './predict/predict.ts';
import {server} from './server/server.ts';
import {vertex} from './vertex.ts';

/** All that the server speaks. Where two have a path, the first has it: Vertex AI chooses its paths itself. */
export const dialects: readonly Dialect[] = [vertex, predict, server, openInference, kserveV1, invocations];
